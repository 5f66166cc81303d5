"""Files of chats are kept for a while; the oldest of a use goes first."""

from sandbox import hub_files
from sandbox.hub_files import CUSTOMER, HUB, keep_file, keeps
from sandbox.store import Store


def test_the_oldest_of_a_use_goes() -> None:
    store = Store()
    try:
        first = keep_file(store, CUSTOMER, "", "", b"1")
        ours = [keep_file(store, HUB, f"{n}.pdf", "", b"1") for n in range(hub_files.KEPT + 1)]
        assert (first.name, first.size) == ("file", 1)
        assert store.number("SELECT count(*) FROM hub_file") == hub_files.KEPT + 1
        assert not keeps(store, "http://h" + ours[0].path)
        assert keeps(store, "http://h" + ours[-1].path)
        assert not keeps(store, "http://h" + first.path)  # a customer's is not the shop's to write
    finally:
        store.close()

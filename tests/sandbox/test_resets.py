"""Starting over keeps accounts, templates and named phones."""

from sandbox.delivery import deliver_due
from sandbox.inbox import list_messages, list_received, list_rooms
from sandbox.phones import count_phones, name_phone
from sandbox.resets import reset
from sandbox.reviews import list_templates
from sandbox.store import Store
from sandbox.talks import say
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, KEY, accept


def test_reset(store: Store, clock: Clock) -> None:
    accept(store, HANA, "01077771234")
    clock.pass_s(1)
    deliver_due(store)
    say(store, HANA, KEY, "안녕하세요")
    last = list_messages(store, HANA)[-1].arrival or 0
    reset(store)
    assert list_received(store) == []
    assert list_rooms(store, HANA) == []
    assert store.number("SELECT count(*) FROM outbox") == 0
    assert count_phones(store) == 10
    assert len(list_templates(store)) == 1
    accept(store, HANA, request_id="R2")
    clock.pass_s(1)
    deliver_due(store)
    assert [one.arrival for one in list_received(store, after=last)] == [last + 1]


def test_a_phone_named_after_a_reset_has_its_own_place(store: Store) -> None:
    reset(store)
    with store.tx():
        name_phone(store, "01077771234", "새 손님")
    ranks = [row["rank"] for row in store.all("SELECT rank FROM phone")]
    assert len(set(ranks)) == len(ranks)

"""The relay's calls in words: each promise has its own."""

import pytest

from sandbox.exchanges import Exchange
from sandbox.meaning import Reading
from sandbox.relay_documented import FORMS
from sandbox.relay_meaning import read
from sandbox.store import Store
from tests.sandbox.relays import account

SEND = FORMS["POST /messages"]


@pytest.mark.parametrize("kind", ["dedupe", "look_up", "window_look_up", "blind"])
def test_promises(store: Store, kind: str) -> None:
    account(store, kind)
    row = store.one("SELECT id FROM relay_account")
    assert row
    one = Exchange(
        1, 0, "POST", "/relay/messages", "", (), b"", 200, b"", 1, account=row["id"], route="sms"
    )
    found = read(Reading(store, one, SEND, {"messages": [{"to": 5, "ref": []}]}, {"results": {}}))
    assert found.promise.ko.startswith(f"{kind}:")
    assert (found.asks.ko, found.says.ko) == ("문자(SMS) 1건", "0건 접수")

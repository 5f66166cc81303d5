"""Chaos on the consultation hub: who a call is about, and a line that is spoken all the same."""

import pytest

from sandbox.outbound import customer_key
from sandbox.talks import say
from tests.sandbox.askers import Asker, meet_all
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY

CHAT = "/consult/v1/chat/write"


@pytest.fixture
async def asker(quiet: Running) -> Asker:
    return meet_all(quiet)


async def test_a_chat_line_is_spoken_although_the_hub_fails(asker: Asker) -> None:
    store = asker.running.store
    say(store, HANA, KEY, "안녕하세요")
    body = {
        "user_key": customer_key(store, HANA, KEY),
        "sender_key": KEY,
        "serial_number": "s-1",
        "message_type": "TX",
        "message": "네",
    }
    rule = {"effect": "http_status", "status": 500, "accepted": True, "provider": "consult"}
    asker.arm({**rule, "call": "chat", "number": "1001", "count": 1}, {**rule, "call": "any"})
    assert (await asker.ask("consult", "POST", CHAT, {**body, "user_key": "x"})).json()["code"] < 0
    assert asker.acted == [0, 1]
    assert (await asker.ask("consult", "POST", CHAT, body)).status_code == 500
    assert asker.acted == [1, 1]
    assert store.number("SELECT count(*) FROM message WHERE ref = 's-1'") == 1

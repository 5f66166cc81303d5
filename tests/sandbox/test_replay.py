"""The same call again: marked, with its secrets, signed anew where a signature is used up."""

import pytest

from sandbox.chaos.rules import Rule
from sandbox.exchanges import Exchange
from sandbox.replay import CannotReplay, replay
from sandbox.store import Store
from tests.sandbox import relays, solapi_shop
from tests.sandbox.server import Running
from tests.sandbox.shop import CLIENT_SECRET, HANA, notice, send

API = "/desk/api/requests"


async def test_a_call_is_sent_again_with_its_secrets(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    answer = await quiet.client.post(f"{API}/1/replay")
    made = answer.json()
    assert (answer.status_code, made["seq"], made["replay_of"]) == (201, 2, 1)
    assert made["meaning"]["says"]["ko"] == "1건 접수"
    assert made["body"] == (await quiet.client.get(f"{API}/1")).json()["body"]
    assert (await quiet.client.get(f"{API}/1")).json()["replayed_by"] == [2]
    assert quiet.store.number("SELECT count(*) FROM message") == 2
    assert len(quiet.store.exchanges) == 2, "the replay itself is no call of a provider"


async def test_the_same_key_is_refused_as_the_provider_does(quiet: Running) -> None:
    await send(quiet.client, notice(HANA), key="k1")
    made = (await quiet.client.post(f"{API}/1/replay")).json()
    assert made["code"] == -1005


async def test_solapi_gets_a_signature_of_this_moment(quiet: Running) -> None:
    solapi_shop.settle_in(quiet.store)
    caller = solapi_shop.Caller(quiet.client, quiet.store)
    await caller.send(solapi_shop.text())
    made = (await quiet.client.post(f"{API}/1/replay")).json()
    assert (made["status"], made["meaning"]["says"]["ko"]) == (200, "1건 접수")
    signatures = {one.header("authorization") for one in quiet.store.exchanges}
    assert len(signatures) == 2


async def test_what_was_signed_wrongly_goes_out_as_it_was(quiet: Running) -> None:
    solapi_shop.settle_in(quiet.store)
    caller = solapi_shop.Caller(quiet.client, quiet.store, secret="WRONG")
    await caller.ask("GET", "/cash/v1/balance")
    made = (await quiet.client.post(f"{API}/1/replay")).json()
    assert (made["status"], made["code"]) == (403, "SignatureDoesNotMatch")


async def test_a_relay_and_the_hub_are_asked_with_their_keys(quiet: Running) -> None:
    relays.account(quiet.store)
    row = {"ref": "R1", "to": HANA, "sender": relays.SENDER, "text": "글"}
    await relays.ask(quiet.client, "POST", "/messages", {"route": "sms", "messages": [row]})
    made = (await quiet.client.post(f"{API}/1/replay")).json()
    assert (made["status"], made["meaning"]["says"]["ko"]) == (200, "1건 접수")
    await quiet.client.post("/consult/v1/chat/write", json={}, headers=CLIENT_SECRET)
    made = (await quiet.client.post(f"{API}/3/replay")).json()
    assert (made["status"], made["code"]) == (200, -400)


async def test_a_lost_answer_is_a_call_without_one(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    rule = Rule(effect="timeout_after", seconds=0)
    quiet.store.chaos.arm([rule], 0)
    made = (await quiet.client.post(f"{API}/1/replay")).json()
    assert (made["status"], made["meaning"]["says"]["ko"]) == (None, "답을 주지 않았어요")
    assert made["afterwards"]["counts"] == {"waiting": 1}, "found by its reference"


async def test_half_a_body_is_not_sent(store: Store) -> None:
    half = Exchange(1, 0, "POST", "/nhn/x", "", (), b"{", 200, b"", 1, whole=False)
    with pytest.raises(CannotReplay):
        await replay(lambda *_: pytest.fail("it was sent"), store, half)

"""Send calls that fail on demand: what was taken, and what the caller saw."""

import asyncio
import time
from typing import Any

import httpx
import orjson
import pytest

from sandbox.accounts import Channel, RelayKeys, put_relay
from sandbox.chaos.rules import Rule
from sandbox.chaos.sending import ends
from sandbox.store import Store
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, CALLER, HANA, SECRET, notice, send, send_text

GONE = (httpx.RemoteProtocolError, httpx.ReadError)


def arm(store: Store, *rules: dict[str, Any], seed: int = 1) -> None:
    store.chaos.arm([Rule(**rule) for rule in rules], seed)


def taken(store: Store) -> int:
    return store.number("SELECT count(*) FROM message")


def acted(store: Store) -> list[int]:
    return [one.acted for one in store.chaos.armed]


async def post(running: Running, *numbers: str) -> httpx.Response:
    return await running.client.post(
        f"{ALIMTALK}/raw-messages", json=notice(*numbers or (HANA,)), headers=SECRET
    )


@pytest.mark.parametrize(("effect", "left"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_no_answer_comes(running: Running, effect: str, left: int) -> None:
    arm(running.store, {"effect": effect, "seconds": 0.2, "count": 1})
    began = time.monotonic()
    with pytest.raises(GONE):
        await post(running)
    assert time.monotonic() - began >= 0.2
    assert taken(running.store) == left
    assert (await post(running)).json()["header"]["resultCode"] == 0
    assert (taken(running.store), acted(running.store)) == (left + 1, [1])


async def test_a_caller_who_leaves_is_not_waited_for(running: Running) -> None:
    arm(running.store, {"effect": "timeout_after", "seconds": 60})
    with pytest.raises(httpx.ReadTimeout):
        await running.client.post(
            f"{ALIMTALK}/raw-messages", json=notice(HANA), headers=SECRET, timeout=0.2
        )
    await running.until(lambda: running.store.exchanges)
    assert running.store.exchanges[0].status is None
    assert taken(running.store) == 1


@pytest.mark.parametrize(("accepted", "left"), [(False, 0), (True, 1)])
async def test_a_status_comes_with_or_without_acceptance(
    quiet: Running, accepted: bool, left: int
) -> None:
    rule = {"effect": "http_status", "status": 503, "accepted": accepted, "retry_after_s": 9}
    arm(quiet.store, rule)
    answer = await post(quiet)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "9")
    assert taken(quiet.store) == left


async def test_throttled(quiet: Running) -> None:
    arm(quiet.store, {"effect": "throttle", "retry_after_s": 3})
    answer = await post(quiet)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert taken(quiet.store) == 0


def readable(content: bytes) -> object:
    try:
        return orjson.loads(content) or None
    except orjson.JSONDecodeError:
        return None


@pytest.mark.parametrize("body", ["html", "cut_json", "charset", "null", "list", None])
@pytest.mark.parametrize("accepted", [True, False])
async def test_garbage_has_status_200_and_cannot_be_read(
    quiet: Running, body: str | None, accepted: bool
) -> None:
    arm(quiet.store, {"effect": "garbage", "body": body, "accepted": accepted})
    answer = await post(quiet)
    assert answer.status_code == 200
    assert readable(answer.content) is None
    assert taken(quiet.store) == accepted


async def test_garbage_comes_in_every_kind(quiet: Running) -> None:
    arm(quiet.store, {"effect": "garbage"})
    seen = {(await post(quiet)).content[:4] for _ in range(40)}
    assert len(seen) == 5


async def test_an_answer_drips(running: Running) -> None:
    arm(running.store, {"effect": "drip", "seconds": 0.001})
    assert (await post(running)).json()["header"]["isSuccessful"] is True
    arm(running.store, {"effect": "drip"})
    with pytest.raises(httpx.ReadTimeout):
        async with asyncio.timeout(60):
            await running.client.post(
                f"{ALIMTALK}/raw-messages", json=notice(HANA), headers=SECRET, timeout=0.3
            )
    assert taken(running.store) == 2


async def test_a_code_of_the_providers_own(quiet: Running) -> None:
    arm(quiet.store, {"effect": "error_code", "code": "-1005"})
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == -1005
    text = await send_text(quiet.client, "안녕하세요", HANA)
    assert text["header"]["resultCode"] == -1005
    assert taken(quiet.store) == 0


async def test_delays_add_up_and_what_follows_still_acts(quiet: Running) -> None:
    slow = {"effect": "delay", "seconds": 0.1}
    arm(quiet.store, slow, {**slow, "accepted": True}, {"effect": "throttle"})
    began = time.monotonic()
    assert (await post(quiet)).status_code == 429
    assert time.monotonic() - began >= 0.1
    arm(quiet.store, slow, {**slow, "accepted": True})
    began = time.monotonic()
    assert (await post(quiet)).status_code == 200
    assert time.monotonic() - began >= 0.2


async def test_only_whom_a_rule_names(quiet: Running) -> None:
    arm(
        quiet.store,
        {"effect": "throttle", "number": "1001"},
        {"effect": "throttle", "template": "OTHER"},
        {"effect": "throttle", "route": "sms"},
        {"effect": "throttle", "account": "AK9"},
    )
    assert (await post(quiet, "01055550001")).status_code == 200
    assert (await post(quiet, "01055550001", "010-0000-1001")).status_code == 429
    assert acted(quiet.store) == [1, 0, 0, 0]
    body = {"recipientList": "nonsense"}
    odd = await quiet.client.post(f"{ALIMTALK}/raw-messages", json=body, headers=SECRET)
    assert odd.json()["header"]["resultCode"] != 0


async def test_a_refusal_is_told_and_nothing_is_hidden(quiet: Running) -> None:
    arm(quiet.store, {"effect": "timeout_after"})
    refused = await send(quiet.client, {**notice(HANA), "templateCode": "NONE"})
    assert refused["header"]["resultCode"] == -3003


async def test_the_relay_fails_too(quiet: Running) -> None:
    put_relay(quiet.store, RelayKeys("k1", "s1"), [Channel("c" * 40)], [CALLER])
    (account,) = quiet.store.all("SELECT id FROM relay_account")
    row = {"ref": "a", "to": HANA, "sender": CALLER, "text": "안녕하세요"}
    body = {"key": "c", "route": "sms", "messages": [row]}

    async def ask() -> httpx.Response:
        key = {"Authorization": "Bearer k1"}
        return await quiet.client.post("/relay/messages", json=body, headers=key)

    named = {"provider": "relay", "account": account["id"], "count": 1, "number": "1001"}
    arm(
        quiet.store,
        {"effect": "error_code", "code": "quota", **named},
        {"effect": "http_status", "status": 500, "accepted": True, **named},
    )
    refused = await ask()
    assert (refused.status_code, refused.json()["code"]) == (422, "quota")
    assert (await ask()).status_code == 500
    assert taken(quiet.store) == 1
    assert (await ask()).json()["results"][0]["status"] == "accepted"


def test_an_ending_counts_digits_only() -> None:
    assert ends("010-0000-1001", "001001")
    assert not ends("010-0000-1001", "1002")
    assert not ends(None, "1")

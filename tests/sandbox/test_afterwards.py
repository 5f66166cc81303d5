"""What happened after a call: messages and callbacks, also when the answer was lost."""

from typing import Any

import httpx
import pytest

from sandbox.afterwards import After, after_of
from sandbox.chaos.rules import Rule
from sandbox.inspector import meaning_of
from tests.sandbox import solapi_shop
from tests.sandbox.server import Running, receive
from tests.sandbox.shop import HANA, NO_KAKAO, OFF, notice, send, send_text, settle_in


def after(running: Running, place: int = -1) -> After:
    one = running.store.exchanges[place]
    return after_of(running.store, one, meaning_of(running.store, one))


def fates(found: After) -> list[tuple[str, str, str]]:
    return [(one.number, one.state, one.code) for one in found.fates]


async def test_messages_and_webhooks_of_a_call(running: Running) -> None:
    async with receive() as receiver:
        settle_in(running.store, f"{receiver.url}/hook/very-secret-path")
        await send(running.client, notice(HANA, NO_KAKAO, OFF))
        await send(running.client, notice("01000001002"))
        await running.until(lambda: after(running, 0).counts.get("arrived"))
        await receiver.until(2)
        await running.until(lambda: any(one.delivered for one in after(running, 0).told))
    found = after(running, 0)
    assert fates(found) == [
        (HANA, "arrived", "1000"), (NO_KAKAO, "failed", "3019"), (OFF, "held", "3005"),
    ]  # fmt: skip
    assert found.counts == {"arrived": 1, "failed": 1, "held": 1}
    assert found.fates[0].name == "한가온"
    assert found.fates[1].why.en == "not on KakaoTalk"
    assert {(one.to, one.status) for one in found.told} == {(receiver.url, 200)}
    assert fates(after(running, 1)) == [("01000001002", "arrived", "1000")]


async def test_a_webhook_that_waits_is_told(running: Running) -> None:
    async with receive() as receiver:
        receiver.statuses = [500]
        settle_in(running.store, receiver.url)
        await send_text(running.client, "글", HANA)
        await receiver.until(1)
        await running.until(lambda: len(after(running).told) == 2)
        tries = [(one.status, one.tries, one.delivered) for one in after(running).told]
    assert tries == [(500, 1, False), (None, 2, None)]


@pytest.mark.parametrize("effect", ["timeout_after", "garbage"])
async def test_what_was_taken_is_found_without_an_answer(running: Running, effect: str) -> None:
    more: dict[str, Any] = {"body": "html"} if effect == "garbage" else {"seconds": 0}
    running.store.chaos.arm([Rule(effect=effect, **more)], 0)
    with pytest.raises((httpx.TransportError, ValueError)):  # cut, or unreadable
        await send(running.client, notice(HANA))
    await running.until(lambda: after(running).counts.get("arrived"))
    assert fates(after(running)) == [(HANA, "arrived", "1000")]


async def test_solapi_has_codes_of_its_own(running: Running) -> None:
    solapi_shop.settle_in(running.store)
    caller = solapi_shop.Caller(running.client, running.store)
    await caller.send(solapi_shop.notice(NO_KAKAO, disableSms=True), solapi_shop.text(HANA))
    await running.until(lambda: "waiting" not in after(running).counts)
    assert fates(after(running)) == [(NO_KAKAO, "failed", "3104"), (HANA, "arrived", "4000")]
    assert [one.again for one in after(running).fates] == [0, 0]


async def test_a_reference_that_arrives_twice_is_told(running: Running) -> None:
    for _ in range(2):
        await send(running.client, notice(HANA))
    await running.until(lambda: after(running).counts.get("arrived"))
    assert [one.again for one in after(running).fates] == [2]


async def test_a_call_that_sent_nothing_has_no_afterwards(running: Running) -> None:
    await running.client.get("/nhn/nothing")
    assert after(running) == After({}, [], [])

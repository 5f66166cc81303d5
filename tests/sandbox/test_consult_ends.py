"""Ending by way of the bot, and blocking a customer."""

from typing import Any

import pytest

from sandbox.inbox import list_messages
from sandbox.talks import CannotDo, say
from tests.sandbox.server import Running
from tests.sandbox.shop import CLIENT_SECRET, HANA, KEY
from tests.sandbox.test_consult import letter, post


async def with_bot(running: Running, **more: Any) -> dict[str, Any]:
    body = letter(running) | more
    path = "/consult/kakaoWebhook/v3/bzc/chat/endWithBot"
    answer = await running.client.post(path, json=body, headers=CLIENT_SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def test_the_bot_goes_on_and_tells_what_it_ended(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert await with_bot(quiet, bot_event="delivery") == {"code": 0, "session_id": "1"}
    assert list_messages(quiet.store, HANA)[-1].text == "챗봇으로 돌아갔습니다 (delivery)"
    assert await with_bot(quiet) == {"code": 0}  # nothing was open
    assert (await with_bot(quiet, bot_event="e" * 101))["code"] == -400
    assert (await with_bot(quiet, sender_key="f" * 40))["code"] == -501


async def test_a_blocked_customer_cannot_write(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert (await post(quiet, "block", letter(quiet)))["code"] == 0
    assert (await post(quiet, "write", letter(quiet)))["code"] == -599
    with pytest.raises(CannotDo) as refused:
        say(quiet.store, HANA, KEY, "왜요")
    assert refused.value.code == "barred"
    assert (await post(quiet, "unblock", letter(quiet)))["code"] == 0
    assert say(quiet.store, HANA, KEY, "다시").text == "다시"

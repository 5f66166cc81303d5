"""Calls to bots: guarded, signed, within their budget, and their failures have codes."""

from typing import Any

import pytest

from app.db.models.fields import now as clock
from app.guard import Guard
from app.services import bot_calls, webhooks
from app.services.bot_calls import Notice, Question, Who, ask
from app.services.bot_replies import BotFailed, Reply
from tests.app.services.botting import answer, http
from tests.consumer import Consumer, serving
from tests.hooks import guard, verify

SECRET = webhooks.new_secret()


def question(url: str, kind: str = "skill", rules: str = "", **more: Any) -> Question:
    who = Who("b1", "나루봇", kind, rules, url, SECRET, "user", "channel")
    given: dict[str, Any] = {"id": "t1", "who": who, "text": "언제 와요", "at": clock()}
    return Question(**(given | more))


async def failed(asked: Question, client: Guard) -> tuple[str, bool]:
    with pytest.raises(BotFailed) as failure:
        await ask(client, asked)
    return failure.value.code, failure.value.final


async def test_a_skill_is_told_signed_and_without_values_of_the_notice() -> None:
    server = Consumer(answer=lambda heard: http(answer("네")))
    async with serving(server), guard() as client:
        notice = Notice("order_shipped", "order-42", {"고객명": "김나루"})
        reply = await ask(client, question(server.url(), notice=notice))
    assert isinstance(reply, Reply)
    body = verify(SECRET, server.heard[0])
    assert body["userRequest"]["params"]["notice"] == {
        "template": "order_shipped",
        "reference": "order-42",
    }
    assert "김나루" not in server.heard[0].body.decode()
    assert server.heard[0].headers["webhook-id"] == "t1"


async def test_who_wants_a_person_is_not_told_to_a_skill() -> None:
    async with guard() as client:
        reply = await ask(client, question("http://127.0.0.1:1/", text="상담원"))
        assert isinstance(reply, Reply)
        assert reply.hand_off == "asked"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1/", "connect"),
        ("https://10.0.0.1/", "no_public_address"),
        ("https://[::1", "bad_url"),
    ],
)
async def test_an_address_that_leads_nowhere(url: str, code: str) -> None:
    async with guard() as client:
        assert await failed(question(url), client) == (code, False)


async def test_a_redirect_is_not_followed_and_a_slow_one_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Consumer(answer=lambda heard: b"HTTP/1.1 302 X\r\nLocation: /\r\n\r\n")
    async with serving(server), guard() as client:
        assert await failed(question(server.url()), client) == ("http_302", False)
        assert server.connections == 1
        monkeypatch.setattr(bot_calls, "BUDGET_S", 0.05)
        server.hangs_s = 0.5
        assert await failed(question(server.url()), client) == ("timeout", False)


async def test_rules_that_cannot_be_read_any_more_are_final() -> None:
    async with guard() as client:
        assert await failed(question("", "rules", "x"), client) == ("bad_rules", True)


async def test_a_look_up_is_told_the_notice_and_its_last_failure_is_a_person_s() -> None:
    server = Consumer(answer=lambda heard: http({"found": "?"}))
    async with serving(server), guard() as client:
        rules = (
            f'[lookups.l]\nurl = "{server.url()}"\n'
            '[menus.start]\ntext = "#{상태}"\nlookup = "l"\n'
        )
        notice = Notice("t", "r", {"주문번호": "42"})
        asked = question("", "rules", rules, notice=notice)
        assert await failed(asked, client) == ("bad_lookup", False)
        reply = await ask(client, question("", "rules", rules, notice=notice, last=True))
        assert isinstance(reply, Reply)
        assert reply.hand_off == "lookup_failed"
        server.answer = lambda heard: http({"found": True, "values": {"상태": "배송 중"}})
        reply = await ask(client, asked)
        assert isinstance(reply, Reply)
        assert reply.says[0].text.startswith("배송 중")
    assert verify(SECRET, server.heard[0]) == {
        "version": "1",
        "lookup": "l",
        "input": "",
        "user": "user",
        "notice": {"template": "t", "reference": "r", "variables": {"주문번호": "42"}},
    }

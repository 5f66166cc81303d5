"""What customers do, in any order: rooms, permits, cases, and ties to the notice they answer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from app.db.models import Case, ChatMessage, ChatSession, InboundEvent, ReplyToken, Thread
from app.ids import new_id, new_token
from app.services.inbound import PRESSED, PRESSED_UNKNOWN
from tests.app.services.talks import CUSTOMER, PAST, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def test_a_first_message_opens_room_permit_and_case(talk: Talk) -> None:
    await talk.hear("배송 언제 오나요", time=1_780_000_000_000)
    thread, session = await talk.only(Thread), await talk.only(ChatSession)
    case, line = await talk.only(Case), await talk.only(ChatMessage)
    event = await talk.only(InboundEvent)
    assert (case.number, case.state, case.owner_kind, case.epoch) == (1, "queued", "none", 1)
    assert (case.opened_by, case.waiting_since) == ("customer", event.received_at)
    assert (session.platform_session, session.ended_at) == ("1", None)
    assert (line.case_id, line.chat_session_id, line.inbound_id) == (case.id, session.id, event.id)
    assert line.platform_at == datetime.fromtimestamp(1_780_000_000, UTC)
    assert (thread.last_in_at, thread.unread) == (event.received_at, 1)
    for kind in ("chat.session_opened", "case.opened", "chat.message_received"):
        assert [subject for subject, _ in await talk.events(kind)] == [thread.id]


async def test_each_message_extends_the_permit(talk: Talk) -> None:
    await talk.hear()
    await talk.change(ChatSession, expires_at=datetime.now(UTC) + timedelta(days=1))
    await talk.hear("또")
    session = await talk.only(ChatSession)
    assert session.expires_at > datetime.now(UTC) + timedelta(days=29)
    assert len(await talk.all(Case)) == 1


async def test_a_message_after_an_overdue_permit_opens_another(talk: Talk) -> None:
    await talk.hear()
    await talk.change(ChatSession, opened_at=PAST, expires_at=PAST + timedelta(days=30))
    await talk.hear("오랜만이에요")
    first, second = await talk.all(ChatSession)
    assert (first.end_reason, second.ended_at) == ("timeout", None)


async def test_customers_have_their_own_rooms(talk: Talk) -> None:
    await talk.hear()
    await talk.hear(user_key="another-one")
    threads = await talk.all(Thread)
    assert len(threads) == 2
    assert [case.number for case in await talk.all(Case)] == [1, 2]
    assert all(CUSTOMER.encode() not in one.sealed + one.user_key_hash for one in threads)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("photo", "image"),
        ("video", "video"),
        ("file", "file"),
        ("audio", "audio"),
        ("emoticon", "emoticon"),
        ("event", "unsupported"),  # a customer cannot write our own lines
        ("<script>alert(1)</script>", "unsupported"),
        ("text\x00", "unsupported"),
        ("'; DROP TABLE chat_message; --", "unsupported"),
        ("a" * 100_000, "unsupported"),
        (None, "unsupported"),
        ({"type": "text"}, "unsupported"),
        ([], "unsupported"),
        (7, "unsupported"),
    ],
)
async def test_hostile_kinds_become_lines(talk: Talk, told: Any, kind: str) -> None:
    content = {"url": "http://169.254.169.254/", "name": "\u202egpj.exe"}
    await talk.hear(content, type=told)
    (line,) = await talk.lines()
    assert line.kind == kind
    opened = talk.opened(line)
    assert opened["content"] == {"type": told, "content": content}


async def test_hostile_texts_are_kept_as_they_are(talk: Talk) -> None:
    for text in ("\x00", "😀", "<b>", "가" * 5_000, "\u202e", ""):
        await talk.hear(text)
    assert [talk.text(line) for line in await talk.lines()] == [
        "\x00", "😀", "<b>", "가" * 5_000, "\u202e", "",
    ]  # fmt: skip


@pytest.mark.parametrize("pressed_first", [True, False])
async def test_a_button_and_a_message_meet_in_either_order(talk: Talk, pressed_first: bool) -> None:
    notice, token = await talk.notice()
    if pressed_first:
        await talk.press(token)
        await talk.hear("언제 오나요")
    else:
        await talk.hear("언제 오나요")
        await talk.press(token)
        await talk.apply()
    case, thread = await talk.only(Case), await talk.only(Thread)
    assert (case.notice_id, case.opened_by, case.state) == (notice, "notice", "queued")
    assert thread.notice_id == notice
    lines = {line.kind: line for line in await talk.lines()}
    assert talk.text(lines["event"]) == PRESSED
    assert {(line.notice_id, line.link_confidence) for line in lines.values()} == {(notice, 1.0)}
    told = await talk.events("reply.received")
    assert {subject for subject, _ in told} == {notice}
    assert sorted(data["what"] for _, data in told) == ["button", "message"]
    assert len(await talk.all(ChatSession)) == 1


async def test_one_callback_twenty_times_at_once_is_one_line(talk: Talk) -> None:
    """Stored, applied, and told once, however often and however many workers."""
    body = talk.body(type="text", content="언제 오나요")
    await asyncio.gather(*(talk.store("message", body) for _ in range(20)))
    await asyncio.gather(*(talk.apply() for _ in range(3)))
    assert [talk.text(line) for line in await talk.lines()] == ["언제 오나요"]
    assert len(await talk.events("chat.message_received")) == 1
    assert (await talk.only(Thread)).unread == 1


async def test_a_press_alone_opens_permit_and_case(talk: Talk) -> None:
    notice, token = await talk.notice()
    await talk.press(token)
    await talk.apply()
    assert (await talk.only(ChatSession)).ended_at is None
    case = await talk.only(Case)
    assert (case.state, case.notice_id) == ("queued", notice)
    assert (await talk.only(Thread)).unread == 0


async def test_a_press_told_again_changes_nothing(talk: Talk) -> None:
    _, token = await talk.notice()
    for moment in range(5):
        await talk.press(token, time=1_780_000_000_000 + moment)
    await talk.apply()
    assert len(await talk.lines()) == 1
    assert len(await talk.events("reply.received")) == 1


async def test_only_what_was_just_said_is_tied(talk: Talk) -> None:
    notice, token = await talk.notice()
    await talk.hear("예전 이야기")
    await talk.change(ChatMessage, created_at=PAST)
    await talk.hear("방금 1")
    await talk.hear("방금 2")
    await talk.press(token)
    await talk.apply()
    tied = [talk.text(line) for line in await talk.lines() if line.notice_id == notice]
    assert tied == ["방금 1", "방금 2", PRESSED]


async def test_nothing_before_an_agents_line_is_tied(talk: Talk) -> None:
    notice, token = await talk.notice()
    await talk.hear("먼저")
    await talk.post()
    await talk.press(token)
    await talk.apply()
    tied = [talk.text(line) for line in await talk.lines() if line.notice_id == notice]
    assert tied == [PRESSED]


async def test_an_earlier_token_is_less_sure_and_gives_way(talk: Talk) -> None:
    earlier, earlier_token = await talk.notice()
    notice, token = await talk.notice()
    await talk.press(last=earlier_token)
    await talk.hear("질문")
    assert {(line.notice_id, line.link_confidence) for line in await talk.lines()} == {
        (earlier, 0.8)
    }
    await talk.press(token)
    await talk.apply()
    assert (await talk.only(Case)).notice_id == notice
    await talk.press(last=earlier_token, session_id="1", time=1_780_000_000_001)
    await talk.hear("또 질문")
    assert (await talk.only(Case)).notice_id == notice
    last = (await talk.lines())[-1]
    assert (last.notice_id, last.link_confidence) == (notice, 1.0)


async def test_tokens_we_do_not_know_are_only_a_line(talk: Talk) -> None:
    _, old = await talk.notice()
    await talk.change(ReplyToken, expires_at=PAST)
    _, foreign = await talk.notice()
    await talk.change(ReplyToken, ReplyToken.token == foreign, workspace_id=new_id())
    for token in (old, foreign, new_token(), "' OR 1=1 --", "x" * 10_000, ""):
        await talk.press(token)
    await talk.apply()
    assert {talk.text(line) for line in await talk.lines()} == {PRESSED_UNKNOWN}
    assert await talk.all(Case) == []
    assert await talk.all(ChatSession) == []
    assert await talk.events("reply.received") == []
    assert (await talk.only(Thread)).notice_id is None


async def test_a_token_on_a_message_ties_it(talk: Talk) -> None:
    notice, token = await talk.notice()
    await talk.hear("질문", extra=token)
    line = await talk.only(ChatMessage)
    assert (line.notice_id, line.link_confidence) == (notice, 1.0)
    await talk.hear("둘째")
    assert [one.notice_id for one in await talk.lines()] == [notice, notice]


async def test_an_ended_session_resolves_its_case(talk: Talk) -> None:
    await talk.hear()
    await talk.expire(reason="room_left")
    await talk.apply()
    session, case = await talk.only(ChatSession), await talk.only(Case)
    assert session.end_reason == "room_left"
    assert (case.state, case.resolved_at) == ("resolved", session.ended_at)
    assert talk.text((await talk.lines())[-1]) == "고객이 채팅방을 나갔어요"
    ((_, data),) = await talk.events("case.state")
    assert (data["state"], data["reason"]) == ("resolved", "session_ended")
    assert len(await talk.events("chat.session_ended")) == 1


@pytest.mark.parametrize("reason", [None, 7, [], "<b>", "x" * 1_000, "refused!"])
async def test_reasons_of_an_end_are_a_closed_list(talk: Talk, reason: Any) -> None:
    await talk.hear()
    await talk.expire(reason=reason)
    await talk.apply()
    assert (await talk.only(ChatSession)).end_reason == "unknown"


async def test_an_end_told_twice_or_for_nobody_changes_nothing(talk: Talk) -> None:
    await talk.expire(user_key="nobody")
    await talk.hear()
    await talk.expire()
    await talk.expire(time=1)
    await talk.apply()
    assert len(await talk.lines()) == 2
    assert len(await talk.events("chat.session_ended")) == 1
    assert len(await talk.all(ChatSession)) == 1


async def test_a_late_end_of_an_older_session_leaves_the_newer_open(talk: Talk) -> None:
    await talk.hear(session_id="1")
    await talk.expire(session_id="1")
    await talk.hear(session_id="2")
    await talk.expire(session_id="1", time=5)
    await talk.apply()
    assert [one.ended_at is None for one in await talk.all(ChatSession)] == [False, True]


@pytest.mark.parametrize("order", list(permutations(("say", "press", "expire"))))
async def test_every_order_of_one_session_ends_it(talk: Talk, order: tuple[str, ...]) -> None:
    """The room is known; then a message, a press and the end of session 2 arrive in any order."""
    notice, token = await talk.notice()
    await talk.hear(session_id="1")
    await talk.expire(session_id="1")
    await talk.apply()
    acts = {
        "say": lambda: talk.hear("둘째", session_id="2"),
        "press": lambda: talk.press(token, session_id="2"),
        "expire": lambda: talk.expire(session_id="2"),
    }
    for act in order:
        await acts[act]()
        await talk.apply()
    assert all(one.ended_at is not None for one in await talk.all(ChatSession))
    said = [line for line in await talk.lines() if line.author_kind == "customer"]
    assert [(talk.text(line), line.notice_id) for line in said] == [
        ("안녕하세요", None),
        ("둘째", notice),
    ]


async def test_an_old_session_id_that_speaks_again_is_open_again(talk: Talk) -> None:
    await talk.hear(session_id="1")
    await talk.expire(session_id="1")
    await talk.apply()
    await talk.change(ChatSession, ended_at=datetime.now(UTC) - timedelta(hours=1))
    await talk.hear("또 왔어요", session_id="1")
    assert [one.ended_at is None for one in await talk.all(ChatSession)] == [False, True]

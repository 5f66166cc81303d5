"""Agents' answers leave once, in order, and say so when nobody knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.db.models import Case, ChatMessage, ChatSession, ProviderAccount
from app.ids import to_ref
from scheduler.chats import send_due
from tests.app.services.talks import CUSTOMER, NO_SESSION, PAST, SENDER_KEY, Talk, reply, talking
from tests.channels.sockets import write
from tests.scheduler.dying import die, due_now


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def mine(talk: Talk) -> list[ChatMessage]:
    """The agent's lines."""
    return [line for line in await talk.lines() if line.author_kind == "agent"]


async def test_an_answer_leaves_once(talk: Talk) -> None:
    posted = await talk.post("네, 오늘 출발해요")
    assert await talk.send() == 1
    assert await talk.send() == 0
    assert talk.sent() == [
        {
            "user_key": CUSTOMER,
            "sender_key": SENDER_KEY,
            "serial_number": to_ref(posted.message.id),
            "message_type": "TX",
            "message": "네, 오늘 출발해요",
        }
    ]
    (line,) = await mine(talk)
    assert (line.status, line.due_at, line.tries) == ("sent", None, 1)
    assert [data["status"] for _, data in await talk.events("chat.message_state")] == [
        "queued", "sending", "sent",
    ]  # fmt: skip


async def test_two_schedulers_send_a_line_once(talk: Talk) -> None:
    await talk.post()
    await asyncio.gather(*(talk.send() for _ in range(5)))
    assert len(talk.hub.requests) == 1


async def test_lines_of_a_thread_leave_in_their_order(talk: Talk) -> None:
    epoch = 1
    for n in range(4):
        epoch = (await talk.post(f"{n}", epoch=epoch)).epoch
    while await talk.send():
        pass
    assert [body["message"] for body in talk.sent()] == ["0", "1", "2", "3"]


async def test_a_deferred_line_keeps_the_later_ones_waiting(talk: Talk) -> None:
    first = await talk.post("1")
    await talk.post("2", epoch=first.epoch)
    talk.answers.append(reply("", 503).replace(b"503", b"429"))
    assert await talk.send() == 1
    line = (await mine(talk))[0]
    assert (line.status, line.reason, line.tries) == ("queued", "throttled", 1)
    assert line.due_at is not None
    assert line.due_at > datetime.now(UTC)
    assert await talk.send() == 0  # the second may not overtake
    await due_now(talk)
    while await talk.send():
        pass
    assert [body["message"] for body in talk.sent()] == ["1", "1", "2"]
    assert talk.sent()[0]["serial_number"] == talk.sent()[1]["serial_number"]
    assert [line.status for line in await mine(talk)] == ["sent", "sent"]


async def test_waits_grow_and_stay(talk: Talk) -> None:
    await talk.post()
    waits = []
    for _ in range(len(talk.runtime.settings.retry_steps_s) + 2):
        talk.answers.append(reply("", 429))
        await talk.send()
        (line,) = await mine(talk)
        assert line.due_at is not None
        waits.append(round((line.due_at - datetime.now(UTC)).total_seconds()))
        await due_now(talk)
    steps = list(talk.runtime.settings.retry_steps_s)
    assert waits == pytest.approx([*steps, *steps[-1:] * 2], abs=1)


@pytest.mark.parametrize("answer", [reply("oops", 500), reply(""), reply("[]"), b""])
async def test_an_ambiguous_answer_is_never_sent_again(talk: Talk, answer: bytes) -> None:
    first = await talk.post("1")
    await talk.post("2", epoch=first.epoch)
    talk.answers.append(answer or b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{")
    while await talk.send():
        await due_now(talk)
    assert [body["message"] for body in talk.sent()] == ["1", "2"]
    assert [line.status for line in await mine(talk)] == ["unknown", "sent"]
    told = [data for _, data in await talk.events("chat.message_state")]
    assert [d["note"] for d in told if d["status"] == "unknown"] == [
        "보냈는지 아직 몰라요. 다시 보내면 고객이 두 번 받을 수 있어요"
    ]


async def test_a_refusal_is_final_and_says_why(talk: Talk) -> None:
    await talk.post()
    talk.answers.append(reply('{"code":"3014","message":"TooLong"}'))
    await talk.send()
    (line,) = await mine(talk)
    assert (line.status, line.reason, line.code) == ("failed", "too_long", "3014")
    assert await talk.send() == 0
    assert (await talk.only(ChatSession)).ended_at is None


async def test_no_chat_session_at_the_hub_ends_ours(talk: Talk) -> None:
    first = await talk.post("1")
    await talk.post("2", epoch=first.epoch)
    talk.answers.append(reply(f'{{"code":{NO_SESSION}}}'))
    while await talk.send():
        pass
    assert len(talk.hub.requests) == 1
    assert [(line.status, line.reason) for line in await mine(talk)] == [
        ("failed", "no_chat_session"),
        ("failed", "no_chat_session"),
    ]
    assert (await talk.only(ChatSession)).end_reason == "refused"
    assert (await talk.only(Case)).state == "resolved"
    await talk.hear("아직 있어요")  # the hub opens the same session anew
    assert [s.ended_at is None for s in await talk.all(ChatSession)] == [False, True]
    assert (await talk.only(Case)).state == "queued"


async def test_a_paused_account_keeps_its_lines(talk: Talk) -> None:
    await talk.post()
    talk.answers.append(reply("", 401))
    await talk.send()
    account = await talk.only(ProviderAccount)
    assert (account.state, (await mine(talk))[0].status) == ("paused", "queued")
    await due_now(talk)
    assert await talk.send() == 0
    await talk.change(ProviderAccount, paused_until=PAST)
    assert await talk.send() == 1
    assert (await mine(talk))[0].status == "sent"


async def test_an_account_without_an_adapter_keeps_its_lines(talk: Talk) -> None:
    await talk.post()
    await send_due(talk.runtime, talk.nobody)
    (line,) = await mine(talk)
    assert (line.status, line.tries) == ("queued", 0)
    await due_now(talk)
    assert await talk.send() == 1


async def test_a_chat_that_ended_while_waiting_gets_nothing(talk: Talk) -> None:
    await talk.post()
    await talk.expire()
    await talk.apply()
    await talk.send()
    assert talk.hub.requests == []
    assert [(line.status, line.reason) for line in await mine(talk)] == [
        ("failed", "no_chat_session")
    ]


async def test_a_worker_that_dies_while_sending_leaves_it_unknown(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def silent(number: int, writer: asyncio.StreamWriter) -> bool:
        asked.set()
        if number == 1:
            await asyncio.sleep(30)
        await write(writer, reply('{"code":0}'))
        return True

    async with talking(tmp_path, silent) as talk:
        await talk.hear()
        first = await talk.post("1")
        await talk.post("2", epoch=first.epoch)
        dying = asyncio.create_task(talk.send())
        await asked.wait()
        (line, _) = await mine(talk)
        assert line.status == "sending"  # committed before a byte left
        assert line.due_at is not None
        assert line.due_at <= datetime.now(UTC) + timedelta(seconds=3)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
        assert await talk.send() == 0  # its time is not over: the next line waits too
        await due_now(talk)
        while await talk.send():
            pass
        assert [line.status for line in await mine(talk)] == ["unknown", "sent"]
        assert [body["message"] for body in talk.sent()] == ["1", "2"]


async def test_a_late_answer_overwrites_nothing(tmp_path: Path) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow(number: int, writer: asyncio.StreamWriter) -> bool:
        asked.set()
        await go.wait()
        await write(writer, reply('{"code":0}'))
        return True

    async with talking(tmp_path, slow) as talk:
        await talk.hear()
        await talk.post()
        late = asyncio.create_task(talk.send())
        await asked.wait()
        await due_now(talk)
        assert await talk.send() == 1  # another worker judged it
        go.set()
        await late
        assert [line.status for line in await mine(talk)] == ["unknown"]
        ((_, data),) = await talk.events("chat.message_late")
        assert data["verdict"] == "accepted"


@pytest.mark.parametrize(("point", "reached"), [("C04", 0), ("C06", 1)])
async def test_a_killed_process_never_sends_twice(talk: Talk, point: str, reached: int) -> None:
    await talk.post()
    await die(talk, point)
    assert len(talk.hub.requests) == reached
    assert (await mine(talk))[0].status == "sending"
    await due_now(talk)
    assert await talk.send() == 1
    assert (await mine(talk))[0].status == "unknown"
    assert await talk.send() == 0
    assert len(talk.hub.requests) == reached


async def test_words_do_not_wait_for_files(talk: Talk) -> None:
    """Each loop of the scheduler claims its own kind; within a thread the order holds."""
    await talk.post("", attachments=(await talk.keep(),))
    await talk.post("또", epoch=2)
    assert await send_due(talk.runtime, talk.adapters, slow=False) == 0
    while await send_due(talk.runtime, talk.adapters, slow=True):
        await due_now(talk)
    assert await send_due(talk.runtime, talk.adapters, slow=False) == 1

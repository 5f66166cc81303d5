"""A chat is ended and a customer blocked in the thread's order, through kills and lost answers."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.db.models import Case, ChatSession, ProviderAccount, Thread
from app.services import accounts, acts
from tests.app.services.talks import NO_SESSION, Talk, reply, talking
from tests.scheduler.dying import die, due_now
from tests.scheduler.test_errands import END, KEYS, WRITE, drain, ours


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def test_ending_comes_after_what_was_said_before(talk: Talk) -> None:
    await talk.post("안녕히 가세요")
    await talk.act(acts.end_session)
    await talk.act(acts.end_session)  # twice is once
    await drain(talk)
    assert talk.asked() == [WRITE, END]
    assert talk.sent()[1] == KEYS
    assert (await talk.only(ChatSession)).end_reason == "agent"
    case = await talk.only(Case)
    assert (case.state, case.resolve_reason) == ("resolved", "session_ended")
    assert talk.text((await talk.lines())[-1]) == "상담원이 상담을 끝냈어요"


async def test_handing_back_to_the_bot(talk: Talk) -> None:
    await talk.act(acts.end_session, "delivery")
    await drain(talk)
    assert talk.asked() == ["/kakaoWebhook/v3/bzc/chat/endWithBot"]
    assert talk.sent() == [KEYS | {"bot_event": "delivery"}]
    assert (await talk.only(ChatSession)).ended_at is not None


@pytest.mark.parametrize("said", [f'{{"code":{NO_SESSION}}}', '{"code":0,"sessionId":"1"}'])
async def test_an_ended_chat_is_ended(talk: Talk, said: str) -> None:
    await talk.act(acts.end_session)
    talk.answers += [reply("oops", 500), reply(said)]
    await drain(talk)
    assert talk.asked() == [END, END]
    assert [line.status for line in await ours(talk)] == ["sent"]
    assert (await talk.only(ChatSession)).ended_at is not None


async def test_a_refused_end_may_be_asked_again(talk: Talk) -> None:
    await talk.act(acts.end_session)
    talk.answers.append(reply('{"code":-501,"message":"InvalidSenderException"}'))
    await drain(talk)
    assert [(one.status, one.code) for one in await ours(talk)] == [("failed", "-501")]
    assert (await talk.only(ChatSession)).ended_at is None
    await talk.act(acts.end_session)
    await drain(talk)
    assert [line.status for line in await ours(talk)] == ["sent"]
    assert (await talk.only(ChatSession)).ended_at is not None


async def test_who_wrote_meanwhile_has_a_chat(talk: Talk) -> None:
    """The hub opened another one for what the customer wrote after the end."""
    await talk.act(acts.end_session)
    await talk.change(Thread, last_in_at=datetime(2999, 1, 1, tzinfo=UTC))
    await drain(talk)
    ended, opened = await talk.all(ChatSession)
    assert (ended.end_reason, opened.ended_at) == ("agent", None)
    assert (await talk.only(Case)).state == "queued"


async def test_a_chat_that_may_be_another_is_not_ended(talk: Talk) -> None:
    """The first try may have ended the chat, and the customer wrote since: nobody knows."""
    await talk.act(acts.end_session)
    talk.answers.append(reply("oops", 500))
    await talk.send()
    await talk.hear("잠깐만요")
    await due_now(talk)
    await drain(talk)
    assert talk.asked() == [END]
    assert [line.status for line in await ours(talk)] == ["unknown"]
    assert (await talk.only(ChatSession)).ended_at is None


async def test_an_end_whose_chat_is_over_asks_nothing(talk: Talk) -> None:
    await talk.act(acts.end_session)
    await talk.expire()
    await talk.apply()
    await drain(talk)
    assert talk.asked() == []
    assert [line.status for line in await ours(talk)] == ["sent"]


@pytest.fixture
async def blocking(talk: Talk) -> Talk:
    """The account says where its hub blocks."""
    given = {
        "client_id": "c",
        "client_secret": "s",
        "block_path": "/v1/block",
        "unblock_path": "/v1/unblock",
    }
    sealed = talk.runtime.sealer.seal(accounts.TABLE, talk.workspace.id, talk.account.id, given)
    await talk.change(ProviderAccount, credentials_sealed=sealed)
    return talk


async def test_a_block_ends_the_chat_and_what_comes_is_nobodys_work(blocking: Talk) -> None:
    talk = blocking
    await talk.act(acts.block)
    assert (await talk.act(acts.block)).line is None
    assert (await talk.only(Case)).resolve_reason == "blocked"
    await drain(talk)
    assert talk.asked() == ["/v1/block"]
    assert (await talk.only(ChatSession)).end_reason == "agent_block"
    await talk.hear("왜요")
    await talk.hear("네?")
    (case,) = await talk.all(Case)
    thread = await talk.only(Thread)
    assert (case.state, thread.unread) == ("resolved", 0)
    await talk.act(acts.unblock)
    await drain(talk)
    assert talk.asked() == ["/v1/block", "/v1/unblock"]
    await talk.hear("다시 왔어요")
    assert (await talk.only(Case)).state == "queued"


async def test_without_the_hubs_block_the_chat_is_ended(talk: Talk) -> None:
    await talk.act(acts.block)
    await drain(talk)
    assert talk.asked() == [END]
    assert (await talk.only(ChatSession)).end_reason == "agent_block"
    await talk.act(acts.unblock)
    await drain(talk)
    assert talk.asked() == [END]
    assert [line.status for line in await ours(talk)] == ["sent", "sent"]


async def test_a_blocked_customers_new_case_is_born_resolved(talk: Talk) -> None:
    await talk.change(Case, state="resolved", resolve_reason="agent")
    await talk.act(acts.block)
    await talk.hear("새 일이에요")
    first, second = sorted(await talk.all(Case), key=lambda case: case.number)
    assert (first.resolve_reason, second.resolve_reason) == ("agent", "blocked")
    assert second.state == "resolved"


@pytest.mark.parametrize(
    ("act", "point", "times"),
    [
        (acts.end_session, "C09", 1),
        (acts.end_session, "C10", 2),
        (acts.block, "C10", 2),
        (acts.block, "C11", 1),
    ],
)
async def test_a_killed_process_still_ends_the_chat(
    talk: Talk, act: Callable[..., Any], point: str, times: int
) -> None:
    await talk.act(act)
    await die(talk, point)
    await due_now(talk)
    await drain(talk)
    assert talk.asked() == [END] * times
    assert (await talk.only(ChatSession)).ended_at is not None


async def test_what_is_asked_waits_for_a_paused_account(talk: Talk) -> None:
    """Refused credentials pause the account; what was asked waits."""
    await talk.act(acts.end_session)
    talk.answers.append(reply("", 401))
    assert await talk.send() == 1
    assert (await talk.only(ProviderAccount)).state == "paused"
    await due_now(talk)
    assert await talk.send() == 0
    assert (await ours(talk))[0].status == "queued"


async def test_a_block_ends_whichever_chat_is_open(talk: Talk) -> None:
    """The customer left and came back before the hub was asked."""
    await talk.act(acts.block)
    await talk.expire()
    await talk.apply()
    await talk.hear("또 왔어요", session_id="2")
    await drain(talk)
    assert talk.asked() == [END]
    assert [one.end_reason for one in await talk.all(ChatSession)] == ["unknown", "agent_block"]

"""Answering under the epoch: one writer, one line per key, only while the chat is open."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.db.models import Case, ChatMessage, ChatSession, ProviderAccount, Thread
from app.errors import Forbidden, GatewayError, Invalid, NotFound, Refused
from app.ids import new_id
from app.services import consultations
from app.services.callers import SCOPES, Caller
from app.services.consultations import Posted, Window
from tests.app.services.talks import PAST, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def refusal(talk: Talk, kind: type[GatewayError] = Refused, **more: Any) -> GatewayError:
    """Why a post is refused; nothing may be written then."""
    before = await talk.lines(), await talk.all(Case)
    with pytest.raises(kind) as refused:
        await talk.post(**more)
    assert (await talk.lines(), await talk.all(Case)) == before
    return refused.value


async def test_an_answer_takes_a_case_nobody_owns(talk: Talk) -> None:
    posted = await talk.post("네, 확인할게요")
    assert (posted.epoch, posted.replayed, posted.message.status) == (2, False, "queued")
    case, thread = await talk.only(Case), await talk.only(Thread)
    assert (case.state, case.owner, case.waiting_since) == ("waiting", "김나루", None)
    assert case.first_human_reply_at == thread.last_out_at
    assert thread.unread == 0
    line = (await talk.lines())[-1]
    assert (line.seq, line.author, line.case_id, line.due_at) == (
        2, "김나루", case.id, thread.last_out_at,
    )  # fmt: skip
    first_reply = case.first_human_reply_at
    await talk.post("또", epoch=2)
    assert (await talk.only(Case)).first_human_reply_at == first_reply


async def test_two_agents_with_one_epoch_make_one_answer(talk: Talk) -> None:
    tries = await asyncio.gather(
        *(talk.post(name, agent=name) for name in ("김나루", "이나루")), return_exceptions=True
    )
    (won,) = [one for one in tries if isinstance(one, Posted)]
    (lost,) = [one for one in tries if isinstance(one, Refused)]
    assert lost.code == "stale_epoch"
    assert lost.data == {
        "epoch": 2,
        "owner": won.message.author,
        "state": "waiting",
        "newer": [1, 2],
    }
    assert len(await talk.lines()) == 2


async def test_a_stale_writer_hears_what_they_missed(talk: Talk) -> None:
    await talk.post("1")
    await talk.hear("고객 말")
    stale = await refusal(talk, agent="이나루", epoch=1, seen_seq=2)
    assert stale.data["newer"] == [3]
    stale = await refusal(talk, agent="김나루", epoch=1)
    assert stale.data["newer"] == [3]  # after their own last line


async def test_the_epoch_alone_does_not_make_an_owner(talk: Talk) -> None:
    await talk.post()
    refused = await refusal(talk, agent="이나루", epoch=2)
    assert (refused.code, refused.data["owner"]) == ("not_owner", "김나루")


@pytest.mark.parametrize("how", ["ended", "overdue"])
async def test_without_an_open_chat_nobody_writes(talk: Talk, how: str) -> None:
    if how == "ended":
        await talk.expire()
        await talk.apply()
    else:
        await talk.change(ChatSession, expires_at=PAST)
    refused = await refusal(talk)
    assert refused.code == "no_chat_session"
    assert "notice" in refused.detail


async def test_a_resolved_case_must_be_taken_first(talk: Talk) -> None:
    await talk.change(Case, state="resolved", resolved_at=PAST)
    case = await talk.only(Case)
    refused = await refusal(talk)
    assert (refused.code, refused.data) == ("case_resolved", {"case_id": str(case.id)})


async def test_the_same_key_sends_once(talk: Talk) -> None:
    first = await talk.post("네", client_key="k1")
    again = await talk.post("네", client_key="k1")  # with the epoch of before
    assert (again.replayed, again.message.id, again.epoch) == (True, first.message.id, 2)
    await talk.expire()
    await talk.apply()
    assert (await talk.post("네", client_key="k1")).replayed  # even after the chat has ended
    assert (await refusal(talk, text="다른 말", client_key="k1")).code == "client_key_reused"
    assert await talk.send() == 1
    assert talk.hub.requests == []


async def test_a_key_pressed_ten_times_at_once_sends_once(talk: Talk) -> None:
    posts = await asyncio.gather(*(talk.post("네", client_key="k") for _ in range(10)))
    assert sorted(one.replayed for one in posts) == [False] + [True] * 9
    assert len({one.message.id for one in posts}) == 1
    await talk.send()
    assert len(talk.hub.requests) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_text"),
        (" \n\t ", "empty_text"),
        ("가" * 1_001, "too_long"),
        ("a\x00", "bad_text"),
        ("a\x1b[31m", "bad_text"),
        ("\ud800", "bad_text"),
    ],
)
async def test_texts_that_cannot_be_sent(talk: Talk, text: str, code: str) -> None:
    refused = await refusal(talk, Invalid, text=text)
    assert (refused.code, refused.field) == (code, "text")
    if code == "too_long":
        assert refused.data == {"limit": 1_000, "length": 1_001}


@pytest.mark.parametrize(
    "text", ["가" * 1_000, "<b>&amp;</b>", "두 줄\n\t입니다", "👩‍👩‍👧", "\u202e"]
)
async def test_texts_leave_exactly_as_written(talk: Talk, text: str) -> None:
    await talk.post(text)
    await talk.send()
    assert [body["message"] for body in talk.sent()] == [text]


async def test_a_test_key_sees_only_sandboxes_and_a_team_key_writes_only_there(talk: Talk) -> None:
    await talk.post(caller=talk.caller("team"))
    await talk.change(ProviderAccount, mode="live")
    missing = await refusal(talk, NotFound, epoch=2)
    assert missing.code == "thread_not_found"
    refused = await refusal(talk, Forbidden, epoch=2, caller=talk.caller("team"))
    assert refused.code == "team_key"
    assert (await talk.post(epoch=2, caller=talk.caller("live"))).epoch == 2


async def test_another_workspaces_thread_is_not_there(talk: Talk) -> None:
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    theirs = await refusal(talk, NotFound, caller=stranger)
    thread = await talk.only(Thread)
    async with talk.runtime.database.read() as session:
        with pytest.raises(NotFound) as refused:
            await consultations.messages(session, talk.runtime, talk.caller(), new_id())
        assert refused.value.problem() == theirs.problem()
        with pytest.raises(NotFound):
            await consultations.messages(session, talk.runtime, stranger, thread.id)


@pytest.mark.parametrize(
    ("window", "seqs"),
    [
        (Window(), [1, 2, 3, 4, 5]),
        (Window(limit=2), [4, 5]),
        (Window(before=4, limit=2), [2, 3]),
        (Window(after=2, limit=2), [3, 4]),
        (Window(after=1, before=4), [2, 3]),
        (Window(after=5), []),
        (Window(before=0), []),
    ],
)
async def test_lines_are_read_in_windows(talk: Talk, window: Window, seqs: list[int]) -> None:
    for n in range(4):
        await talk.say(f"{n}")
    await talk.apply()
    thread = await talk.only(Thread)
    async with talk.runtime.database.read() as session:
        found = await consultations.messages(
            session, talk.runtime, talk.caller(), thread.id, window
        )
    assert [line.seq for line in found] == seqs


async def test_a_line_whose_key_is_gone_stays_visible(talk: Talk) -> None:
    await talk.change(ChatMessage, sealed=b"\x01 no longer")
    thread = await talk.only(Thread)
    async with talk.runtime.database.read() as session:
        (line,) = await consultations.messages(session, talk.runtime, talk.caller(), thread.id)
    assert (line.seq, line.text, line.content) == (1, None, None)


async def test_events_hold_nothing_personal(talk: Talk) -> None:
    await talk.hear("비밀 이야기")
    await talk.post("비밀 대답")
    await talk.send()
    for kind in ("chat.message_received", "chat.message_state", "case.state", "case.opened"):
        told = str(await talk.events(kind))
        assert not any(word in told for word in ("비밀", "김나루", "k1x2y3z4w5v6"))

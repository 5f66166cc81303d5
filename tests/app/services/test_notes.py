"""Notes are for staff: they stand in the thread and never leave it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

from app.db.models import Case, ChatMessage, Thread
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.services import notes
from app.services.callers import SCOPES, Caller
from app.services.cases import Agent
from app.services.consultations import LineView
from app.services.notes import LONGEST, Note
from tests.app.services.talks import PAST, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def write(
    talk: Talk, text: str = "@이나루 환불 담당이에요", agent: str = "김나루", **more: Any
) -> tuple[LineView, bool]:
    thread = (await talk.all(Thread))[0]
    caller = more.pop("caller", None) or talk.caller()
    note = Note(text, Agent(agent), **more)
    async with talk.runtime.database.write() as tx:
        return await notes.add(tx, talk.runtime, caller, thread.id, note)


async def test_anybody_may_write_one_at_any_time(talk: Talk) -> None:
    await talk.expire()
    await talk.apply()
    before = await talk.only(Thread)
    line, is_new = await write(talk)
    assert (line.kind, line.author_kind, line.author, line.text, line.status, is_new) == (
        "note", "agent", "김나루", "@이나루 환불 담당이에요", "stored", True,
    )  # fmt: skip
    case, thread = await talk.only(Case), await talk.only(Thread)
    assert line.case_id == case.id
    assert (case.epoch, case.state, thread.unread) == (1, "resolved", before.unread)
    assert thread.last_out_at is None
    ((subject, told),) = await talk.events("chat.note_added")
    assert (subject, told) == (
        thread.id, {"chat_message_id": str(line.id), "seq": line.seq},
    )  # fmt: skip


async def test_a_note_never_leaves_even_when_somebody_queues_it(talk: Talk) -> None:
    await write(talk)
    note = col(ChatMessage.kind) == "note"
    await talk.change(ChatMessage, note, status="queued", due_at=PAST)
    posted = await talk.post("고객에게")
    while await talk.send():
        pass
    assert [body["message"] for body in talk.sent()] == ["고객에게"]
    states = {line.kind: (line.status, line.reason) for line in (await talk.lines())[1:]}
    assert states == {"note": ("failed", "inside_only"), "text": ("sent", None)}
    assert posted.message.kind == "text"


async def test_an_answer_cannot_be_taken_for_a_note_of_the_same_key(talk: Talk) -> None:
    await write(talk, "네", client_key="k")
    assert not (await talk.post("네", client_key="k")).replayed
    await talk.send()
    assert len(talk.sent()) == 1


async def test_a_repeated_click_adds_nothing(talk: Talk) -> None:
    first, is_new = await write(talk, "네", client_key="k")
    second, is_newer = await write(talk, "네", client_key="k")
    assert (first.id, is_new, is_newer) == (second.id, True, False)
    with pytest.raises(Refused) as error:
        await write(talk, "아니요", client_key="k")
    assert error.value.code == "client_key_reused"
    await write(talk, "네")
    await write(talk, "네")
    assert len(await talk.lines()) == 4


@pytest.mark.parametrize(
    ("text", "agent", "code"),
    [
        (" \n", "김나루", "empty_text"),
        ("가" * (LONGEST + 1), "김나루", "too_long"),
        ("a\x00", "김나루", "bad_text"),
        ("네", " ", "bad_agent"),
    ],
)
async def test_wrong_fields_are_named(talk: Talk, text: str, agent: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        await write(talk, text, agent)
    assert error.value.code == code


async def test_a_stranger_finds_no_thread(talk: Talk) -> None:
    with pytest.raises(NotFound):
        await write(talk, caller=Caller(new_id(), new_id(), "live", frozenset(SCOPES)))


async def test_a_note_is_no_answer_between_a_question_and_its_button(talk: Talk) -> None:
    """The customer asks, a colleague notes something, the button is pressed: they are tied."""
    await write(talk)
    notice, token = await talk.notice()
    await talk.press(token)
    await talk.apply()
    asked, note, _ = await talk.lines()
    assert (asked.notice_id, note.notice_id) == (notice, None)

"""What staff do in the inbox: with forms alone, and as the page's script asks."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col

from app.console.inbox.acts import until_of
from app.db.models import ChatMessage, Presence, Thread
from app.errors import Invalid
from app.services import labels, workspaces
from app.services.cases import Agent
from tests.app.console.inbox.chats import Chats
from tests.app.console.visitors import Visitor, logged_in, somebody, words_of

SEOUL = ZoneInfo("Asia/Seoul")
FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=SEOUL)


async def fields(chats: Chats, thread: UUID, **more: Any) -> dict[str, Any]:
    """What a form of the room sends."""
    case = await chats.case_of(thread)
    return {"case": str(case.id), "epoch": str(case.epoch)} | more


async def test_take_answer_and_resolve_with_forms_alone(owner: Visitor, chats: Chats) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    room = f"/console/inbox/{thread}"
    taken = await owner.post(f"{room}/take", **await fields(chats, thread))
    assert taken.headers["location"] == room
    sent = await fields(
        chats, thread, kind="reply", client_key="k1", text="네,\r\n안녕하세요", seen="1"
    )
    for _ in range(2):  # a second click sends nothing
        await owner.post(f"{room}/say", **sent)
    lines = [line for line in await chats.all(ChatMessage) if line.author_kind == "agent"]
    assert [chats.text(line) for line in lines] == ["네,\n안녕하세요"]
    await owner.post(f"{room}/resolve", **await fields(chats, thread), back="https://evil.test/")
    case = await chats.case_of(thread)
    assert case.state == "resolved"
    assert "상담 #1을 끝냈어요" in words_of(await owner.get(room))
    await owner.post(f"{room}/reopen", **await fields(chats, thread))
    assert (await chats.case_of(thread)).state == "queued"


async def test_of_two_agents_one_wins_and_the_other_hears_who(
    owner: Visitor, agent: Visitor, chats: Chats
) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    seen = await fields(chats, thread, kind="reply", text="제가 할게요", seen="1")
    await owner.ask("POST", f"/console/inbox/{thread}/say", data=seen | {"client_key": "a"})
    lost = await agent.ask(
        "POST", f"/console/inbox/{thread}/say", 409, data=seen | {"client_key": "b"}
    )
    assert lost["code"] == "stale_epoch"
    assert lost["data"]["owner"] == "김나루"
    assert lost["data"]["newer"] == [2]
    assert "다른 사람" in lost["words"]


async def test_notes_stay_inside(owner: Visitor, chats: Chats) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    say = f"/console/inbox/{thread}/say"
    await owner.post(say, kind="note", text="단골이에요", client_key="n1")
    (line,) = [one for one in await chats.all(ChatMessage) if one.kind == "note"]
    assert line.status == "stored"
    assert "고객에게 보이지 않아요" in words_of(await owner.get(f"/console/inbox/{thread}"))


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"kind": "reply", "client_key": "k", "text": "네"}, "bad_form"),  # no epoch
        ({"kind": "shout", "client_key": "k", "text": "네", "epoch": "1"}, "bad_form"),
        ({"kind": "reply", "client_key": "", "text": "네", "epoch": "1"}, "bad_form"),
        ({"kind": "reply", "client_key": "k", "text": "네", "epoch": "x"}, "bad_form"),
        (
            {"kind": "reply", "client_key": "k", "text": "네", "epoch": "1", "files": "x"},
            "bad_form",
        ),
        ({"kind": "reply", "client_key": "k", "text": "가" * 1001, "epoch": "1"}, "too_long"),
        ({"kind": "reply", "client_key": "k", "text": " ", "epoch": "1"}, "empty_text"),
    ],
)
async def test_what_no_form_of_ours_sends(
    owner: Visitor, chats: Chats, form: dict[str, str], code: str
) -> None:
    await chats.hear("문의해요")
    refused = await owner.ask("POST", f"/console/inbox/{await chats.thread()}/say", 422, data=form)
    assert refused["code"] == code


async def test_put_off_give_on_label_and_block(
    owner: Visitor, agent: Visitor, chats: Chats
) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    room = f"/console/inbox/{thread}"
    await chats.taken(thread, Agent("김나루", owner.staff_id))
    await owner.post(f"{room}/snooze", **await fields(chats, thread, until="monday"))
    assert (await chats.case_of(thread)).state == "snoozed"
    given = await fields(chats, thread, to=f"staff:{agent.staff_id}", note="부탁해요")
    await owner.post(f"{room}/transfer", **given)
    case = await chats.case_of(thread)
    assert (case.state, case.owner) == ("assigned", "이상담")
    await owner.post(f"{room}/labels", **await fields(chats, thread, name="교환"))
    await owner.post(f"{room}/labels", **await fields(chats, thread, name="교환"))
    async with chats.runtime.database.read() as session:
        (label,) = await labels.list_labels(session, chats.workspace.id)
    assert "교환" in words_of(await owner.get(room))
    off = await fields(chats, thread, label=str(label.id), on="0")
    await owner.post(f"{room}/labels", **off)
    await owner.post(f"{room}/end", **await fields(chats, thread))
    await owner.post(f"{room}/block", **await fields(chats, thread))
    assert (await chats.only(Thread)).blocked_at is not None
    assert "차단한 고객이에요" in words_of(await owner.get(room))
    await owner.post(f"{room}/unblock", **await fields(chats, thread))
    assert (await chats.only(Thread)).blocked_at is None


async def test_seen_and_presence(owner: Visitor, chats: Chats) -> None:
    await chats.hear("하나")
    await chats.hear("둘")
    thread = await chats.thread()
    told = await owner.ask("POST", f"/console/inbox/{thread}/seen", data={"seq": "1"})
    assert told["unread"] == 1
    await owner.post("/console/inbox/presence", state="active")
    await owner.post("/console/inbox/presence", capacity="7")
    row = await chats.only(Presence)
    assert (row.state, row.capacity) == ("active", 7)
    await chats.taken(thread, Agent("김나루", owner.staff_id))
    await owner.post("/console/inbox/presence", state="away")
    assert (await chats.case_of(thread)).state == "queued"  # others can have it
    await owner.ask("POST", "/console/inbox/presence", 422, data={"capacity": "x"})


async def test_files_are_told_apart_before_they_are_sent(owner: Visitor, chats: Chats) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    address = f"/console/inbox/{thread}/files"
    bad = await owner.ask("POST", f"{address}?name=a.exe", 422, content=b"MZ\x90\x00" + b"0" * 100)
    assert bad["code"] == "attachment_runs"
    kept = await owner.ask("POST", f"{address}?name=a.pdf", content=b"%PDF-1.7\n" + b"0" * 100)
    assert kept["kind"] == "file"
    sent = await fields(chats, thread, kind="reply", client_key="f1", text="", files=kept["id"])
    await owner.ask("POST", f"/console/inbox/{thread}/say", data=sent)
    assert "a.pdf" in words_of(await owner.get(f"/console/inbox/{thread}"))


async def test_lines_nobody_knows_of(owner: Visitor, chats: Chats) -> None:
    await chats.hear("문의해요")
    thread = await chats.thread()
    case = await chats.taken(thread, Agent("김나루", owner.staff_id))
    posted = await chats.post("네", "김나루", case.epoch, staff_id=owner.staff_id)
    await chats.change(ChatMessage, col(ChatMessage.id) == posted.message.id, status="unknown")
    line = f"/console/inbox/{thread}/lines/{posted.message.id}"
    form = await fields(chats, thread)
    assert (await owner.ask("POST", f"{line}/retry", 422, data=form))[
        "code"
    ] == "twice_not_confirmed"
    await owner.post(f"{line}/retry", **form, twice="1")
    await chats.change(ChatMessage, col(ChatMessage.id) == posted.message.id, status="unknown")
    await owner.post(f"{line}/dismiss", **form, arrived="1")
    assert next(one for one in await chats.lines() if one.id == posted.message.id).status == "sent"


async def test_others_see_and_change_nothing(owner: Visitor, chats: Chats, app: Any) -> None:
    """A person of another workspace finds no thread of this one."""
    await chats.hear("비밀이에요")
    thread = await chats.thread()
    from_elsewhere = await _elsewhere(app, owner)
    async with from_elsewhere.client:
        await from_elsewhere.get(f"/console/inbox/{thread}", 404)
        await from_elsewhere.get(f"/console/inbox/{thread}/record", 404)
        form = await fields(chats, thread)
        await from_elsewhere.ask("POST", f"/console/inbox/{thread}/take", 404, data=form)
        page = await from_elsewhere.get("/console/inbox?find=비밀")
        assert str(thread) not in page.text


async def _elsewhere(app: Any, owner: Visitor) -> Visitor:
    async with owner.runtime.database.write() as tx:
        other = await workspaces.create(tx, "다른 가게")
    return await logged_in(app, owner.runtime, await somebody(owner.runtime, other.id, "owner"))


@pytest.mark.parametrize(
    ("choice", "at", "expected"),
    [
        ("hour", "", datetime(2026, 11, 20, 16, 30, tzinfo=SEOUL)),
        ("tomorrow", "", datetime(2026, 11, 21, 9, 0, tzinfo=SEOUL)),
        ("monday", "", datetime(2026, 11, 23, 9, 0, tzinfo=SEOUL)),
        ("at", "2026-12-01T10:15", datetime(2026, 12, 1, 10, 15, tzinfo=SEOUL)),
    ],
)
def test_when_what_was_put_off_comes_back(choice: str, at: str, expected: datetime) -> None:
    assert until_of(choice, at, FRIDAY) == expected


def test_on_a_monday_the_next_one_is_meant() -> None:
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=SEOUL)
    assert until_of("monday", "", monday) == datetime(2026, 11, 30, 9, 0, tzinfo=SEOUL)
    with pytest.raises(Invalid):
        until_of("at", "soon", monday)

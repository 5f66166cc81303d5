"""The list of consultations: order, pages, filters, and the head of one."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.db.models import Case, ChatSession, ProviderAccount, Thread
from app.errors import Malformed, NotFound
from app.ids import new_id
from app.services import rooms
from app.services.callers import SCOPES, Caller
from app.services.rooms import Filters, Place, RoomView
from tests.app.services.talks import CUSTOMER, PAST, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def listed(
    talk: Talk, filters: Filters = rooms.EVERYTHING, place: Place = rooms.START
) -> rooms.Page:
    async with talk.runtime.database.read() as session:
        return await rooms.list_rooms(session, talk.runtime, talk.caller(), filters, place)


async def one(talk: Talk, thread_id: UUID | None = None) -> RoomView:
    thread_id = thread_id or (await talk.only(Thread)).id
    async with talk.runtime.database.read() as session:
        return await rooms.room(session, talk.runtime, talk.caller(), thread_id)


async def test_a_room_says_all_an_agent_needs(talk: Talk) -> None:
    notice, token = await talk.notice()
    await talk.press(token)
    await talk.hear("언제 와요")
    found = await one(talk)
    assert found.customer == "고객 ****" + CUSTOMER[-4:]
    assert CUSTOMER not in found.customer
    assert found.case is not None
    assert (found.case.number, found.case.state, found.case.epoch) == (1, "queued", 1)
    assert found.chat_session is not None
    assert found.notice is not None
    assert (found.notice.id, found.notice.reference, found.notice.status) == (
        notice, "order-1", "delivered",
    )  # fmt: skip
    assert found.notice.template == f"t-{token}"
    assert found.last_line is not None
    assert (found.last_line.text, found.unread, found.last_seq) == ("언제 와요", 1, 2)


async def test_an_ended_or_overdue_chat_is_none(talk: Talk) -> None:
    await talk.hear()
    await talk.change(ChatSession, expires_at=PAST)
    assert (await one(talk)).chat_session is None
    await talk.hear()
    assert (await one(talk)).chat_session is not None
    await talk.expire()
    await talk.apply()
    found = await one(talk)
    assert found.chat_session is None
    assert found.case is not None
    assert found.case.state == "resolved"


async def test_short_keys_show_nothing(talk: Talk) -> None:
    await talk.hear(user_key="abcd")
    assert (await one(talk)).customer == "고객 ****"


async def test_the_newest_activity_comes_first_page_by_page(talk: Talk) -> None:
    for n in range(5):
        await talk.hear(user_key=f"customer-{n}")
    ids = [thread.id for thread in await talk.all(Thread)]
    moment = PAST
    for n in (3, 1, 4, 0):  # the second has only been answered since
        moment += timedelta(seconds=1)
        answered = {"last_out_at": moment, "last_in_at": PAST}
        values = answered if n == 1 else {"last_in_at": moment, "last_out_at": PAST}
        await talk.change(Thread, Thread.id == ids[n], **values)
    await talk.change(Thread, Thread.id == ids[2], last_in_at=None, created_at=PAST)
    seen, place = [], Place(limit=2)
    while True:
        page = await listed(talk, place=place)
        seen += [ids.index(found.id) for found in page.rooms]
        if page.cursor is None:
            break
        place = Place(page.cursor, 2)
    assert seen == [0, 4, 1, 3, 2]


async def test_equal_times_lose_nobody(talk: Talk) -> None:
    for n in range(5):
        await talk.hear(user_key=f"customer-{n}")
    await talk.change(Thread, last_in_at=PAST)
    seen, cursor = set(), None
    for _ in range(5):
        page = await listed(talk, place=Place(cursor, 1))
        seen |= {found.id for found in page.rooms}
        cursor = page.cursor
    assert len(seen) == 5
    assert cursor is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), {0, 1, 2}),
        (Filters(state="queued"), {0}),
        (Filters(state="waiting"), {1}),
        (Filters(state="resolved"), {2}),
        (Filters(state="snoozed"), set()),
        (Filters(owner="김나루"), {1}),
        (Filters(owner="' OR 1=1 --"), set()),
        (Filters(unread=True), {0, 2}),
        (Filters(unread=False), {1}),
        (Filters(state="waiting", owner="김나루", unread=False), {1}),
    ],
)
async def test_filters(talk: Talk, filters: Filters, found: set[int]) -> None:
    for n in range(3):
        await talk.hear(user_key=f"customer-{n}")
    ids = [thread.id for thread in await talk.all(Thread)]
    waiting = {"state": "waiting", "owner_kind": "agent", "owner": "김나루"}
    await talk.change(Case, Case.thread_id == ids[1], **waiting)
    await talk.change(Thread, Thread.id == ids[1], unread=0)
    await talk.change(Case, Case.thread_id == ids[2], state="resolved", resolved_at=PAST)
    page = await listed(talk, filters)
    assert {ids.index(room.id) for room in page.rooms} == found


async def test_a_room_without_a_case_is_listed(talk: Talk) -> None:
    await talk.press("unknown")
    await talk.apply()
    (room,) = (await listed(talk)).rooms
    assert (room.case, room.notice, room.chat_session) == (None, None, None)
    assert (await listed(talk, Filters(state="resolved"))).rooms == []


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "A" * 31, "f" * 32, "A" * 36])
async def test_foreign_cursors_are_refused(talk: Talk, cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        await listed(talk, place=Place(cursor))
    assert refused.value.code == "bad_cursor"


async def test_other_workspaces_and_live_rooms_are_not_there(talk: Talk) -> None:
    await talk.hear()
    thread = await talk.only(Thread)
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    async with talk.runtime.database.read() as session:
        page = await rooms.list_rooms(session, talk.runtime, stranger)
        assert page.rooms == []
        with pytest.raises(NotFound) as theirs:
            await rooms.room(session, talk.runtime, stranger, thread.id)
        with pytest.raises(NotFound) as absent:
            await rooms.room(session, talk.runtime, talk.caller(), new_id())
    assert theirs.value.problem() == absent.value.problem()
    await talk.change(ProviderAccount, mode="live")
    assert (await listed(talk)).rooms == []
    async with talk.runtime.database.read() as session:
        live = await rooms.list_rooms(session, talk.runtime, talk.caller("live"))
    assert [room.id for room in live.rooms] == [thread.id]

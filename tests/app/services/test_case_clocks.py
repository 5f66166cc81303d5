"""Clocks and sums: people's time only, open hours for the promise, comebacks told apart."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.db.models import Case, ConsultChannel, Thread
from app.db.models.fields import now as clock
from app.services import audit, case_clocks, cases
from app.services.clock import KST, korean_day
from app.services.opening import DAYS
from tests.app.services.desks import Desk, desk

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def test_a_person_s_clock_runs_from_the_hand_off(here: Desk) -> None:
    """Ten minutes with the bot are nobody's; three to the first answer, two to the second."""
    await here.bot()
    me = await here.person()
    await here.talk.hear()
    await here.talk.change(Case, created_at=clock() - 10 * MINUTE)
    async with here.talk.runtime.database.write() as tx:
        case = await tx.session.get_one(Case, (await here.case()).id)
        cases.hand_off(tx, case, tx.now, "asked")
    await here.receive()
    handed = clock() - 3 * MINUTE
    await here.talk.change(
        Case, handed_at=handed, waiting_since=handed, due_first_at=handed + 5 * MINUTE
    )
    await here.take(me)
    await here.answer(me)
    await here.answer(me, "더 있어요")
    first = (await here.case()).first_human_reply_at
    await here.talk.hear("네")
    await here.talk.change(Case, waiting_since=clock() - 2 * MINUTE)
    await here.answer(me, "끝이에요")
    case = await here.case()
    assert (case.state, case.waiting_since, case.first_human_reply_at) == ("waiting", None, first)
    await here.resolve()
    found = await here.counters()
    assert await here.sums() == {
        "opened": 1, "handed": 1, "bot_handed": 1, "waits": 2, "first_replies": 1,
        "first_in_aim": 1, "resolved": 1, "resolutions": 1,
    }  # fmt: skip
    assert 299 <= found["wait_s"] <= 330
    assert 179 <= found["first_reply_s"] <= 200
    assert 179 <= found["resolution_s"] <= 220


async def test_the_second_time_is_told_apart_and_may_be_late(here: Desk) -> None:
    me = await here.person()
    await here.talk.hear()
    await here.receive()
    await here.take(me)
    await here.answer(me)
    await here.resolve()
    await here.talk.hear("또요")
    await here.receive()
    case = await here.case()
    assert case.due_first_at is not None
    await here.talk.change(
        Case, handed_at=clock() - 20 * MINUTE, due_first_at=clock() - 15 * MINUTE
    )
    await here.take(me)
    await here.answer(me)
    await here.resolve()
    sums = await here.sums()
    assert (sums["opened"], sums["reopened"], sums["handed"]) == (1, 1, 2)
    assert (sums["resolved"], sums["resolved_again"], sums["resolutions"]) == (2, 1, 2)
    assert (sums["first_replies"], sums["first_in_aim"]) == (2, 1)


async def test_what_ends_before_anybody_wrote(here: Desk) -> None:
    await here.talk.hear()
    await here.talk.expire()
    await here.talk.apply()
    assert await here.sums() == {"opened": 1, "handed": 1, "resolved": 1, "unanswered": 1}


async def test_a_fast_answer_and_a_case_from_before_the_clocks(here: Desk) -> None:
    """Whoever answers before the case was received still has the aim; of old ones none is kept."""
    me = await here.person()
    await here.talk.hear()
    await here.answer(me)
    case = await here.case()
    assert case.handed_at is not None
    assert case.due_first_at == case.handed_at + timedelta(seconds=300)
    await here.talk.change(Case, handed_at=None, due_first_at=None, first_human_reply_at=None)
    await here.answer(me, "또")
    assert (await here.case()).due_first_at is None
    assert (await here.sums())["first_replies"] == 1


async def test_the_deadline_is_kept_in_open_hours(here: Desk) -> None:
    weekdays = {day: [["09:00", "18:00"]] for day in DAYS[:5]}
    await here.channel(weekly=weekdays, first_reply_s=3_600)
    await here.talk.hear()
    thread = await here.talk.only(Thread)
    friday = datetime(2026, 12, 4, 17, 30, tzinfo=KST)
    async with here.talk.runtime.database.read() as session:
        due = await case_clocks.due_first(session, thread, friday)
    assert due == datetime(2026, 12, 7, 9, 30, tzinfo=KST)
    closed = {"weekly": {"mon": [["09:00", "09:01"]]}, "first_reply_s": 86_400}
    await here.talk.change(ConsultChannel, **closed)
    async with here.talk.runtime.database.read() as session:
        due = await case_clocks.due_first(session, thread, friday)
    assert due == friday + timedelta(days=1)  # plain time where hours promise nothing


async def test_the_audit_of_messages_leaves_these_sums_alone(here: Desk) -> None:
    await here.talk.hear()
    today = date.fromisoformat(korean_day(clock()))
    async with here.talk.runtime.database.read() as session:
        assert await audit.compare(session, here.talk.workspace.id, today) == []

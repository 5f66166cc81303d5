"""Hours: which window a message freezes, and what waits for it, in sets and without losing any."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, select, update

from app.config import Settings
from app.db.models import Attempt, Event, Lot, Message
from app.errors import Invalid, Refused
from app.services import hours
from app.services.cancel import cancel
from app.services.lots import Place
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT
from templates.windows import KST, parse
from tests.engine import Engine, engine

OFFICE = {"from": "09:00", "to": "18:00"}
EVENING = datetime(2026, 11, 26, 19, 0, tzinfo=KST)
OPENING = datetime(2026, 11, 27, 9, 0, tzinfo=KST)


def test_the_calls_own_window_comes_before_the_templates() -> None:
    of_template = parse(OFFICE)
    own = {"from": "10:00", "to": "11:00"}
    assert hours.chosen(None, of_template, "info") == of_template
    assert hours.chosen(own, of_template, "info") == parse(own)
    assert hours.chosen("any", of_template, "info") is None
    assert hours.chosen(None, None, "info") is None


@pytest.mark.parametrize(
    ("given", "category", "field"),
    [
        ("any", "ad", "send_window"),  # nothing lifts the hours of advertising
        ({"from": "21:00", "to": "08:00"}, "ad", "send_window"),
        ("always", "info", "send_window"),
        (5, "info", "send_window"),
        ({"from": "9", "to": "18:00"}, "info", "send_window.from"),
        ({**OFFICE, "days": ["월"]}, "info", "send_window.days"),
    ],
)
def test_a_bad_window_is_refused_by_field(given: object, category: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        hours.chosen(given, None, category)
    assert (caught.value.code, caught.value.field) == ("bad_send_window", field)


def test_a_window_is_kept_as_text_and_read_back() -> None:
    window = parse({**OFFICE, "days": ["sat"]})
    assert hours.thaw(hours.freeze(window)) == window
    assert hours.freeze(None) is None
    assert hours.thaw(None) is None


@pytest.mark.parametrize(
    ("category", "at", "night"),
    [
        ("ad", "20:58", False),
        ("ad", "20:59", True),
        ("ad", "08:00", False),
        ("info", "23:00", False),
    ],
)
def test_only_advertising_knows_a_night(category: str, at: str, night: bool) -> None:
    now = datetime.fromisoformat(f"2026-11-26T{at}+09:00")
    assert hours.is_night(category, now, 60) is night


def test_time_to_live_runs_from_when_it_may_leave() -> None:
    settings = Settings()
    day = timedelta(hours=settings.expire_h)
    weekdays = parse({**OFFICE, "days": ["mon"]})
    monday = datetime(2026, 11, 30, 9, tzinfo=KST)
    assert hours.expiry(settings, weekdays, "info", EVENING) == monday + day
    assert hours.expiry(settings, None, "info", EVENING) == EVENING + day
    at_nine = datetime(2026, 11, 26, 21, tzinfo=KST)
    assert hours.expiry(settings, None, "ad", at_nine) == OPENING - timedelta(hours=1) + day


async def queued(eng: Engine, count: int) -> tuple[list[UUID], UUID, Place]:
    """Accepted messages in one lot that a worker has."""
    ids = await eng.accept(*(f"0101{i:07d}" for i in range(count)), send_window=OFFICE)
    [first] = await eng.attempts(ids[0])
    assert first.lot_id is not None
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(update(Attempt).values(lot_id=first.lot_id))
    return ids, first.lot_id, Place(eng.workspace_id, eng.account.id, "alimtalk", 0)


async def every(eng: Engine, model: Any) -> list[Any]:
    async with eng.runtime.database.read() as session:
        return list(await session.exec(select(model)))


async def hold(eng: Engine, lot: UUID, place: Place, opening: datetime = OPENING) -> None:
    held = [(attempt.id, opening) for attempt in await every(eng, Attempt)]
    async with eng.runtime.database.write() as tx:
        await hours.hold(tx, lot, place, held)


async def test_what_is_held_waits_in_a_later_lot_and_says_so(runtime: Runtime) -> None:
    with time_machine.travel(EVENING, tick=False):
        eng = await engine(runtime)
        ids, lot, place = await queued(eng, 3)
        async with runtime.database.write() as tx:
            await cancel(tx, eng.caller, ids[0])
            in_doubt = col(Attempt.message_id) == ids[1]
            await tx.session.exec(update(Attempt).where(in_doubt).values(reason=IN_DOUBT))
        await hold(eng, lot, place)
        await hold(eng, lot, place)  # a second worker, which has lost the lot meanwhile
        gone, repeat, held = [await eng.message(id_) for id_ in ids]
        assert (gone.status, repeat.status) == ("cancelled", "queued")
        assert (held.status, held.reason, held.closed_at) == ("held", "outside_window", None)
        [attempt] = await eng.attempts(held.id)
        assert (attempt.status, attempt.reason) == ("queued", "outside_window")
        assert attempt.due_at is not None  # its deadline still counts
        later = {one.id: one for one in await every(eng, Lot)}[attempt.lot_id or lot]
        assert (later.state, later.due_at, later.size) == ("waiting", OPENING, 1)
        kinds = Counter(one.kind for one in await every(eng, Event) if one.subject_id == held.id)
        assert kinds == {"message.accepted": 1, "attempt.held": 1, "message.status": 1}
        async with runtime.database.read() as session:
            messages = [gone, repeat, held]
            assert await hours.held_until(session, messages) == {held.id: OPENING}
            assert await hours.held_until(session, [gone]) == {}


async def test_hundreds_move_in_a_few_statements(runtime: Runtime) -> None:
    with time_machine.travel(EVENING, tick=False):
        eng = await engine(runtime)
        _, lot, place = await queued(eng, 300)
        ran: list[str] = []

        def note(*args: Any) -> None:
            ran.append(args[2])

        writer = runtime.database._writer.sync_engine
        event.listen(writer, "before_cursor_execute", note)
        await hold(eng, lot, place)
        event.remove(writer, "before_cursor_execute", note)
    assert len([s for s in ran if s.startswith(("UPDATE", "SELECT", "INSERT"))]) < 10
    assert {one.status for one in await every(eng, Message)} == {"held"}


async def test_a_cancel_against_the_holding_has_one_winner_and_nothing_leaves(
    runtime: Runtime,
) -> None:
    with time_machine.travel(EVENING, tick=False):
        eng = await engine(runtime)
        ids = await eng.accept(*(f"0101{i:07d}" for i in range(20)), send_window=OFFICE)

        async def stop(message_id: UUID) -> None:
            async with runtime.database.write() as tx:
                await cancel(tx, eng.caller, message_id)

        await asyncio.gather(*map(stop, ids), eng.run())
        assert {(await eng.message(id_)).status for id_ in ids} == {"cancelled"}
    with time_machine.travel(OPENING, tick=False):
        await eng.run()
    assert eng.provider.calls == []


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_a_held_message_is_cancelled_or_released(
    runtime: Runtime, cancel_first: bool
) -> None:
    with time_machine.travel(EVENING, tick=False) as moment:
        eng = await engine(runtime)
        [message_id] = await eng.accept("01012345678", send_window=OFFICE)
        await eng.run()
        assert (await eng.message(message_id)).status == "held"
        moment.move_to(OPENING.astimezone(UTC))
        if cancel_first:
            async with runtime.database.write() as tx:
                await cancel(tx, eng.caller, message_id)
        await eng.run()
        if not cancel_first:
            with pytest.raises(Refused) as caught:
                async with runtime.database.write() as tx:
                    await cancel(tx, eng.caller, message_id)
            assert caught.value.code == "too_late"
        message = await eng.message(message_id)
    sends = sum(eng.provider.people.values())
    assert (message.status, sends) == (("cancelled", 0) if cancel_first else ("sent", 1))
    assert message.reason is None

"""Attempts are gathered into lots by place, in order, none too large."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Attempt, Lot
from app.ids import new_id
from app.services import lots
from app.services.lots import LARGEST, NewAttempt, Place
from app.services.runtime import Runtime

WORKSPACE, ACCOUNT = new_id(), new_id()
NOW_PLACE = Place(WORKSPACE, ACCOUNT, "alimtalk", 0)


async def make(runtime: Runtime, places: list[Place]) -> tuple[list[UUID], dict[UUID, Lot]]:
    async with runtime.database.write() as tx:
        chosen = await lots.make(tx, places)
        assert tx.wake
    async with runtime.database.read() as session:
        return chosen, {lot.id: lot for lot in await session.exec(select(Lot))}


async def test_equal_places_share_a_lot_and_others_do_not(runtime: Runtime) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    others = [
        Place(new_id(), ACCOUNT, "alimtalk", 0),
        Place(WORKSPACE, new_id(), "alimtalk", 0),
        Place(WORKSPACE, ACCOUNT, "sms", 0),
        Place(WORKSPACE, ACCOUNT, "alimtalk", 1),
        Place(WORKSPACE, ACCOUNT, "alimtalk", 0, later),
    ]
    chosen, found = await make(runtime, [NOW_PLACE, *others, NOW_PLACE, *others])
    assert chosen[:6] == chosen[6:]
    assert len(set(chosen)) == len(found) == 6
    assert {lot.size for lot in found.values()} == {2}
    first = found[chosen[0]]
    assert (first.workspace_id, first.account_id, first.route) == (WORKSPACE, ACCOUNT, "alimtalk")
    assert (first.state, first.fence, first.lease_until) == ("ready", 0, None)
    assert (found[chosen[5]].state, found[chosen[5]].due_at) == ("waiting", later)
    assert found[chosen[4]].priority == 1


async def test_a_time_that_has_come_is_ready(runtime: Runtime) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    [lot_id], found = await make(runtime, [Place(WORKSPACE, ACCOUNT, "sms", 0, past)])
    assert (found[lot_id].state, found[lot_id].due_at) == ("ready", past)


async def test_a_full_lot_is_followed_by_another(runtime: Runtime) -> None:
    chosen, found = await make(runtime, [NOW_PLACE] * (2 * LARGEST + 1))
    assert Counter(chosen) == {lot.id: lot.size for lot in found.values()}
    assert sorted(lot.size for lot in found.values()) == [1, LARGEST, LARGEST]
    assert chosen[0] == chosen[LARGEST - 1] != chosen[LARGEST]


async def test_a_flow_takes_turns_one_after_the_other(runtime: Runtime) -> None:
    """Its lots follow each other by their sizes; another flow begins where the account stands."""
    mine = replace(NOW_PLACE, flow="key a")
    [first], _ = await make(runtime, [mine])
    chosen, _ = await make(runtime, [mine] * (LARGEST + 5))
    [other], found = await make(runtime, [replace(NOW_PLACE, flow="key b")])
    turns = [found[one].turn for one in (first, chosen[0], chosen[-1], other)]
    assert turns == [0, 1, 1 + LARGEST, 0]


async def test_urgent_messages_take_turns_of_their_own(runtime: Runtime) -> None:
    """Or a key's thousand normal messages would hold up its urgent ones."""
    await make(runtime, [replace(NOW_PLACE, flow="key a")] * 9)
    urgent = replace(NOW_PLACE, priority=1)
    chosen, found = await make(runtime, [replace(urgent, flow="key a"), urgent])
    assert [found[one].turn for one in chosen] == [0, 0]


async def test_who_waits_for_a_time_takes_no_turn_yet(runtime: Runtime) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    await make(runtime, [replace(NOW_PLACE, flow="key a", due_at=later)] * 9)
    [now], found = await make(runtime, [replace(NOW_PLACE, flow="key a")])
    assert found[now].turn == 0
    assert {lot.turn for lot in found.values() if lot.state == "waiting"} == {0}


async def test_no_attempts_make_no_lot(runtime: Runtime) -> None:
    assert await make(runtime, []) == ([], {})


async def test_queued_attempts_lie_in_their_lots(runtime: Runtime) -> None:
    due = datetime.now(UTC) + timedelta(minutes=5)
    messages = [new_id() for _ in range(3)]
    attempts = [
        NewAttempt(
            Place(WORKSPACE, ACCOUNT, route, 0), message, step, "sms", ACCOUNT, b"hash", due_at
        )
        for message, route, step, due_at in zip(
            messages, ("sms", "lms", "sms"), (0, 1, 2), (due, None, due), strict=True
        )
    ]
    async with runtime.database.write() as tx:
        await lots.queue(tx, attempts)
    async with runtime.database.read() as session:
        rows = (
            await session.exec(
                select(Attempt, Lot)
                .join(Lot, col(Lot.id) == col(Attempt.lot_id))
                .order_by(col(Attempt.step))
            )
        ).all()
    assert [attempt.message_id for attempt, _ in rows] == messages
    assert [(lot.route, lot.size) for _, lot in rows] == [("sms", 2), ("lms", 1), ("sms", 2)]
    assert [attempt.due_at for attempt, _ in rows] == [due, None, due]
    assert {(a.status, a.n, a.tries, a.provider_id) for a, _ in rows} == {("queued", 1, 0, "")}

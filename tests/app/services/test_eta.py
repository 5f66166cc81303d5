"""When what waits will have left: measured, or not told."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from app.db.models import Call
from app.db.models.fields import now as clock
from app.services import eta
from app.services.eta import Queue
from app.services.runtime import Runtime
from tests.engine import Engine, Provider, engine
from tests.neighbours import change

NUMBERS = [f"0101234{i:04d}" for i in range(60)]


async def queue(eng: Engine) -> Queue:
    async with eng.runtime.database.read() as session:
        account = await session.get_one(type(eng.account), eng.account.id)
        return await eta.of_account(session, account, clock())


async def seconds(eng: Engine, message_id: UUID) -> float | None:
    message, now = await eng.message(message_id), clock()
    async with eng.runtime.database.read() as session:
        at = await eta.of_message(session, message, now)
    return None if at is None else (at - now).total_seconds()


async def measured(eng: Engine, *, ago: float = 20.0) -> None:
    """Forty messages have left, in calls that began so long ago."""
    await eng.accept(*NUMBERS[:40])
    await eng.run()
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(update(Call).values(started_at=tx.now - timedelta(seconds=ago)))


async def test_nothing_is_told_before_anything_was_measured(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (one,) = await eng.accept(NUMBERS[0])
    found = await queue(eng)
    assert (found.queued, found.rate_per_s, found.eta) == (1, None, None)
    assert await seconds(eng, one) is None


async def test_what_is_ahead_at_the_measured_rate(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider(batch=10))
    await measured(eng)
    first, *_, last = await eng.accept(*NUMBERS[40:50])
    (urgent,) = await eng.accept(NUMBERS[50], priority="high")
    found = await queue(eng)
    assert found.queued == 11
    assert found.rate_per_s == pytest.approx(2.0, rel=0.1)
    assert found.eta is not None
    assert (found.eta - clock()).total_seconds() == pytest.approx(5.5, abs=0.6)
    waits = [await seconds(eng, one) for one in (urgent, first, last)]
    assert waits == [pytest.approx(s, abs=0.6) for s in (0.5, 1.0, 5.5)]


async def test_who_has_left_or_waits_for_a_time_has_none(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await measured(eng)
    (gone,) = await eng.accept(NUMBERS[50])
    await eng.run()
    (later,) = await eng.accept(NUMBERS[51], send_at=clock() + timedelta(hours=1))
    assert await seconds(eng, gone) is None
    assert await seconds(eng, later) is None
    found = await queue(eng)
    assert found.queued == 0
    assert found.eta is not None
    assert abs((found.eta - clock()).total_seconds()) < 1


async def test_an_old_rate_and_one_of_an_account_that_rests_are_not_told(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime)
    await measured(eng)
    (one,) = await eng.accept(NUMBERS[50])
    assert await seconds(eng, one) is not None
    for rest in (
        {"state": "paused"},
        {"state": "active", "breaker_until": clock() + timedelta(minutes=1)},
    ):
        await change(eng, eng.account.id, **rest)
        assert await seconds(eng, one) is None
    await change(eng, eng.account.id, breaker_until=None)
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Call).values(started_at=tx.now - timedelta(seconds=90)))
    assert await seconds(eng, one) is None

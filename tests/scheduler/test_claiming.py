"""Claiming: small lots merge, large ones do not, and nobody's fence is shared."""

from datetime import timedelta

from sqlmodel import col, select

from app.db.models import Attempt, Lot
from app.ids import new_id
from app.services.runtime import Runtime
from scheduler.claiming import LARGE, Claimed, Holder, _choose, claim
from tests.engine import Engine, Provider, engine


async def take(eng: Engine, batch: int, priority: int = 0, most: int = 1_000) -> list[Claimed]:
    async with eng.runtime.database.write() as tx:
        holder = Holder(eng.account.id, new_id(), tx.now + timedelta(seconds=30))
        return await claim(tx, holder, priority, lambda route: batch, most)


async def sizes(eng: Engine) -> list[int]:
    async with eng.runtime.database.read() as session:
        rows = await session.exec(select(Lot.size).where(col(Lot.state) == "leased"))
        return sorted(rows)


async def test_small_lots_merge_up_to_the_batch(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await eng.accept(*(f"0101234{i:04d}" for i in range(10)))
    claimed = await take(eng, 4)
    assert sorted(lot.size for lot in claimed) == [2, 4, 4]
    async with runtime.database.read() as session:
        homes = set(await session.exec(select(Attempt.lot_id)))
        done = list(await session.exec(select(Lot.id).where(col(Lot.state) == "done")))
    assert homes == {lot.id for lot in claimed}
    assert await sizes(eng) == [2, 4, 4], "what goes back must tell its size"
    assert len(done) == 7
    assert await take(eng, 4) == []


async def test_routes_and_priorities_stay_apart(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await eng.accept("01012340001", "01012340002")
    await eng.accept("01012340003", plan=[{"channel": "sms"}])
    await eng.accept("01012340004", priority="high")
    claimed = [*await take(eng, 100, 1), *await take(eng, 100)]
    assert [(lot.route, lot.priority, lot.size) for lot in claimed] == [
        ("alimtalk", 1, 1),
        ("alimtalk", 0, 2),
        ("sms", 0, 1),
    ]


async def test_a_few_large_lots_at_once(runtime: Runtime) -> None:
    """Not all there are: another worker, and what is urgent, must get its turn."""
    eng = await engine(runtime, Provider(batch=1))
    await eng.accept(*(f"0101234{i:04d}" for i in range(10)))
    assert len(await take(eng, 1)) == LARGE


def test_no_more_than_can_be_worked() -> None:
    """A limit in messages holds whatever the lots' sizes."""
    rows = [(new_id(), new_id(), "sms", 3, turn) for turn in range(3)]
    assert len(_choose(rows, lambda route: 1_000, 7)) == 2
    assert len(_choose(rows, lambda route: 1_000, 1)) == 1, "one at least, or it waits for ever"
    assert len(_choose(rows * 3, lambda route: 1, 1_000)) == LARGE

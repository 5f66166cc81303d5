"""The slow look: what a counter says wrongly is named, and mended only when asked."""

from datetime import date

from app.services import audit, counters
from app.services.runtime import Runtime
from tests.engine import engine


async def test_a_wrong_counter_is_found_and_mended(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept("01012340001")
    await eng.run()
    name = counters.day_of(id_)
    day = date.fromisoformat(name)
    async with runtime.database.read() as session:
        assert await audit.first_day(session, eng.workspace_id) == name
        assert await audit.compare(session, eng.workspace_id, day) == []
    async with runtime.database.write() as tx:
        tx.count(eng.workspace_id, name, "sandbox.alimtalk.cost", -50)
        tx.count(eng.workspace_id, name, "live.delivered", 3)
    wrong = [
        audit.Difference(name, "live.delivered", 3, 0),
        audit.Difference(name, "sandbox.alimtalk.cost", 600, 650),
    ]
    async with runtime.database.read() as session:
        assert await audit.compare(session, eng.workspace_id, day) == wrong
    async with runtime.database.write() as tx:
        assert await audit.mend(tx, eng.workspace_id, day) == wrong
    async with runtime.database.read() as session:
        assert await audit.compare(session, eng.workspace_id, day) == []


async def test_a_workspace_without_messages_has_no_first_day(runtime: Runtime) -> None:
    eng = await engine(runtime)
    async with runtime.database.read() as session:
        assert await audit.first_day(session, eng.workspace_id) is None

"""Counters on PostgreSQL: nobody waits crosswise, nothing is lost between writers, mended alone."""

import asyncio
from datetime import date
from pathlib import Path
from uuid import UUID

from app.config import Settings
from app.services import audit, counters
from app.services.runtime import Runtime, open_runtime
from tests import stores
from tests.app.services.test_counters import is_true, sums_of
from tests.engine import engine

NUMBERS = [f"0101234{i:04d}" for i in range(40)]


async def test_many_writers_and_an_audit(postgres: str, tmp_path: Path) -> None:
    async with open_runtime(Settings(data=tmp_path, database_url=postgres)) as runtime:
        await stores.migrate(runtime.database)
        eng, other = await engine(runtime), await engine(runtime)
        ids = await eng.accept(*NUMBERS)
        day = counters.day_of(ids[0])
        names = ["live.x", "live.y"]
        pairs = [(eng.workspace_id, other.workspace_id), (other.workspace_id, eng.workspace_id)]

        async def count(order: tuple[UUID, UUID]) -> None:
            async with runtime.database.write() as tx:
                for workspace_id in order:
                    tx.emit(workspace_id, "account.changed", workspace_id)
                    for name in names if order == pairs[0] else names[::-1]:
                        tx.count(workspace_id, day, name)

        await asyncio.gather(*(count(pairs[i % 2]) for i in range(30)), eng.run())
        for one in (eng, other):
            counted = await sums_of(one)
            assert (counted["live.x"], counted["live.y"]) == (30, 30)
        await mend_while_writing(runtime, eng.workspace_id, date.fromisoformat(day))
        await is_true(eng, ids)


async def mend_while_writing(runtime: Runtime, workspace_id: UUID, day: date) -> None:
    async with runtime.database.write() as tx:
        wrong = await audit.mend(tx, workspace_id, day)
    assert {one.name for one in wrong} == {"live.x", "live.y"}

"""The table of jobs, and what one failing job may not do."""

import httpx
import pytest
from sqlmodel import select

from app.db.models import IdempotencyKey
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services.runtime import Runtime
from scheduler import jobs
from scheduler.worker import SchedulerWorker, guarded


async def test_every_job_runs(runtime: Runtime) -> None:
    """On an installation without anything to do, none of them fails."""
    async with httpx.AsyncClient(trust_env=False) as client:
        worker = SchedulerWorker(runtime, client)
        await worker.start()
        table = jobs.table(worker)
        assert len({name for name, _, _ in table}) == len(table)
        for _, job, seconds in table:
            assert seconds > 0
            await job()
        await worker.stop()


async def test_a_failing_job_ends_nothing() -> None:
    async def fails() -> int:
        raise ValueError("secret text")

    async def works() -> int:
        return 7

    assert await guarded("fails", fails) is None
    assert await guarded("works", works) == 7


@pytest.mark.parametrize(("hours", "left"), [(-1, 0), (1, 1)])
async def test_keys_are_forgotten_after_their_time(runtime: Runtime, hours: int, left: int) -> None:
    async with runtime.database.write() as tx:
        tx.session.add(
            IdempotencyKey(
                workspace_id=new_id(),
                endpoint="e",
                key="k",
                body_hash=b"",
                subject_id=new_id(),
                status=202,
                response_sealed=b"",
                expires_at=clock().replace(microsecond=0) + jobs.HOUR * hours,
            )
        )
    await jobs.forget_keys(runtime)
    async with runtime.database.read() as session:
        assert len(list(await session.exec(select(IdempotencyKey)))) == left

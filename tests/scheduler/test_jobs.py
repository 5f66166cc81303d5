"""The table of jobs, and what one failing job may not do."""

import asyncio
import logging

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


async def test_the_end_of_the_clock_is_no_failure_of_a_job(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What it cuts off is not told as an error: nothing is wrong when somebody presses Ctrl-C."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def waits() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(jobs, "table", lambda _: [("waits", waits, 3600.0)])
    async with httpx.AsyncClient(trust_env=False) as client:
        with caplog.at_level(logging.WARNING):
            scheduler = jobs.start(SchedulerWorker(runtime, client))
            await asyncio.wait_for(began.wait(), 60)
            scheduler.shutdown(wait=False)
            await asyncio.wait_for(ended.wait(), 60)
            await asyncio.sleep(0.1)  # the library tells after it
    assert caplog.records == []


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

"""The one table of periodic jobs, run by APScheduler: a clock, not a queue."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import delete
from sqlmodel import col

from app.db import partitions
from app.db.models import IdempotencyKey
from app.db.models.fields import now as clock
from app.services import expansion
from app.services.runtime import Runtime
from scheduler import (
    attachments,
    inbound,
    moving,
    pictures,
    recovery,
    results,
    review,
    routing,
    webhooks,
)
from scheduler.worker import SchedulerWorker, guarded

HOUR = timedelta(hours=1)
Job = Callable[[], Awaitable[Any]]


def table(worker: SchedulerWorker) -> list[tuple[str, Job, float]]:
    """(id, function, seconds) of every job."""
    runtime, lanes = worker.runtime, worker.lanes
    settings = runtime.settings
    return [
        ("refresh accounts", worker.refresh, 1.0),
        ("heartbeat", worker.beat, 5.0),
        ("recover leases", partial(recovery.recover_leases, runtime, lanes), 1.0),
        ("look up unknown", partial(recovery.ask_when_steady, runtime, lanes), 0.5),
        ("move load", partial(moving.move_load, runtime, lanes), 1.0),
        ("shift weights", partial(moving.shift_weights, runtime, lanes), 10.0),
        ("meet deadlines", partial(recovery.meet_deadlines, runtime), 1.0),
        ("poll results", partial(results.poll_results, runtime, lanes), settings.receipt_poll_s),
        (
            "review templates",
            partial(review.review_due, runtime, worker.client),
            settings.review_poll_s,
        ),
        (
            "upload pictures",
            partial(pictures.upload_due, runtime, worker.client),
            settings.review_poll_s,
        ),
        ("wake snoozed cases", partial(routing.wake_snoozed, runtime), 5.0),
        ("end overdue chat sessions", partial(inbound.end_overdue, runtime), 300.0),
        ("purge unsent files", partial(attachments.purge, runtime), 600.0),
        ("forget idempotency keys", partial(forget_keys, runtime), HOUR.total_seconds()),
        ("forget webhook deliveries", partial(webhooks.forget, runtime), HOUR.total_seconds()),
        ("forget flows", partial(forget_flows, runtime), 600.0),
        (
            "forget lists",
            partial(forget_lists, runtime),
            HOUR.total_seconds(),
        ),
        ("make partitions", partial(make_partitions, runtime), 6 * HOUR.total_seconds()),
    ]


def start(worker: SchedulerWorker) -> AsyncIOScheduler:
    """Start all jobs; due work is found by its date, so a missed tick costs nothing."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for name, job, seconds in table(worker):
        scheduler.add_job(
            run,
            "interval",
            args=(name, job),
            seconds=seconds,
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=clock(),
        )
    scheduler.start()
    return scheduler


async def run(name: str, job: Job) -> None:
    """One run of a job. The clock's own end cancels what is under way: that is no failure."""
    with contextlib.suppress(asyncio.CancelledError):
        await guarded(name, job)


async def forget_keys(runtime: Runtime) -> None:
    """Remove idempotency keys past their promised time."""
    async with runtime.database.write() as tx:
        await tx.session.exec(
            delete(IdempotencyKey).where(col(IdempotencyKey.expires_at) <= tx.now)
        )


async def forget_flows(runtime: Runtime) -> None:
    """Forget whose turn it was at accounts where nobody waits for one."""
    async with runtime.database.write() as tx:
        await tx.sql.forget_flows(tx.conn)


async def forget_lists(runtime: Runtime) -> None:
    """Remove rows of lists nobody needs any more."""
    await expansion.forget(runtime, clock())


async def make_partitions(runtime: Runtime) -> None:
    """Make the coming months' partitions; SQLite has none."""
    if runtime.database.is_sqlite:
        return
    async with runtime.database.schema_change() as conn:
        await partitions.make_ahead(conn, clock())

"""Webhooks on their way out: events become deliveries, deliveries are tried until they arrive.

Every endpoint has a lane of its own that claims, sends and settles a few deliveries at a time, so
that a slow one holds up nobody but itself. A process that dies between sending and settling
leaves a lease behind; after it the same delivery goes out again, with the same ``webhook-id``.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.crash import crash_at
from app.db.models import WebhookDelivery, WebhookEndpoint, WorkspaceCounter
from app.db.models.fields import now as wall_clock
from app.db.session import Tx
from app.guard import Guard, NoAnswer, Refused
from app.log import logger
from app.sealing import Unsealable
from app.services import webhook_deliveries, webhook_events, webhooks
from app.services.runtime import Runtime
from channels.transport import retry_after_s

# Standard Webhooks 1.0.0, "Operational considerations": waits before each try, 75 h 35 min in all
STEPS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.1  # waits are up to a tenth longer, so that what failed together is not tried together
AT_ONCE = 8  # requests under way at one endpoint
LEASE = timedelta(seconds=60)  # longer than one batch can take
DRAIN_S = 20.0
DISABLE_AFTER = timedelta(days=5)  # of nothing but failures
GONE, BUSY = 410, (429, 503)

log = logger("webhooks")


@dataclass(frozen=True, slots=True)
class Try:
    """A delivery that is ours until its lease is over."""

    id: UUID
    payload: str = field(repr=False)
    lease: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Some deliveries of one endpoint, and what sending them takes."""

    url: str = field(repr=False)
    keys: Sequence[str] = field(repr=False)
    tries: Sequence[Try]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one try; without a status no answer came, and ``error`` says why."""

    id: UUID
    lease: datetime
    status: int | None = None
    error: str = ""
    wait_s: float = 0.0  # the endpoint asks for this pause

    @property
    def arrived(self) -> bool:
        """Only 2xx is success; a redirect is not."""
        return self.status is not None and 200 <= self.status < 300


class Hooks:
    """The lanes of all endpoints. ``clock`` tells when something is due."""

    def __init__(
        self, runtime: Runtime, guard: Guard, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        self.runtime, self.guard, self.clock = runtime, guard, clock
        self.lanes: dict[UUID, asyncio.Task[None]] = {}
        self.stopping = False

    async def turn(self) -> bool:
        """Follow new events and open a lane for every endpoint with due deliveries.

        True when events were followed, so that more may be due at once.
        """
        async with self.runtime.database.read() as session:
            behind = await _behind(session)
        for endpoint_id in behind:
            async with self.runtime.database.write() as tx:
                await webhook_events.follow(tx, endpoint_id, self.clock())
        async with self.runtime.database.read() as session:
            due = await _due(session, self.clock())
        for endpoint_id in due:
            if endpoint_id not in self.lanes and not self.stopping:
                lane = self.lanes[endpoint_id] = asyncio.create_task(self._serve(endpoint_id))
                lane.add_done_callback(partial(self._ended, endpoint_id))
        return bool(behind)

    async def stop(self) -> None:
        """Claim nothing more and let what is under way end, at most for DRAIN_S."""
        self.stopping = True
        lanes = list(self.lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=DRAIN_S)
            for lane in late:
                lane.cancel()

    def _ended(self, endpoint_id: UUID, lane: asyncio.Task[None]) -> None:
        self.lanes.pop(endpoint_id, None)
        if not lane.cancelled() and (error := lane.exception()) is not None:
            # its leases run out, then another lane takes them
            log.error("lane failed", webhook=str(endpoint_id), error=type(error).__name__)

    async def _serve(self, endpoint_id: UUID) -> None:
        while not self.stopping:
            batch = await self._claim(endpoint_id)
            if batch is None:
                return
            sending = (self._send(batch, one) for one in batch.tries)
            results = await asyncio.gather(*sending)
            crash_at("K12")
            await self._settle(endpoint_id, results)

    async def _claim(self, endpoint_id: UUID) -> Batch | None:
        """Lease what is due; the lease is the new due time, and tells us from later owners."""
        now = self.clock()
        async with self.runtime.database.write() as tx:
            endpoint = await tx.session.get(WebhookEndpoint, endpoint_id)
            if endpoint is None or endpoint.state != "active":
                return None
            if endpoint.resume_at is not None and endpoint.resume_at > now:
                return None
            rows = list(
                await tx.session.exec(
                    select(WebhookDelivery)
                    .where(
                        col(WebhookDelivery.endpoint_id) == endpoint_id,
                        col(WebhookDelivery.due_at) <= now,
                    )
                    .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
                    .limit(AT_ONCE)
                    .with_for_update(skip_locked=True)
                )
            )
            for row in rows:
                row.due_at = now + LEASE
                tx.session.add(row)
        if not rows:
            return None
        return self._opened(endpoint, now, [Try(r.id, r.payload, now + LEASE) for r in rows])

    def _opened(self, endpoint: WebhookEndpoint, now: datetime, tries: Sequence[Try]) -> Batch:
        sealer = self.runtime.sealer
        try:
            url = webhooks.url_of(sealer, endpoint)
            return Batch(url, webhooks.secrets_of(sealer, endpoint, now), tries)
        except Unsealable:
            log.error("webhook cannot be opened", webhook=str(endpoint.id))
            return Batch("", (), tries)

    async def _send(self, batch: Batch, one: Try) -> Result:
        if not batch.keys:
            return Result(one.id, one.lease, error="unsealable")
        now = self.clock()
        body, headers = webhooks.signed(batch.keys, str(one.id), one.payload, now)
        try:
            reply = await self.guard.post(batch.url, body, headers)
        except (Refused, NoAnswer) as error:
            return Result(one.id, one.lease, error=error.code)
        wait_s = retry_after_s(reply.retry_after, now) if reply.status in BUSY else None
        return Result(one.id, one.lease, reply.status, wait_s=wait_s or 0.0)

    async def _settle(self, endpoint_id: UUID, results: Sequence[Result]) -> None:
        now = self.clock()
        async with self.runtime.database.write() as tx:
            endpoint = await _locked(tx, endpoint_id)
            if endpoint is None:  # removed meanwhile
                return
            for result in results:
                row = await tx.session.get(WebhookDelivery, result.id)
                # another owner after our lease, a replay, or a disabled endpoint: not ours now
                if row is not None and row.due_at == result.lease:
                    _note(row, result, now)
                    tx.session.add(row)
            await _judge(tx, endpoint, results, now)


def _note(row: WebhookDelivery, result: Result, now: datetime) -> None:
    row.tries += 1
    row.tried_at, row.http_status, row.error = now, result.status, result.error
    if result.arrived:
        row.state, row.due_at = "delivered", None
    elif row.tries >= len(STEPS_S):
        row.state, row.due_at = "failed", None
    else:
        wait_s = STEPS_S[row.tries] * (1 + JITTER * random.random())  # noqa: S311 - no secret
        row.due_at = now + timedelta(seconds=max(wait_s, result.wait_s))


async def _judge(
    tx: Tx, endpoint: WebhookEndpoint, results: Sequence[Result], now: datetime
) -> None:
    """What the tries of one batch say of the endpoint itself."""
    wait_s = max(result.wait_s for result in results)
    endpoint.resume_at = now + timedelta(seconds=wait_s) if wait_s else None
    if any(result.arrived for result in results):
        endpoint.failing_since = None
    elif endpoint.failing_since is None:
        endpoint.failing_since = now
    tx.session.add(endpoint)
    if endpoint.state != "active":
        return
    if any(result.status == GONE for result in results):
        await webhooks.disable(tx, endpoint, "gone")
    elif endpoint.failing_since and now - endpoint.failing_since >= DISABLE_AFTER:
        await webhooks.disable(tx, endpoint, "failing")


async def _locked(tx: Tx, endpoint_id: UUID) -> WebhookEndpoint | None:
    found = await tx.session.exec(
        select(WebhookEndpoint).where(col(WebhookEndpoint.id) == endpoint_id).with_for_update()
    )
    return found.first()


async def _behind(session: AsyncSession) -> list[UUID]:
    """Endpoints whose workspace has newer events than they have followed."""
    found = await session.exec(
        select(WebhookEndpoint.id)
        .join(
            WorkspaceCounter,
            col(WorkspaceCounter.workspace_id) == col(WebhookEndpoint.workspace_id),
        )
        .where(
            col(WebhookEndpoint.state) == "active",
            col(WorkspaceCounter.last_event) > col(WebhookEndpoint.last_event),
        )
    )
    return list(found)


async def _due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Endpoints that have something to send and may be sent to."""
    waiting = select(WebhookDelivery.id).where(
        col(WebhookDelivery.endpoint_id) == col(WebhookEndpoint.id),
        col(WebhookDelivery.due_at) <= now,
    )
    found = await session.exec(
        select(WebhookEndpoint.id).where(
            col(WebhookEndpoint.state) == "active",
            or_(col(WebhookEndpoint.resume_at).is_(None), col(WebhookEndpoint.resume_at) <= now),
            waiting.exists(),
        )
    )
    return list(found)


async def forget(runtime: Runtime) -> None:
    """Remove old log entries, page by page."""
    removed = 1
    while removed:
        async with runtime.database.write() as tx:
            removed = await webhook_deliveries.forget(tx)

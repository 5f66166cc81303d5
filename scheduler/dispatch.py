"""Where a message is sent: one lane per provider account claims lots, opens calls, sends, settles.

Order of every call: claim → commit its row (R1) → check the lease once more (R3) → send → settle
under the fence (R5). No database session is open while the network is.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, update
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import Attempt, Lot, ProviderAccount
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.ids import new_id
from app.log import logger
from app.services import accounts, hours
from app.services.delivery import advance, earliest, step_due
from app.services.runtime import Runtime
from app.services.settle import CALL_COLUMNS, PAUSE_S, Item, OpenCall, refused_credentials, settle
from app.services.states import AttemptStatus
from channels.contract import Adapter, Call, Outgoing, Route
from channels.vocabulary import IdempotencyClass
from scheduler.batches import Cargo, Load, cut, in_hours, not_now, read_lot
from scheduler.claiming import Claimed, claim, finish, is_over, taken_by
from scheduler.doubts import LATER, back_to_unknown, one_by_one
from scheduler.pace import Pace
from scheduler.steady import Steady

WAVE = 8  # calls opened in one transaction, and under way at once
LEASE_EXTRA_S = 10.0
MARGIN_S = 0.5  # what must be left of a lease beyond the call's deadline

log = logger("dispatch")


class Lane:
    """One provider account in one worker. ``turn`` does what is ready and says if it did any."""

    def __init__(
        self, runtime: Runtime, account: ProviderAccount, adapter: Adapter, worker_id: UUID
    ) -> None:
        self.runtime, self.account, self.adapter = runtime, account, adapter
        self._worker_id = worker_id
        self._slots = asyncio.Semaphore(WAVE)
        self._pace = Pace(account.rate_per_s)
        self.steady = Steady()
        self.draining = False
        self.polled_until: datetime | None = None

    def adopt(self, account: ProviderAccount, adapter: Adapter | None = None) -> None:
        """Take over the account's settings as they are stored now."""
        if account.rate_per_s != self.account.rate_per_s:
            self._pace = Pace(account.rate_per_s)
        if adapter is not None:
            self.adapter = adapter
        self.account = account

    def is_paused(self, now: datetime) -> bool:
        """Whether the account may not be used now; a pause with an end is tried again after it."""
        until = self.account.paused_until
        return self.account.state == "paused" and (until is None or until > now)

    def _pause(self, now: datetime) -> None:
        """Know at once what the next look at the account would tell: no more calls for a while."""
        until = now + timedelta(seconds=PAUSE_S)
        self.account = self.account.model_copy(update={"state": "paused", "paused_until": until})

    async def turn(self) -> bool:
        """Claim and work off one set of lots; False when there was nothing to do."""
        if self.is_paused(clock()) or not await self._anything():
            return False
        claimed = await self._claim()
        if not claimed:
            return False
        crash_at("K03")
        async with asyncio.TaskGroup() as group:
            for lot in claimed:
                group.create_task(self._work(lot))
        return True

    async def _anything(self) -> bool:
        """A look without the right to write: an idle lane must not stand in the writers' way."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(Lot.id)
                .where(
                    col(Lot.account_id) == self.account.id,
                    or_(
                        col(Lot.state) == "ready",
                        and_(col(Lot.state) == "waiting", col(Lot.due_at) <= clock()),
                    ),
                )
                .limit(1)
            )
            return found.first() is not None

    def _limits(self, route: str) -> tuple[int, float, float]:
        return accounts.route_limits(self.account, self.adapter.routes[route])

    def settle_s(self) -> float:
        """The longest settle window of the account's routes."""
        return max(self._limits(name)[2] for name in self.adapter.routes)

    def _lease_s(self) -> float:
        """How long a lot is ours without being renewed."""
        return LEASE_EXTRA_S + 2 * max(self._limits(name)[1] for name in self.adapter.routes)

    def ad_margin_s(self) -> float:
        """How long before the night advertising leaves last; under a lease it has arrived (R3)."""
        return max(self.runtime.settings.ad_margin_s, self._lease_s())

    def may_repeat(self, route: str, started_at: datetime, now: datetime) -> bool:
        """Whether a repeat that is opened now is surely recognised by the provider (rule R6).

        The provider's memory counts from its first request, which was not before ``started_at``.
        A call that is opened now has left when its lease ends (R3), and what left is taken or
        gone one settle window later (R4).
        """
        latest_s = self._lease_s() + self._limits(route)[2]
        ttl_s = self.adapter.routes[route].idempotency.ttl_s
        over = started_at + timedelta(seconds=ttl_s)
        return not self.steady.suspects(started_at) and now + timedelta(seconds=latest_s) <= over

    async def _claim(self) -> list[Claimed]:
        async with self.runtime.database.write() as tx:
            lease_until = tx.now + timedelta(seconds=self._lease_s())
            return await claim(
                tx, self.account.id, self._worker_id, lease_until, lambda r: self._limits(r)[0]
            )

    async def _work(self, lot: Claimed) -> None:
        """Send a lot wave by wave; leave it when the lease is another's."""
        cargo = await read_lot(self.runtime, lot.id, clock(), self.ad_margin_s())
        if cargo.refused or cargo.held:
            await self._refuse(lot, cargo)
        route = self.adapter.routes[lot.route]
        batch, deadline_s, _ = self._limits(lot.route)
        loads = cut(cargo.ready, route, batch)
        while loads:
            wave, loads = loads[:WAVE], loads[WAVE:]
            await self._pace.wait(sum(map(len, wave)))
            if self.draining or self.is_paused(clock()):
                break
            lease_end = time.monotonic() + self._lease_s()
            calls = await self._open(lot, route, wave)
            if calls is None:
                log.warning("lease lost", lot=str(lot.id))
                return
            crash_at("K04")
            async with asyncio.TaskGroup() as group:
                for call, messages in calls:
                    group.create_task(self._send(call, messages, lease_end, deadline_s))
        async with self.runtime.database.write() as tx:
            await finish(tx, lot)

    async def _refuse(self, lot: Claimed, cargo: Cargo) -> None:
        """What must not leave any more ends here, each with its reason; what may not yet, waits."""
        async with self.runtime.database.write() as tx:
            await hours.hold(tx, lot.id, lot.place(self.account.id), cargo.held)
            for item, status, reason in cargo.refused:
                await tx.session.exec(
                    update(Attempt)
                    .where(
                        col(Attempt.message_id) == item.message_id,
                        col(Attempt.id) == item.attempt_id,
                        col(Attempt.status) == AttemptStatus.QUEUED,
                    )
                    .values(status=status, reason=reason, due_at=None, settled_at=tx.now)
                )
                tx.emit(
                    lot.workspace_id, f"attempt.{status}", item.message_id,
                    step=item.step, reason=reason,
                )  # fmt: skip
            await advance(tx, self.runtime, [item.message_id for item, _, _ in cargo.refused])

    async def _open(
        self, lot: Claimed, route: Route, wave: Sequence[Sequence[Load]]
    ) -> list[tuple[OpenCall, tuple[Outgoing, ...]]] | None:
        """Commit the rows of the next calls, renewing the lease; None when it is lost."""
        _, deadline_s, settle_s = self._limits(lot.route)
        async with self.runtime.database.write() as tx:
            if not await self._renew(tx, lot):
                return None
            wave = await self._fit(tx, lot, route, wave)
            ids = [new_id() for _ in wave]
            rows = [
                (item.message_id, item.attempt_id, lot.id, call_id)
                for call_id, loads in zip(ids, wave, strict=True)
                for item, _ in loads
            ]
            await tx.sql.open_attempts(tx.conn, tx.now, rows)
            taken = await taken_by(tx, ids)
            calls = []
            for call_id, loads in zip(ids, wave, strict=True):
                mine = [load for load in loads if load[0].attempt_id in taken[call_id]]
                if mine:  # the rest was cancelled meanwhile
                    items = tuple(item for item, _ in mine)
                    call = self._call(tx, lot, route, call_id, items, (deadline_s, settle_s))
                    calls.append((call, tuple(message for _, message in mine)))
            await tx.sql.insert(tx.conn, "call", CALL_COLUMNS, [call.row() for call, _ in calls])
            sent = [item.message_id for call, _ in calls for item in call.items]
            if sent:
                await tx.sql.mark_sending(tx.conn, tx.now, sent)
        return calls

    async def _fit(
        self, tx: Tx, lot: Claimed, route: Route, wave: Sequence[Sequence[Load]]
    ) -> list[list[Load]]:
        """What of a wave may leave now: no repeat too late, no equal text too early, in hours."""
        wave, closed = in_hours(wave, tx.now)
        await hours.hold(tx, lot.id, lot.place(self.account.id), closed)
        late = [
            item
            for loads in wave
            for item, _ in loads
            if item.in_doubt and not self._still_repeats(item, tx.now, route)
        ]
        await back_to_unknown(tx, late, lot.workspace_id, route.name)
        kept = [[load for load in loads if load[0] not in late] for loads in wave]
        if route.idempotency.kind is IdempotencyClass.WINDOW_LOOK_UP:
            _, _, settle_s = self._limits(route.name)
            apart_s = self._lease_s() + settle_s + 2 * route.idempotency.window_s
            place = replace(lot.place(self.account.id), due_at=tx.now + LATER)
            kept = await one_by_one(tx, self.runtime, lot.id, place, kept, apart_s)
        return [loads for loads in kept if loads]

    def _still_repeats(self, item: Item, now: datetime, route: Route) -> bool:
        over = earliest(item.expires_at, step_due(item.plan, item.step, item.started_at))
        if not_now([item], now) or (over is not None and over <= now):
            return False
        return self.may_repeat(route.name, item.started_at, now)

    def _call(
        self,
        tx: Tx,
        lot: Claimed,
        route: Route,
        call_id: UUID,
        items: tuple[Item, ...],
        times: tuple[float, float],
    ) -> OpenCall:
        deadline_s, settle_s = times
        return OpenCall(
            id=call_id,
            key=f"naru-{call_id.hex}",
            workspace_id=lot.workspace_id,
            lot_id=lot.id,
            fence=lot.fence,
            account=self.account,
            route=route,
            settle_s=settle_s,
            started_at=tx.now,
            deadline_at=tx.now + timedelta(seconds=deadline_s),
            items=items,
        )

    async def _renew(self, tx: Tx, lot: Claimed) -> bool:
        result: Any = await tx.session.exec(
            update(Lot)
            .where(col(Lot.id) == lot.id, col(Lot.fence) == lot.fence, col(Lot.state) == "leased")
            .values(lease_until=tx.now + timedelta(seconds=self._lease_s()))
        )
        return bool(result.rowcount)

    async def _send(
        self, call: OpenCall, messages: tuple[Outgoing, ...], lease_end: float, deadline_s: float
    ) -> None:
        async with self._slots:
            until = call.started_at + timedelta(seconds=self._lease_s())
            if is_over(lease_end, until, deadline_s + MARGIN_S):
                return  # R3: not enough lease; recovery finds the call unsent and asks first
            crash_at("K05", after_s=0.1)
            answer = await self.adapter.send(
                Call(
                    key=call.key,
                    route=call.route.name,
                    messages=messages,
                    now=call.started_at,
                    deadline=time.monotonic() + deadline_s,
                )
            )
        crash_at("K06")

        async def write(tx: Tx) -> None:
            await settle(tx, self.runtime, call, answer)
            if refused_credentials(answer):
                self._pause(tx.now)
            elif self.account.state == "paused":
                await accounts.resume(tx, self.account.workspace_id, self.account.id)

        await self.runtime.database.transact(write)

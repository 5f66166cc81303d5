"""Opening calls: their rows are committed before a byte leaves (rule R1), under the lease."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.db.models import Lot, ProviderAccount
from app.db.session import Tx
from app.ids import new_id
from app.services import accounts, hours
from app.services.calls import CALL_COLUMNS, Item, OpenCall
from app.services.runtime import Runtime
from app.services.steps import earliest, step_due
from channels.contract import Adapter, Outgoing, Route
from channels.vocabulary import IdempotencyClass
from scheduler.batches import Load, in_hours, not_now
from scheduler.claiming import Claimed, taken_by
from scheduler.doubts import LATER, back_to_unknown, one_by_one
from scheduler.steady import Steady

LEASE_EXTRA_S = 10.0
Wave = Sequence[Sequence[Load]]
Opened = list[tuple[OpenCall, tuple[Outgoing, ...]]]


class Desk:
    """What an account and its adapter allow now, and the opening of calls within that."""

    def __init__(self, runtime: Runtime, account: ProviderAccount, adapter: Adapter) -> None:
        self.runtime, self.account, self.adapter = runtime, account, adapter
        self.steady = Steady()

    # ---- limits ---------------------------------------------------------------------------

    def _limits(self, route: str) -> tuple[int, float, float]:
        """Batch, deadline and settle window."""
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

    # ---- opening --------------------------------------------------------------------------

    async def _open(self, lot: Claimed, route: Route, wave: Wave) -> Opened | None:
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

    async def _fit(self, tx: Tx, lot: Claimed, route: Route, wave: Wave) -> list[list[Load]]:
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

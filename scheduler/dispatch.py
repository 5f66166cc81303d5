"""Where a message is sent: one lane per provider account claims lots, opens calls, sends, settles.

Order of every call: claim → commit its row (R1) → check the lease once more (R3) → send → settle
under the fence (R5). No database session is open while the network is. Calls are under way while
the next are opened: how many, the slots say; how fast, the pace.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, update
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import Attempt, Lot, ProviderAccount
from app.db.models.fields import now as clock
from app.log import logger
from app.services import counters, hours
from app.services.calls import OpenCall
from app.services.delivery import advance
from app.services.lots import LARGEST
from app.services.runtime import Runtime
from app.services.states import AttemptStatus
from channels.contract import Adapter, Outgoing, Route
from scheduler import showing
from scheduler.batches import Cargo, cut, read_lot
from scheduler.breaker import take_try
from scheduler.claiming import Claimed, Holder, claim, finish
from scheduler.opening import Opened, Wave
from scheduler.sending import Sending

PRIORITIES = (1, 0)
DRAIN_LOOK_S = 0.05

log = logger("dispatch")


class Lane(Sending):
    """One provider account in one worker."""

    def __init__(
        self, runtime: Runtime, account: ProviderAccount, adapter: Adapter, worker_id: UUID
    ) -> None:
        super().__init__(runtime, account, adapter, worker_id)
        self._held: dict[UUID, Claimed] = {}  # claimed, and not all of it opened
        self._tasks: set[asyncio.Task[bool]] = set()
        self.draining = False
        self._paused_at: float | None = None
        self.polled_until: datetime | None = None

    def adopt(
        self, account: ProviderAccount, adapter: Adapter | None = None, workers: int = 1
    ) -> None:
        """Take over the account's settings as they are stored now, and its share of the rate."""
        if adapter is not None:
            self.adapter = adapter
        self.account = account
        if account.state != "paused":
            self._paused_at = None
        elif self._paused_at is None:
            self._paused_at = time.monotonic()
        self.pace.change(account.rate_per_s and account.rate_per_s / max(1, workers))

    def paused_s(self) -> float:
        """For how long the account has been paused, as far as this worker has seen."""
        return 0.0 if self._paused_at is None else time.monotonic() - self._paused_at

    def _rests(self, lot: Claimed | None = None) -> bool:
        """Whether nothing may be claimed or opened now; the lot of a try may."""
        tries = lot is not None and lot.id == self._trying
        now = clock()
        stopped = self.draining or self.account.state == "disabled"
        return stopped or self.is_paused(now) or (self.is_broken(now) and not tries)

    # ---- turns ----------------------------------------------------------------------------

    async def turn(self) -> bool:
        """Claim and work off one set of lots of each priority; False when there was nothing."""
        done = [await self.pump(priority) for priority in PRIORITIES]
        await self.join()
        return any(done)

    async def pump(self, priority: int) -> bool:
        """Claim what is next and open its calls; False when nothing is ready.

        It returns while the calls are under way, so that the next lot is claimed meanwhile.
        """
        if self._rests() or not await self._anything(priority):
            return False
        await self.slots.wait(urgent=priority > 0)
        if self._rests():
            return False
        claimed = await self._claim(priority)
        if claimed:
            crash_at("K03")
        self._held |= {lot.id: lot for lot in claimed}
        try:
            for lot in claimed:
                await self._work(lot)
        finally:
            for lot in claimed:
                self._held.pop(lot.id, None)
        return bool(claimed)

    async def join(self) -> None:
        """Wait for everything that is under way. Raises what went wrong in it."""
        errors = []
        while self._tasks:
            done, _ = await asyncio.wait(self._tasks)
            errors += [e for task in done if not task.cancelled() and (e := task.exception())]
        if errors:
            raise BaseExceptionGroup("calls", errors)

    async def drain(self) -> None:
        """Claim and open nothing more; return when what is under way has ended."""
        self.draining = self.pace.stopped = True
        while self._tasks or self._held:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=DRAIN_LOOK_S)
            else:
                await asyncio.sleep(DRAIN_LOOK_S)

    async def cancel(self) -> None:
        """End what is still under way: recovery asks about it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("call failed", account=self.account.name, error=type(error).__name__)

    # ---- claiming -------------------------------------------------------------------------

    async def _anything(self, priority: int) -> bool:
        """A look without the right to write: an idle lane must not stand in the writers' way."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(Lot.id)
                .where(
                    col(Lot.account_id) == self.account.id,
                    col(Lot.priority) == priority,
                    or_(
                        col(Lot.state) == "ready",
                        and_(col(Lot.state) == "waiting", col(Lot.due_at) <= clock()),
                    ),
                )
                .limit(1)
            )
            return found.first() is not None

    async def _claim(self, priority: int) -> list[Claimed]:
        async with self.runtime.database.write() as tx:
            until = tx.now + timedelta(seconds=self._lease_s())
            holder = Holder(self.account.id, self._worker_id, until)
            most = self.pace.within(self._lease_s() / 2, LARGEST)
            tries = self.account.breaker_until is not None
            if tries:  # nobody else tries meanwhile
                most = 1
                if not await take_try(tx, self.account, until):
                    return []
                self._know(breaker_until=until)
            claimed = await claim(tx, holder, priority, lambda r: self._limits(r)[0], most)
            if tries and claimed:
                self._trying = claimed[0].id
            return claimed

    # ---- working --------------------------------------------------------------------------

    async def _work(self, lot: Claimed) -> None:
        """Open a lot's calls wave by wave; leave it when the lease is another's."""
        cargo = await read_lot(self.runtime, lot.id, clock(), self.ad_margin_s())
        await showing.show(self.runtime, cargo, lot.workspace_id, self.account.id, clock())
        if cargo.refused or cargo.held or cargo.awaiting:
            await self._refuse(lot, cargo)
        route = self.adapter.routes[lot.route]
        batch, deadline_s, _ = self._limits(lot.route)
        tries = lot.id == self._trying
        loads = cut(cargo.ready, route, 1 if tries else self.pace.largest(batch))
        loads = loads[:1] if tries else loads
        under_way: list[asyncio.Task[bool]] = []
        while loads and (count := await self._room(lot, loads)):
            wave, loads = loads[:count], loads[count:]
            lease_end = time.monotonic() + self._lease_s()
            calls = await self._open_in_slots(lot, route, wave)
            if calls is None:
                log.warning("lease lost", lot=str(lot.id))
                return
            crash_at("K04")
            under_way += [
                self._spawn(self._in_slot(lot, call, messages, (lease_end, deadline_s)))
                for call, messages in calls
            ]
        self._held.pop(lot.id, None)
        self._spawn(self._finish(lot, under_way))

    async def _room(self, lot: Claimed, loads: Wave) -> int:
        """Wait until calls may be opened, keeping the lease; how many, 0 when the lane rests."""
        urgent = lot.priority > 0
        most = self.pace.largest(LARGEST)
        while not self._rests(lot):
            try:
                async with asyncio.timeout(self._lease_s() / 3):
                    await self.slots.wait(urgent=urgent)
                    count, size = 0, 0
                    for load in loads[: self.slots.free(urgent=urgent)]:
                        if count and size + len(load) > most:
                            break
                        count, size = count + 1, size + len(load)
                    if not await self.pace.take(size, urgent=urgent):
                        return 0
            except TimeoutError:
                await self._keep()
                continue
            return 0 if self._rests(lot) else count
        return 0

    async def _keep(self) -> None:
        """Renew the leases of what waits for its turn here."""
        async with self.runtime.database.write() as tx:
            for lot in sorted(self._held.values(), key=lambda lot: lot.id):
                await self._renew(tx, lot)

    async def _open_in_slots(self, lot: Claimed, route: Route, wave: Wave) -> Opened | None:
        """Open calls, each in a slot of its own until it has been sent and settled."""
        urgent = lot.priority > 0
        self.slots.take(len(wave), urgent=urgent)
        opened = 0
        try:
            calls = await self._open(lot, route, wave)
            opened = len(calls or ())
        finally:
            self.slots.give_back(len(wave) - opened, urgent=urgent)
        return calls

    async def _in_slot(
        self,
        lot: Claimed,
        call: OpenCall,
        messages: tuple[Outgoing, ...],
        times: tuple[float, float],
    ) -> bool:
        try:
            return await self._send(call, messages, *times)
        finally:
            self.slots.give_back(1, urgent=lot.priority > 0)

    async def _refuse(self, lot: Claimed, cargo: Cargo) -> None:
        """What must not leave any more ends here, each with its reason; what may not yet, waits."""
        async with self.runtime.database.write() as tx:
            place = lot.place(self.account.id)
            await hours.hold(tx, lot.id, place, cargo.held)
            await showing.wait(tx, lot.id, place, cargo)
            tries = counters.Tries(tx, lot.workspace_id, self.account.mode, self.account.prices)
            for item, status, reason in cargo.refused:
                ended: Any = await tx.session.exec(
                    update(Attempt)
                    .where(
                        col(Attempt.message_id) == item.message_id,
                        col(Attempt.id) == item.attempt_id,
                        col(Attempt.status) == AttemptStatus.QUEUED,
                    )
                    .values(status=status, reason=reason, due_at=None, settled_at=tx.now)
                )
                if not ended.rowcount:
                    continue  # cancelled meanwhile
                counted = counters.of_attempt(status, reason)
                tries.add(item.message_id, lot.route, frozenset(), counted, None)
                where = cargo.differing.get(item.attempt_id)
                tx.emit(
                    lot.workspace_id, f"attempt.{status}", item.message_id,
                    step=item.step, reason=reason, **({"differs": where} if where else {}),
                )  # fmt: skip
            await advance(tx, self.runtime, [item.message_id for item, _, _ in cargo.refused])

    async def _finish(self, lot: Claimed, under_way: Sequence[asyncio.Task[bool]]) -> bool:
        """Let go of a lot when its calls have ended."""
        if under_way:
            await asyncio.wait(under_way)
        async with self.runtime.database.write() as tx:
            await finish(tx, lot)
        return True

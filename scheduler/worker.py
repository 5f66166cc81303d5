"""One scheduler process: its lanes, its loops, and how they stop."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import httpx
from sqlalchemy import delete, func
from sqlmodel import col, select

from app.db.models import ProviderAccount, Worker
from app.db.models.fields import now as clock
from app.db.session import eventually
from app.ids import new_id
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts
from app.services.recovery import lapse_leases
from app.services.runtime import Runtime
from channels.contract import Adapter
from scheduler import chats, inbound, results, routing
from scheduler.dispatch import PRIORITIES, Lane

DRAIN_S = 20.0
LISTEN_S = 5.0  # how often a lost connection for hints is looked after
ALIVE_S = 15.0  # a worker that has not been heard of for so long takes no part in the rate
RESTART_S = 1.0  # a loop that failed starts again after this
log = logger("worker")
T = TypeVar("T")


class SchedulerWorker:
    """Holds the lanes of all active accounts and the loops that wake with new work."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self.runtime, self.client = runtime, client
        self.id = new_id()
        self.lanes: dict[UUID, Lane] = {}
        self.stopping = asyncio.Event()
        self._tasks: dict[UUID, list[asyncio.Task[None]]] = {}  # by account, one per priority
        self._closing: set[asyncio.Task[None]] = set()
        self._wakes: set[asyncio.Event] = set()

    # ---- life -----------------------------------------------------------------------------

    async def start(self) -> None:
        """Register this worker, take back what dead ones of this machine held, open the lanes."""
        async with self.runtime.database.write() as tx:
            tx.session.add(Worker(id=self.id, host=socket.gethostname(), pid=os.getpid()))
        await self.refresh()
        await self._bury_the_dead()

    async def beat(self) -> None:
        """Say that this worker lives."""
        async with self.runtime.database.write() as tx:
            worker = await tx.session.get(Worker, self.id)
            if worker is None:
                tx.session.add(Worker(id=self.id, host=socket.gethostname(), pid=os.getpid()))
            else:
                worker.beat_at = tx.now

    async def _bury_the_dead(self) -> None:
        """A process that is gone sends nothing more: its leases need not run out first."""
        settle_s = {account_id: lane.settle_s() for account_id, lane in self.lanes.items()}
        async with self.runtime.database.write() as tx:
            rows = await tx.session.exec(
                select(Worker).where(
                    col(Worker.host) == socket.gethostname(), col(Worker.id) != self.id
                )
            )
            for worker in list(rows):
                if not _alive(worker.pid):
                    while await lapse_leases(tx, settle_s, worker_id=worker.id):
                        pass
                    await tx.session.exec(delete(Worker).where(col(Worker.id) == worker.id))

    async def refresh(self) -> None:
        """Open a lane for every account; close those that are gone.

        One that is disabled sends nothing, but what it has sent is still asked about, and its
        receipts are read. The accounts' rates are shared by all workers that live now.
        """
        async with self.runtime.database.read() as session:
            rows = await session.exec(select(ProviderAccount))
            current = {account.id: account for account in rows}
            workers = await session.scalar(
                select(func.count()).where(
                    col(Worker.beat_at) > clock() - timedelta(seconds=ALIVE_S)
                )
            )
        for account_id in self.lanes.keys() - current.keys():
            closing = self._close(self.lanes.pop(account_id), self._tasks.pop(account_id))
            self._closing.add(task := asyncio.create_task(closing))
            task.add_done_callback(self._closing.discard)
        for account in current.values():
            self._open(account, workers or 1)

    async def _close(self, lane: Lane, loops: list[asyncio.Task[None]]) -> None:
        """What is under way ends by itself; nothing new is claimed."""
        await lane.drain()
        for loop in loops:
            loop.cancel()

    def _open(self, account: ProviderAccount, workers: int) -> None:
        """A lane for the account; a lane that is open takes over what has changed."""
        lane = self.lanes.get(account.id)
        changed = lane is None or (lane.account.credentials_sealed != account.credentials_sealed)
        adapter = self._adapter(account) if changed else None
        if lane is not None:
            lane.adopt(account, adapter, workers)
        elif adapter is not None:
            lane = self.lanes[account.id] = Lane(self.runtime, account, adapter, self.id)
            lane.adopt(account, workers=workers)
            self._tasks[account.id] = [
                asyncio.create_task(self.loop(account.name, partial(lane.pump, priority)))
                for priority in PRIORITIES
            ]

    def _adapter(self, account: ProviderAccount) -> Adapter | None:
        try:
            return accounts.adapter_of(self.runtime, account, self.client)
        except (Unsealable, ValueError) as error:
            log.error("account cannot be used", account=account.name, error=type(error).__name__)
            return None

    def adapter_of(self, account: ProviderAccount) -> Adapter:
        """The adapter of an account with a lane. Raises KeyError for one without."""
        return self.lanes[account.id].adapter

    async def stop(self) -> None:
        """Claim nothing more, finish what is under way, at most for DRAIN_S."""
        self.stopping.set()
        drains = [asyncio.create_task(lane.drain()) for lane in self.lanes.values()]
        for wake in self._wakes:
            wake.set()
        tasks = [*drains, *self._closing, *(one for two in self._tasks.values() for one in two)]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
            for task in late:
                task.cancel()
        for lane in self.lanes.values():
            await lane.cancel()
        async with self.runtime.database.write() as tx:
            await tx.session.exec(delete(Worker).where(col(Worker.id) == self.id))

    # ---- loops ----------------------------------------------------------------------------

    async def hear(self) -> None:
        """Pass hints on to every loop."""
        while not self.stopping.is_set():
            await self.runtime.database.hints.listen()  # again, when the connection was lost
            await eventually(self.runtime.database, LISTEN_S)
            for wake in self._wakes:
                wake.set()

    async def receive(self) -> None:
        """Receipts, as they come."""

        async def turn() -> bool:
            return await results.apply_inbox(self.runtime, self.lanes) > 0

        await self.loop("receive", turn)

    async def converse(self) -> None:
        """What customers write: a loop of its own, so that no flood of receipts goes before it."""

        async def turn() -> bool:
            return await inbound.apply_due(self.runtime, self.adapter_of) > 0

        await self.loop("converse", turn)

    async def answer(self) -> None:
        """Staff's answers: a loop of its own, because a hub may hang for a whole deadline."""

        async def turn() -> bool:
            return await chats.send_due(self.runtime, self.adapter_of, slow=False) > 0

        await self.loop("answer", turn)

    async def route(self) -> None:
        """Consultations given to people as they come, and as people come."""

        async def turn() -> bool:
            return await routing.route_due(self.runtime) > 0

        await self.loop("route", turn)

    async def hand_over(self) -> None:
        """Files, and what is asked about a chat: a large one holds up nobody's words."""

        async def turn() -> bool:
            return await chats.send_due(self.runtime, self.adapter_of, slow=True) > 0

        await self.loop("hand over", turn)

    async def loop(self, name: str, turn: Callable[[], Awaitable[bool]]) -> None:
        """Take turns while there is work; else wait for a hint or the poll interval."""
        wake = asyncio.Event()
        self._wakes.add(wake)
        try:
            while not self.stopping.is_set():
                wake.clear()
                if not await self._try(name, turn):
                    await _wait(wake, self.runtime.settings.poll_s)
        finally:
            self._wakes.discard(wake)

    async def _try(self, name: str, turn: Callable[[], Awaitable[bool]]) -> bool:
        """One turn; a database or network that fails is waited for, nothing is given up."""
        more = await guarded(name, turn)
        if more is None:
            await _wait(self.stopping, RESTART_S)
        return bool(more)


async def guarded(name: str, job: Callable[[], Awaitable[T]]) -> T | None:
    """Run a job or a turn; None when it failed, which is logged. It runs again later."""
    try:
        return await job()
    except Exception as error:  # the one place: nothing here may end the process
        log.exception("failed, runs again", job=name, error=_words(error))
        return None


def _words(error: Exception) -> str:
    """Type names only: an error's own text may carry what it failed on."""
    if isinstance(error, ExceptionGroup):
        return ", ".join(_words(e) for e in error.exceptions)
    return type(error).__name__


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

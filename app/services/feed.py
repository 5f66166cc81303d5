"""One tail of the event table per app process: every live view of the process hangs on it.

After each commit anywhere a bell rings (:mod:`app.db.bells`) and the tail reads what is new, once
for all who follow the workspace; every ``poll_s`` it looks without a bell, and that is the truth.
What it read stays for a while on the workspace's *reel*. Whoever follows holds nothing but a
number, so a slow one costs no memory and makes nobody wait: behind the reel it reads from the
table by itself.
"""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import WorkspaceCounter
from app.db.session import Told
from app.errors import TooMany
from app.log import logger
from app.services import happenings
from app.services.callers import Caller
from app.services.happenings import Happening
from app.services.onlookers import Presence
from app.services.runtime import Runtime

PAGE = 200  # events read at once
KEPT = 1_000  # happenings on a reel
LISTEN_S = 5.0  # how often a lost connection for bells is looked after
RETRY_S = 1.0  # after a database that failed
STREAMS = 50  # of one key or staff member, in one process
ALL_STREAMS = 2_000  # of a process
log = logger("feed")


@dataclass(slots=True)
class Reel:
    """What happened in a workspace after event ``start`` and up to ``end``."""

    start: int
    end: int
    kept: deque[Happening] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    def after(self, seq: int) -> list[Happening]:
        """Those after a number that is not before ``start``."""
        found = []
        for one in reversed(self.kept):
            if one.seq <= seq:
                break
            found.append(one)
        return found[::-1]

    def add(self, new: Sequence[Happening], last: int) -> None:
        """Append, forget the oldest, wake everybody."""
        self.kept.extend(new)
        self.end = last
        while len(self.kept) > KEPT:
            self.start = self.kept.popleft().seq
        self.wake()

    def restart(self, at: int) -> None:
        """Begin anew: the numbers went back, as after a restore from a backup."""
        self.start = self.end = at
        self.kept.clear()
        self.wake()

    def wake(self) -> None:
        """Everybody who waits looks again."""
        self.changed.set()
        self.changed = asyncio.Event()


@dataclass(frozen=True, slots=True)
class News:
    """What a follower gets: maybe nothing, but always where it stands.

    ``gap``: events between are gone, or the database is an older one: read the state anew.
    """

    happenings: Sequence[Happening]
    last: int
    gap: bool = False
    more: bool = False  # there was more to read


class Feed:
    """In ``app.state.feed``. Open it, close it before the server waits for its connections."""

    def __init__(self, runtime: Runtime) -> None:
        self.presence = Presence(runtime.database.bells, self._wake)
        self.closed = False
        self._runtime = runtime
        self._reels: dict[UUID, Reel] = {}
        self._streams: Counter[UUID] = Counter()  # by key
        self._rung = asyncio.Event()
        self._is_reading = False
        self._task: asyncio.Task[None] | None = None

    # ---- the tail -------------------------------------------------------------------------

    async def open(self) -> None:
        """Listen for bells and begin to read."""
        await self._runtime.database.bells.listen(self._hear)
        self._runtime.database.told = self._told
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End every stream and the tail."""
        self.shut()
        self._runtime.database.told = None
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def shut(self) -> None:
        """Tell every stream to end; they do within a turn of the loop."""
        self.closed = True
        for reel in self._reels.values():
            reel.wake()

    def _wake(self, workspace_id: UUID) -> None:
        if workspace_id in self._reels:
            self._reels[workspace_id].wake()

    def _hear(self, words: str) -> None:
        if words:
            self.presence.hear(words)
        else:
            self._rung.set()

    def _told(self, events: Sequence[Told]) -> bool:
        """What this process just committed goes onto the reel as it is: nothing is read again.

        Not when events of others lie before it, or the tail reads at this moment.
        """
        if self._is_reading or len({event.workspace_id for event in events}) > 1:
            return False
        reel = self._reels.get(events[0].workspace_id)
        if reel is None:
            return True  # nobody follows
        found = happenings.at_hand(events)
        if found is None or events[0].seq != reel.end + 1:
            return False
        reel.add(found, events[-1].seq)
        return True

    async def _run(self) -> None:
        looked_after = time.monotonic()
        while not self.closed:
            try:
                async with asyncio.timeout(
                    self._runtime.settings.poll_s if self._reels else LISTEN_S
                ):
                    await self._rung.wait()
            except TimeoutError:
                pass
            rung = self._rung.is_set()
            self._rung.clear()
            self.presence.expire()
            if time.monotonic() - looked_after > LISTEN_S:
                looked_after = time.monotonic()
                await self._runtime.database.bells.listen(self._hear)
            self._is_reading = True
            try:
                await self._read(rung)
            except (SQLAlchemyError, OSError) as error:
                log.warning("cannot read events, tries again", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            finally:
                self._is_reading = False

    async def _read(self, rung: bool) -> None:
        """Bring every reel up to date; who rang is believed, else the counters are asked first."""
        if not self._reels:
            return
        async with self._runtime.database.read() as session:
            if rung and len(self._reels) == 1:
                (only,) = self._reels.items()
                if await self._read_on(session, *only):
                    return
            await self._read_counted(session)

    async def _read_counted(self, session: AsyncSession) -> None:
        rows = await session.exec(
            select(WorkspaceCounter.workspace_id, WorkspaceCounter.last_event).where(
                col(WorkspaceCounter.workspace_id).in_(self._reels)
            )
        )
        for workspace_id, newest in rows.all():
            reel = self._reels.get(workspace_id)
            if reel is None:
                continue
            if newest < reel.end:
                reel.restart(newest)
            while reel.end < newest:
                if not await self._read_on(session, workspace_id, reel):
                    reel.restart(newest)  # some were removed before we came to them

    async def _read_on(self, session: AsyncSession, workspace_id: UUID, reel: Reel) -> bool:
        """One page onto a reel; False when there is none that follows."""
        page = await happenings.read(session, workspace_id, reel.end, PAGE)
        if page.first != reel.end + 1:
            return False
        if page.last - reel.end == PAGE:
            self._rung.set()  # there may be more
        reel.add(page.happenings, page.last)
        return True

    # ---- who follows ----------------------------------------------------------------------

    def need_room(self, caller: Caller) -> None:
        """Raises TooMany ``too_many_streams``."""
        if self._streams[caller.key_id] >= STREAMS or self._streams.total() >= ALL_STREAMS:
            raise TooMany(
                "too_many_streams",
                f"A key may hold {STREAMS} streams open at a time. Close some, or share one.",
                data={"limit": STREAMS},
                retry_after_s=5,
            )

    @contextlib.asynccontextmanager
    async def place(self, caller: Caller) -> AsyncIterator[Reel]:
        """Room for one stream, counted against its key."""
        self._streams[caller.key_id] += 1
        try:
            reel = await self._reel(caller.workspace_id)
            reel.followers += 1
            try:
                yield reel
            finally:
                reel.followers -= 1
                if not reel.followers and self._reels.get(caller.workspace_id) is reel:
                    del self._reels[caller.workspace_id]
        finally:
            self._streams[caller.key_id] -= 1
            if not self._streams[caller.key_id]:
                del self._streams[caller.key_id]

    async def _reel(self, workspace_id: UUID) -> Reel:
        if workspace_id not in self._reels:
            at = await self.newest(workspace_id)
            self._reels.setdefault(workspace_id, Reel(at, at))
            self._rung.set()  # from now on it looks every poll_s
        return self._reels[workspace_id]

    async def newest(self, workspace_id: UUID) -> int:
        """The number of the newest event."""
        async with self._runtime.database.read() as session:
            return await happenings.newest(session, workspace_id)

    async def next(self, reel: Reel, caller: Caller, after: int, wait_s: float) -> News:
        """What came after a number; waits for it at most ``wait_s``."""
        changed = reel.changed
        if after >= reel.end and not self.closed:  # ahead of the tail, by reading the table
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await changed.wait()
        if reel.start <= after <= reel.end:
            return News(reel.after(after), reel.end)
        return await self.page(caller.workspace_id, after, PAGE)

    async def page(self, workspace_id: UUID, after: int, limit: int) -> News:
        """Events after a number, out of the table."""
        async with self._runtime.database.read() as session:
            newest = await happenings.newest(session, workspace_id)
            found = await happenings.read(session, workspace_id, after, limit)
        if found.last == after != newest:  # of another history, or all that came is removed
            return News((), newest, gap=True)
        gap = 0 < after < found.first - 1
        return News(found.happenings, found.last, gap, more=found.last < newest)

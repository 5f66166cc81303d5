"""The database of a process: reading sessions, writing transactions, the event cursor.

``database.read()`` gives a session that cannot write. ``database.write()`` gives a :class:`Tx`:
everything in it commits together, its events get the workspace's next numbers as the last thing
before the commit, and who waits for them is told afterwards.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import heap, hops, postgres, sqlite
from app.db.bells import Bells, PostgresBells, SocketBells
from app.db.hints import Hints, PostgresHints, SocketHints
from app.db.models.fields import now as clock
from app.db.notifier import Notifier
from app.db.outages import STATES
from app.db.turnstile import Turnstile
from app.ids import new_id

T = TypeVar("T")
TRIES = 5  # of a transaction the database gives up
MOST_CONNECTIONS = 20  # of one process to PostgreSQL


class Told(NamedTuple):
    """A row of the event table, as it is stored."""

    id: UUID
    workspace_id: UUID
    seq: int
    kind: str
    subject_id: UUID
    at: datetime
    data: str


@dataclass
class Tx:
    """One writing transaction."""

    conn: AsyncConnection
    session: AsyncSession
    sql: ModuleType  # app.db.sqlite or app.db.postgres: the same functions
    now: datetime
    wake: bool = False  # tell the scheduler after the commit
    waits: bool = True  # for a thread somebody else holds; else that is an error
    told: list[Told] = field(default_factory=list)  # its events, once they are written
    _events: dict[UUID, list[tuple[str, UUID, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _later: dict[tuple[str, ...], list[tuple[Any, ...]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _counts: Counter[tuple[UUID, str, str]] = field(default_factory=Counter)

    def emit(self, workspace_id: UUID, kind: str, subject_id: UUID, **data: Any) -> None:
        """Record that something happened; data must hold nothing personal."""
        self._events[workspace_id].append((kind, subject_id, orjson.dumps(data).decode()))

    def count(self, workspace_id: UUID, day: str, name: str, amount: int = 1) -> None:
        """Add to a counter; ``day`` is a Korean one, as ``2026-11-23``."""
        self._counts[workspace_id, day, name] += amount

    def later(self, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows that nobody reads in this transaction: all at once, before the commit."""
        self._later[table, *columns].extend(rows)

    def subjects(self, *kinds: str) -> set[UUID]:
        """What its events are about whose kind begins so."""
        told = (one for events in self._events.values() for one in events)
        return {subject for kind, subject, _ in told if kind.startswith(kinds)}

    async def write_events(self) -> None:
        """Write what was left for the end, number and store the events, add to the counters: once.

        Everyone takes cursors, then counters, each in their order: nobody waits crosswise.
        """
        for (table, *columns), rows in self._later.items():
            await self.sql.insert(self.conn, table, columns, rows)
        for workspace_id in sorted(self._events):
            events = self._events[workspace_id]
            last = await self.sql.next_events(self.conn, workspace_id, len(events))
            first = last - len(events) + 1
            self.told += [
                Told(new_id(), workspace_id, first + i, kind, subject, self.now, data)
                for i, (kind, subject, data) in enumerate(events)
            ]
        counts = [(*at, amount) for at, amount in self._counts.items() if amount]
        await self.sql.count(self.conn, counts)
        if self.told:
            await self.sql.insert(self.conn, "event", Told._fields, self.told)


class Database:
    """One per process. Close it."""

    def __init__(self, url: str, folder: Path, kept: int = 10) -> None:
        self.url, self.folder = url, folder
        self.is_sqlite = url.startswith("sqlite")
        self.sql: ModuleType = sqlite if self.is_sqlite else postgres
        # hears what this process committed; False: it must be read from the table
        self.told: Callable[[Sequence[Told]], bool] | None = None
        self._turnstile = Turnstile(folder) if self.is_sqlite else None
        self._notifier = None if self.is_sqlite else Notifier(url)
        self.hints: Hints = PostgresHints(self._notifier) if self._notifier else SocketHints(folder)
        self.bells: Bells = PostgresBells(self._notifier) if self._notifier else SocketBells(folder)
        if self.is_sqlite:
            heap.share()  # every connection is a thread
            self._writer = _sqlite_engine(url, readonly=False)
            self._reader = _sqlite_engine(url, readonly=True)
        else:
            self._writer = _postgres_engine(url, kept)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    async def close(self) -> None:
        """Close every connection."""
        for tellers in (self.hints, self.bells, self._notifier):
            if tellers:
                await tellers.close()
        await self._writer.dispose()
        if self.is_sqlite:  # on PostgreSQL both share one pool
            await self._reader.dispose()
        if self._turnstile:
            self._turnstile.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state of the data and may not write."""
        async with _connected(self._reader) as conn:
            async with AsyncSession(conn, expire_on_commit=False) as session:
                yield session
            await conn.rollback()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that may write; commits at the end, rolls back on any exception."""
        async with self._right_to_write(), _connected(self._writer) as conn:
            await conn.begin()
            async with AsyncSession(
                conn, expire_on_commit=False, join_transaction_mode="control_fully"
            ) as session:
                tx = Tx(conn, session, self.sql, clock())
                yield tx
                await session.flush()
                await tx.write_events()
                await conn.commit()
                heard = bool(tx.told and self.told and self.told(tx.told))
        if tx.told:
            await self.bells.ring(own=not heard)
        if tx.wake:
            await self.hints.send()

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Do ``work`` in a transaction; all of it again when the database ends a deadlock by it."""
        for _ in range(TRIES - 1):
            try:
                async with self.write() as tx:
                    return await work(tx)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in STATES:
                    raise
        async with self.write() as tx:
            return await work(tx)

    @asynccontextmanager
    async def _right_to_write(self) -> AsyncIterator[None]:
        if self._turnstile is None:
            yield
            return
        async with self._turnstile:
            yield

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside one transaction, alone, for migrations."""
        async with self._right_to_write(), _connected(self._writer) as conn, conn.begin():
            if not self.is_sqlite:
                await conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7230731)")
            yield conn


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection; one that cannot be made is an error of SQLAlchemy's like any other."""
    async with AsyncExitStack() as stack:
        try:
            conn = await stack.enter_async_context(engine.connect())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise OperationalError("connect", None, error) from error
        yield conn


def _postgres_engine(url: str, kept: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=kept,
        max_overflow=MOST_CONNECTIONS - kept,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _sqlite_engine(url: str, *, readonly: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=4 if readonly else 1,
        max_overflow=4 if readonly else 0,
        connect_args={"isolation_level": None},
        hide_parameters=True,  # an error must not carry what it failed on into the log
    )
    event.listen(engine.sync_engine, "do_connect", hops.connect)
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for pragma in sqlite.PRAGMAS:
            cursor.execute(pragma)
        # only under the right to write: changing the mode does not wait for others
        cursor.execute("PRAGMA query_only = ON" if readonly else "PRAGMA journal_mode = WAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def eventually(database: Database, seconds: float) -> None:
    """Wait for a hint, or for that many seconds: the poll is the truth, the hint saves time."""
    try:
        async with asyncio.timeout(seconds):
            await database.hints.wait()
    except TimeoutError:
        return

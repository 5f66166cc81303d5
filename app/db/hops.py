"""One way to the thread and back for each statement on SQLite, instead of four.

The driver works in a thread of its own. Opening a cursor, executing, fetching and closing are four
visits to it, and each costs two changes of thread: more than the statement itself. Here all of it
is one visit; what comes back are plain rows.
"""

import collections
import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)


@dataclass(slots=True)
class _Done:
    """What is left of a cursor that was executed, read and closed in the thread."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1

    def close(self) -> None:
        """It is closed."""


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is only there while it executes."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor: Any = _Done()
        self._soft_closed_memoized: Any = {}
        self._rows = collections.deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        async with self._adapt_connection._execute_mutex:
            driver: Any = self._connection
            words = (operation,) if parameters is None else (operation, parameters)
            self._cursor, rows = await driver._execute(_execute, driver._conn, words)
            self._rows = collections.deque(rows)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        async with self._adapt_connection._execute_mutex:
            driver: Any = self._connection
            words = (operation, seq_of_parameters)
            self._cursor = await driver._execute(_execute_many, driver._conn, words)


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection whose ordinary cursors take one visit."""

    __slots__ = ()
    _cursor_cls = Cursor


def connect(dialect: Any, _: Any, words: Any, named: Any) -> Connection:
    """For SQLAlchemy's event ``do_connect``."""
    opened = dialect.connect(*words, **named)
    return Connection(dialect.dbapi, opened._connection)


def _execute(conn: sqlite3.Connection, words: tuple[Any, ...]) -> tuple[_Done, list[Any]]:
    """In the thread."""
    cursor = conn.execute(*words)
    try:
        rows = cursor.fetchall() if cursor.description else []
        return _done(cursor), rows
    finally:
        cursor.close()


def _execute_many(conn: sqlite3.Connection, words: tuple[Any, ...]) -> _Done:
    """In the thread."""
    cursor = conn.executemany(*words)
    try:
        return _done(cursor)
    finally:
        cursor.close()


def _done(cursor: sqlite3.Cursor) -> _Done:
    return _Done(cursor.description, cursor.rowcount, cursor.lastrowid)

"""Is the database at fault, or what was asked of it? Only the first may succeed when repeated."""

import sqlite3

import asyncpg
from sqlalchemy import exc

# PostgreSQL: connection, resources, shutdown and start; a deadlock and a lost race
CLASSES = ("08", "53", "57P")
STATES = frozenset({"40001", "40P01"})
SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def is_outage(error: exc.SQLAlchemyError) -> bool:
    """Whether the same again may succeed later. What was under way may or may not be kept."""
    if isinstance(error, exc.TimeoutError):  # no free connection
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    cause = error.orig
    if error.connection_invalidated or isinstance(cause, OSError):
        return True
    if isinstance(cause, sqlite3.Error):
        # an extended code has its plain one in the lowest byte
        return getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in SQLITE_CODES
    if isinstance(cause, asyncpg.InterfaceError):  # the driver's own word, which has no state
        return "closed" in str(cause)
    state = str(getattr(cause, "sqlstate", None) or "")
    return state.startswith(CLASSES) or state in STATES

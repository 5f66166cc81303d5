"""Statements compiled once per run, not once per test.

Every test opens a store of its own, whose engine would compile all its statements anew: a fifth of
the time. Here all dialects of one kind are alike, so their engines may share what was compiled.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[Any, Any] = LRUCache(5_000)


def share() -> None:
    """Let all engines of this process use one cache."""
    for kind in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
        kind.__eq__ = _alike  # type: ignore[method-assign]
        kind.__hash__ = _hash  # type: ignore[assignment,method-assign]
    # its constructor makes one of its own, which is thrown away
    Engine._compiled_cache = property(lambda _: COMPILED, lambda _, own: None)  # type: ignore[assignment]


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash(one: object) -> int:
    return hash(type(one))

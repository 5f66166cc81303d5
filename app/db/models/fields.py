"""Column makers used by every model."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field

from app.db.types import Id, Utc
from app.ids import new_id


def now() -> datetime:
    """The wall clock, aware and UTC."""
    return datetime.now(UTC)


def key() -> Any:
    """A UUIDv7 primary key, made here."""
    return Field(default_factory=new_id, sa_type=Id, primary_key=True)


def ref(target: str | None = None, *, index: bool = False, primary: bool = False) -> Any:
    """A required id of another row; ``target`` makes it a foreign key."""
    if target is None:
        return Field(sa_type=Id, index=index, primary_key=primary)
    return Field(sa_type=Id, index=index, primary_key=primary, foreign_key=target)


def maybe_ref(*, index: bool = False) -> Any:
    """An optional id of another row."""
    return Field(default=None, sa_type=Id, index=index)


def at() -> Any:
    """A required time, now unless given."""
    return Field(default_factory=now, sa_type=Utc)


def maybe_at() -> Any:
    """An optional time."""
    return Field(default=None, sa_type=Utc)


def json(default: Any) -> Any:
    """A small JSON value, never personal data."""
    return Field(default_factory=default, sa_type=JSON)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows that matter, on both databases."""
    only = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=only, sqlite_where=only)

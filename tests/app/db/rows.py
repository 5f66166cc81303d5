"""Rows for the store's tests: any table, and the few the set statements work on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from app.db.models import Attempt, Lot, Message
from app.db.session import Tx
from app.db.types import Id, Utc
from app.ids import new_id

TIMES = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 23, 6, 30, 0, 123457, tzinfo=UTC),
    datetime(2100, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)
NOW = TIMES[1]


def value(kind: TypeEngine[Any], n: int) -> Any:
    """A value of a column type, another for every ``n``."""
    made: dict[type[Any], Any] = {
        Id: new_id(),
        Utc: TIMES[n % len(TIMES)],
        LargeBinary: bytes((n, 0, 255, 39)),
        JSON: {"이름": [n, None, 1.5, "\\", "'"]},
        Boolean: n % 2 == 0,
        Float: n + 0.1,
        BigInteger: 2**40 + n,
        Integer: n,
    }
    for cls in type(kind).__mro__:
        if cls in made:
            return made[cls]
    return f"값 {n} '\"\\\n😀"


def row(table: Table, n: int, *, full: bool) -> dict[str, Any]:
    """One row of a table; ``full`` False leaves out what may be missing."""
    return {
        column.name: value(column.type, n) if full or not column.nullable else None
        for column in table.columns
    }


def plain(column: Column[Any], given: Any, dumped: str) -> Any:
    """A value as raw statements take it: JSON as text."""
    return dumped if isinstance(column.type, JSON) and given is not None else given


async def add_lots(tx: Tx, account: UUID, *lots: tuple[int, int, str]) -> list[UUID]:
    """Lots given as (priority, turn, state)."""
    made = [
        Lot(
            workspace_id=new_id(),
            account_id=account,
            route="alimtalk",
            priority=priority,
            turn=turn,
            state=state,
            due_at=NOW,
        )
        for priority, turn, state in lots
    ]
    tx.session.add_all(made)
    await tx.session.flush()
    return [lot.id for lot in made]


def message(workspace: UUID, status: str = "queued") -> Message:
    """A message with as little as it needs."""
    return Message(
        workspace_id=workspace,
        mode="sandbox",
        template_id=new_id(),
        version_id=new_id(),
        number_hash=b"n",
        last4_hash=b"l",
        sealed=b"s",
        plan="[]",
        status=status,
        accepted_at=NOW,
        updated_at=NOW,
    )


def attempt(of: Message, lot_id: UUID | None, status: str = "queued") -> Attempt:
    """The first attempt of a message."""
    return Attempt(
        message_id=of.id,
        workspace_id=of.workspace_id,
        step=0,
        channel="alimtalk",
        route="alimtalk",
        account_id=new_id(),
        sender_id=new_id(),
        lot_id=lot_id,
        to_hash=b"t",
        status=status,
        created_at=NOW,
    )


async def add_attempts(
    tx: Tx, lot_ids: Sequence[UUID | None], status: str = "queued"
) -> list[Attempt]:
    """One message with one attempt for every lot given."""
    workspace, made = new_id(), []
    for lot_id in lot_ids:
        of = message(workspace)
        made.append(attempt(of, lot_id, status))
        tx.session.add_all((of, made[-1]))
    await tx.session.flush()
    return made

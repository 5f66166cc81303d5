"""The access record: who saw what was masked, and who changed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import AccessLog, Staff
from app.db.session import Tx
from app.services.logins import Visit

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record, with the name its person has now."""

    id: UUID
    at: datetime
    who: str
    email: str
    kind: str
    subject_id: UUID | None
    detail: str


async def note(tx: Tx, visit: Visit, kind: str, subject_id: UUID | None, detail: str = "") -> None:
    """Record what somebody did or looked at, in the transaction that does it.

    ``kind`` is ``noun.participle``; ``detail`` holds nothing personal of a customer and no secret.
    """
    tx.session.add(
        AccessLog(
            workspace_id=visit.workspace_id,
            staff_id=visit.staff_id,
            kind=kind,
            subject_id=subject_id,
            detail=detail[:LONGEST],
            at=tx.now,
        )
    )


async def entries(
    session: AsyncSession, workspace_id: UUID, before: UUID | None = None, limit: int = 50
) -> Sequence[Entry]:
    """The newest entries, those before ``before``: one more than ``limit`` when more follow."""
    query = (
        select(AccessLog, Staff)
        .join(Staff, col(Staff.id) == col(AccessLog.staff_id))
        .where(col(AccessLog.workspace_id) == workspace_id)
    )
    if before is not None:
        query = query.where(col(AccessLog.id) < before)
    found = await session.exec(query.order_by(col(AccessLog.id).desc()).limit(limit + 1))
    return [
        Entry(one.id, one.at, staff.name, staff.email, one.kind, one.subject_id, one.detail)
        for one, staff in found
    ]

"""The browsers a person is logged in with: which there are, and ending one of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Login
from app.db.session import Tx
from app.errors import NotFound


async def of_person(session: AsyncSession, staff_id: UUID, now: datetime) -> Sequence[Login]:
    """Those that are good at ``now``, the one seen last first."""
    found = await session.exec(
        select(Login)
        .where(
            col(Login.staff_id) == staff_id,
            col(Login.ended_at).is_(None),
            col(Login.expires_at) > now,
        )
        .order_by(col(Login.seen_at).desc(), col(Login.id).desc())
    )
    return found.all()


async def end(tx: Tx, staff_id: UUID, login_id: UUID) -> None:
    """End one log-in of this person. Raises NotFound ``unknown_login``."""
    done = await tx.conn.execute(
        update(Login)
        .where(
            col(Login.id) == login_id,
            col(Login.staff_id) == staff_id,
            col(Login.ended_at).is_(None),
        )
        .values(ended_at=tx.now)
    )
    if not done.rowcount:
        raise NotFound("unknown_login", "This log-in is over already.")

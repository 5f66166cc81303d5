"""Who asked for a message: an API key by its name, or a person of the staff."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ApiKey, Member, Staff


async def name_of(
    session: AsyncSession, workspace_id: UUID, author_id: UUID | None
) -> tuple[str, str]:
    """(``key`` | ``staff`` | empty, the name); both empty when nobody knows any more."""
    keys = await session.exec(
        select(ApiKey.name).where(
            col(ApiKey.workspace_id) == workspace_id, col(ApiKey.id) == author_id
        )
    )
    if (name := keys.first()) is not None:
        return "key", name
    people = await session.exec(
        select(Staff.name)
        .join(Member, col(Member.staff_id) == col(Staff.id))
        .where(col(Member.workspace_id) == workspace_id, col(Staff.id) == author_id)
    )
    name = people.first()
    return ("", "") if name is None else ("staff", name)

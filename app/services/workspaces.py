"""Workspaces: who owns the data."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Workspace
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused

NAME = 100


async def create(tx: Tx, name: str) -> Workspace:
    """A new workspace. Raises Invalid ``bad_name``, Refused ``workspace_exists``."""
    name = name.strip()
    if not name or len(name) > NAME:
        raise Invalid(
            "bad_name",
            f"A workspace needs a name of 1 to {NAME} characters.",
            field="name",
            data={"limit": NAME, "count": len(name)},
        )
    workspace = Workspace(name=name, created_at=tx.now)
    tx.session.add(workspace)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused(
            "workspace_exists",
            "A workspace with this name is there already. Use it, or choose another name.",
            field="name",
        ) from None
    return workspace


async def find(session: AsyncSession, name: str) -> Workspace | None:
    """The workspace of that name."""
    found = await session.exec(select(Workspace).where(col(Workspace.name) == name.strip()))
    return found.first()


async def oldest(session: AsyncSession) -> Workspace | None:
    """The first workspace of the installation."""
    return (await session.exec(select(Workspace).order_by(col(Workspace.id)).limit(1))).first()


def read_id(text: str) -> UUID:
    """A workspace's id as a form has it. Raises NotFound ``unknown_workspace``."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("unknown_workspace", "You belong to no such workspace.") from None


async def find_or_create(tx: Tx, name: str) -> Workspace:
    """The workspace of that name, made when it is missing."""
    return await find(tx.session, name) or await create(tx, name)

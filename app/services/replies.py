"""What customers answered to a notice, as somebody who may read consultations sees it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, ChatMessage, Thread
from app.services import consultations, threads
from app.services.callers import Caller
from app.services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of a customer. ``text`` is None when its key is gone; ``case``: its number."""

    id: UUID
    thread_id: UUID
    kind: str
    text: str | None = field(repr=False)
    case: int | None
    owner: str


async def read(
    session: AsyncSession, runtime: Runtime, caller: Caller, ids: Collection[UUID]
) -> Mapping[UUID, Reply]:
    """Those of these lines that the caller may see, by id."""
    rows = await session.exec(
        select(ChatMessage, Case)
        .join(Thread, col(Thread.id) == col(ChatMessage.thread_id))
        .outerjoin(Case, col(Case.id) == col(ChatMessage.case_id))
        .where(
            threads.visible(caller),
            col(ChatMessage.workspace_id) == caller.workspace_id,
            col(ChatMessage.id).in_(ids),
        )
    )
    found = {}
    for line, case in rows:
        shown = consultations.view(runtime, line)
        found[line.id] = Reply(
            line.id,
            line.thread_id,
            line.kind,
            shown.text,
            case.number if case else None,
            case.owner if case else "",
        )
    return found

"""The notices a conversation answers, as they were sent: text and buttons from what was frozen."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Message, Template
from app.sealing import Unsealable
from app.services import content, numbers
from app.services.callers import Caller
from app.services.runtime import Runtime

CONSULTS = ("BC", "BT")  # buttons that open a chat with us


@dataclass(frozen=True, slots=True)
class NoticeButton:
    """A button under a notice. ``opens_chat``: pressing it leads to a conversation."""

    name: str = field(repr=False)
    opens_chat: bool


@dataclass(frozen=True, slots=True)
class SentNotice:
    """One notice. Texts are empty when the key that sealed them is gone; ``number`` is masked."""

    id: UUID
    template: str
    name: str
    reference: str | None
    status: str
    sent_at: datetime
    number: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    buttons: tuple[NoticeButton, ...] = ()


async def sent(
    session: AsyncSession, runtime: Runtime, caller: Caller, ids: Collection[UUID]
) -> dict[UUID, SentNotice]:
    """Notices of the workspace by id; those of another mode are left out."""
    if not ids:
        return {}
    statement = (
        select(Message, Template)
        .join(Template, col(Template.id) == col(Message.template_id))
        .where(
            col(Message.id).in_(ids),
            col(Message.workspace_id) == caller.workspace_id,
            col(Template.workspace_id) == caller.workspace_id,
        )
    )
    if caller.only is not None:
        statement = statement.where(col(Message.mode) == caller.only)
    return {row[0].id: _shown(runtime, *row) for row in await session.exec(statement)}


def _shown(runtime: Runtime, message: Message, template: Template) -> SentNotice:
    frozen: dict[str, Any] = {}
    with suppress(Unsealable):  # its month's key was destroyed: that it was sent stays visible
        frozen = runtime.sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
    bubble = frozen.get("alimtalk", {})
    return SentNotice(
        id=message.id,
        template=template.code,
        name=template.name,
        reference=message.reference,
        status=message.status,
        sent_at=message.accepted_at,
        number=numbers.mask(frozen["to"]) if frozen.get("to") else "",
        title=str(bubble.get("title", "")),
        text=str(bubble.get("text", "")),
        buttons=tuple(
            NoticeButton(str(one.get("name", "")), one.get("kind") in CONSULTS)
            for one in bubble.get("buttons", ())
        ),
    )

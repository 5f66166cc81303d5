"""What a message froze, opened for a person who looks at it: bubble, texts, values, template."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Message, Template, TemplateVersion
from app.errors import NotFound, Refused
from app.sealing import Sealer, Unsealable
from app.services import bubbles, content, numbers, people
from templates.reading import read_template


@dataclass(frozen=True, slots=True)
class Notice:
    """A message's content. ``is_open``: False when its key is gone; then all texts are empty."""

    code: str
    name: str
    version: int
    category: str
    is_open: bool
    to: str = ""  # masked; empty for a person who is reached by devices only
    person: str = ""  # whom the message names
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    bubble: dict[str, Any] | None = field(default=None, repr=False)
    text: dict[str, Any] | None = field(default=None, repr=False)


async def read(session: AsyncSession, sealer: Sealer, message: Message, lang: str) -> Notice:
    """The content of a message as it was accepted."""
    rows = await session.exec(
        select(Template, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.template_id) == col(Template.id))
        .where(
            col(TemplateVersion.id) == message.version_id,
            col(Template.workspace_id) == message.workspace_id,
        )
    )
    template, version = rows.one()
    named = (template.code, template.name, version.number, message.category)
    try:
        frozen = _opened(sealer, message)
    except Unsealable:
        return Notice(*named, is_open=False)
    return Notice(
        *named,
        is_open=True,
        to=numbers.mask(str(frozen["to"])),
        person=(await people.references(session, {message.person_id})).get(message.person_id, ""),
        values=frozen["variables"],
        bubble=bubbles.of_frozen(read_template(version.body), frozen, lang),
        text=bubbles.text_of_frozen(frozen),
    )


def number_of(sealer: Sealer, message: Message) -> str:
    """The whole number of the recipient. Raises Refused ``key_gone``."""
    try:
        return str(_opened(sealer, message)["to"])
    except Unsealable:
        raise Refused(
            "key_gone",
            "What is stored of this message cannot be opened any more: its key is gone.",
        ) from None


def read_id(text: str) -> UUID:
    """An id out of a form. Raises NotFound ``unknown_call``."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("unknown_call", "No call of this message has this id.") from None


def _opened(sealer: Sealer, message: Message) -> dict[str, Any]:
    opened: dict[str, Any] = sealer.open(
        content.TABLE, message.workspace_id, message.id, message.sealed
    )
    return opened

"""Files of a conversation: kept sealed, given to a line, read back, purged when nobody sent them.

One an agent uploads waits for the line that takes it (:func:`attach`), and is purged when none
does. One a customer sent is ``pending`` until the scheduler has fetched it from the messenger.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attachment, AttachmentData, ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.sealing import Sealer, Unsealable
from app.services import attachment_kinds, attachment_limits, threads
from app.services.attachment_kinds import TEXT, BadFile, Kind
from app.services.callers import Caller

TABLE, DATA = "attachment", "attachment_data"  # the names their blobs are bound to
KEPT = timedelta(hours=attachment_limits.KEPT_H)
NOTES = {
    "pending": "파일을 받는 중이에요",
    "purged": "보관 기간이 지나 지웠어요",
    "too_large": "파일이 너무 커서 받지 않았어요",
    "runs": "실행될 수 있는 파일이라 받지 않았어요",
    "empty": "빈 파일이에요",
    "gone": "메신저에서 파일이 지워졌어요",
    "bad_url": "메신저가 준 주소를 쓸 수 없어요",
    "unreachable": "메신저에서 파일을 받지 못했어요",
    "unsealable": "열쇠가 없어 열 수 없어요",
}


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """One file as it is shown. ``state`` pending, stored, failed, purged; ``note`` in Korean.

    ``name`` is safe to save under, None when its key is gone; ``media_type`` was found in the
    bytes, empty until they are there; ``size`` in bytes.
    """

    id: UUID
    direction: str
    name: str | None = field(repr=False)
    kind: str
    media_type: str
    size: int
    state: str
    error: str
    note: str


async def add(
    tx: Tx, sealer: Sealer, thread: Thread, direction: str, name: str, data: bytes
) -> Attachment:
    """Keep a file of a thread; what is ``out`` must be fit to send, what is ``in`` only harmless.

    ``NARU_MAX_ATTACHMENT`` is for the caller to check (``attachment_limits.insist``): here the
    messenger's own limits hold. Raises as that function does.
    """
    kind = attachment_limits.insist(data, name) if direction == "out" else _harmless(data)
    attachment = _new(tx, sealer, thread, direction, name, "")
    tx.session.add(attachment)
    await tx.session.flush()
    store(tx, sealer, attachment, kind, data)
    attachment.due_at = tx.now + KEPT  # until a line takes it
    await tx.session.flush()
    return attachment


def _harmless(data: bytes) -> Kind:
    if len(data) > attachment_limits.MOST:
        raise attachment_limits.too_large("file", attachment_limits.MOST, len(data))
    try:
        return attachment_kinds.read(data, strict=False)
    except BadFile as bad:
        raise Invalid(
            f"attachment_{bad.code}", f"The file is not kept: {bad}.", field="file"
        ) from None


def store(tx: Tx, sealer: Sealer, attachment: Attachment, kind: Kind, data: bytes) -> None:
    """The bytes of an attachment are here: sealed into a row of their own, once."""
    sealed = sealer.seal_bytes(DATA, attachment.workspace_id, attachment.id, data)
    tx.session.add(AttachmentData(attachment_id=attachment.id, sealed=sealed))
    attachment.media_type, attachment.size = kind.media_type, len(data)
    attachment.digest, attachment.state = sha256(data).digest(), "stored"
    attachment.error, attachment.due_at = "", None


def expect(
    tx: Tx, sealer: Sealer, thread: Thread, message: ChatMessage, url: str, name: str
) -> Attachment:
    """A customer's file lies at ``url``: it is fetched after the commit."""
    attachment = _new(tx, sealer, thread, "in", name, url)
    attachment.chat_message_id, attachment.due_at = message.id, tx.now
    tx.session.add(attachment)
    tx.wake = True
    return attachment


def expect_text(
    tx: Tx, sealer: Sealer, thread: Thread, message: ChatMessage, url: str
) -> Attachment:
    """The whole of a long text lies at ``url``; it is to replace the cut one in the line."""
    attachment = expect(tx, sealer, thread, message, url, "긴 글.txt")
    attachment.media_type = TEXT
    return attachment


def _new(tx: Tx, sealer: Sealer, thread: Thread, direction: str, name: str, url: str) -> Attachment:
    id_ = new_id()
    facts = {"name": name, "source_url": url, "hub_url": ""}
    return Attachment(
        id=id_,
        workspace_id=thread.workspace_id,
        thread_id=thread.id,
        direction=direction,
        sealed=sealer.seal(TABLE, thread.workspace_id, id_, facts),
        created_at=tx.now,
    )


def facts_of(sealer: Sealer, attachment: Attachment) -> Mapping[str, Any]:
    """``{"name": …, "source_url": …, "hub_url": …}``. Raises Unsealable."""
    opened: Mapping[str, Any] = sealer.open(
        TABLE, attachment.workspace_id, attachment.id, attachment.sealed
    )
    return opened


async def attach(tx: Tx, thread: Thread, attachment_id: UUID, message: ChatMessage) -> Attachment:
    """An upload becomes a line's; the caller holds the thread. Once: it is not sent twice.

    Raises NotFound ``attachment_not_found``, Refused ``attachment_used``.
    """
    statement = (
        select(Attachment)
        .where(
            col(Attachment.id) == attachment_id,
            col(Attachment.workspace_id) == thread.workspace_id,
            col(Attachment.thread_id) == thread.id,
            col(Attachment.direction) == "out",
            col(Attachment.state) == "stored",
        )
        .with_for_update()
    )
    attachment = (await tx.session.exec(statement)).first()
    if attachment is None:
        raise missing()
    if attachment.chat_message_id not in (None, message.id):
        raise Refused(
            "attachment_used",
            "This file was sent with another line already. Upload it again to send it twice.",
            field="attachment_id",
        )
    attachment.chat_message_id, attachment.due_at = message.id, None
    return attachment


def missing() -> NotFound:
    """The same answer for what is not there, is purged, and is another workspace's."""
    return NotFound(
        "attachment_not_found",
        "There is no such file, or it was purged. Lines of the consultation list theirs.",
    )


async def find(session: AsyncSession, caller: Caller, attachment_id: UUID) -> Attachment:
    """An attachment of a thread the caller may see. Raises NotFound ``attachment_not_found``."""
    statement = (
        select(Attachment)
        .join(Thread, col(Thread.id) == col(Attachment.thread_id))
        .where(
            col(Attachment.id) == attachment_id,
            col(Attachment.workspace_id) == caller.workspace_id,
            threads.visible(caller),
        )
    )
    attachment = (await session.exec(statement)).first()
    if attachment is None:
        raise missing()
    return attachment


async def read(session: AsyncSession, sealer: Sealer, attachment: Attachment) -> bytes:
    """The bytes. Raises NotFound ``attachment_not_found`` when they are not here, Unsealable."""
    data = (
        await session.get(AttachmentData, attachment.id) if attachment.state == "stored" else None
    )
    if data is None:
        raise missing()
    return sealer.open_bytes(DATA, attachment.workspace_id, attachment.id, data.sealed)


def view(sealer: Sealer, attachment: Attachment) -> AttachmentView:
    """An attachment as it is shown."""
    name = None
    with suppress(Unsealable):  # that a file was there stays visible
        name = str(facts_of(sealer, attachment)["name"])
    return AttachmentView(
        id=attachment.id,
        direction=attachment.direction,
        name=name and attachment_kinds.safe_name(name, attachment.media_type),
        kind=Kind(attachment.media_type).name,
        media_type=attachment.media_type,
        size=attachment.size,
        state=attachment.state,
        error=attachment.error,
        note=NOTES.get(attachment.error or attachment.state, ""),
    )


async def of_lines(
    session: AsyncSession, sealer: Sealer, workspace_id: UUID, lines: Collection[UUID]
) -> dict[UUID, tuple[AttachmentView, ...]]:
    """Files of many lines by the line's id, in their order, in one read.

    A long text that came whole is not among them: it is the line's text now.
    """
    statement = (
        select(Attachment)
        .where(
            col(Attachment.workspace_id) == workspace_id,
            col(Attachment.chat_message_id).in_(lines),
        )
        .order_by(col(Attachment.id))
    )
    found: dict[UUID, tuple[AttachmentView, ...]] = {}
    for one in await session.exec(statement):
        if one.chat_message_id and not (one.media_type == TEXT and one.state == "stored"):
            found[one.chat_message_id] = (
                *found.get(one.chat_message_id, ()),
                view(sealer, one),
            )
    return found

"""Which notice a customer answers, and how sure that is.

In this order: the token of the very button (1.0), the newest earlier token (0.8), a notice's body
forwarded by a button (0.9), a label of the newest notice (0.7). The first two need nothing; the
last two need the customer's number, which is learnt when an exact tie names a notice. A tie is
replaced only by one that is as sure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    Attempt,
    Case,
    ChatMessage,
    InboundEvent,
    Message,
    ProviderAccount,
    ReplyToken,
    Thread,
)
from app.db.session import Tx
from app.sealing import Sealer, Unsealable
from app.services import content, threads
from channels.contract import Inbound

BUTTON, EARLIER, FORWARDED, LABEL = "button", "earlier", "forwarded", "label"
CONFIDENCE = {BUTTON: 1.0, EARLIER: 0.8, FORWARDED: 0.9, LABEL: 0.7}
LINK_BACK = timedelta(minutes=10)  # how long before its token a message may have come
RECENT = timedelta(days=30)  # how old a notice may be whose text or label is said
MOST = 20  # notices looked through
SHORTEST = 10  # characters of a body that is recognised
SHORTEST_CUT = 50  # of one whose end the messenger left out
SAYS = ("BK", "MD")  # buttons that make the customer say something
# body, label and number of what was frozen
Frozen = Mapping[str, Any]
# by case and notice: how, and how sure
Known = dict[tuple[UUID | None, UUID | None], tuple[str, float | None]]


@dataclass(frozen=True, slots=True)
class Link:
    """Which notice, how it is known (``button``, ``earlier``, ``forwarded``, ``label``)."""

    notice_id: UUID
    how: str

    @property
    def confidence(self) -> float:
        """How sure it is, 0 to 1."""
        return CONFIDENCE.get(self.how, 0.0)


async def named(tx: Tx, thread: Thread, event: InboundEvent, inbound: Inbound) -> Link | None:
    """The notice a token names: of the same workspace, and never a live one for a rehearsal."""
    for token, how in ((inbound.token, BUTTON), (inbound.last_token, EARLIER)):
        if not token:
            continue
        account = await tx.session.get_one(ProviderAccount, thread.account_id)
        statement = (
            select(ReplyToken)
            .join(Message, col(Message.id) == col(ReplyToken.message_id))
            .where(
                col(ReplyToken.token) == token,
                col(ReplyToken.workspace_id) == event.workspace_id,
                col(ReplyToken.expires_at) > event.received_at,
                col(Message.workspace_id) == event.workspace_id,
                col(Message.mode) == account.mode,
            )
        )
        found = (await tx.session.exec(statement)).first()
        if found is not None:
            return Link(found.message_id, how)
    return None


async def of_text(
    tx: Tx, sealer: Sealer, thread: Thread, inbound: Inbound, at: datetime
) -> Link | None:
    """The notice whose body or label the customer's text says; their number must be known."""
    said = _plain(inbound.text)
    if not said or thread.number_hash is None:
        return None
    notices = await recent(tx, thread, at - RECENT, MOST)
    cut = "attachment" in inbound.content  # a long text: only its beginning is here
    opened = [(one.id, _opened(sealer, one)) for one in notices]
    for id_, frozen in opened:
        if _forwards(said, frozen, cut):
            return Link(id_, FORWARDED)
    if opened and said in {_plain(one.get("name", "")) for one in _buttons(opened[0][1])}:
        return Link(opened[0][0], LABEL)
    return None


async def recent(tx: Tx, thread: Thread, since: datetime, most: int) -> Sequence[Message]:
    """Notices to the thread's number, the newest first; none while the number is not known."""
    account = await tx.session.get_one(ProviderAccount, thread.account_id)
    statement = (
        select(Message)
        .where(
            col(Message.workspace_id) == thread.workspace_id,
            col(Message.number_hash) == thread.number_hash,
            col(Message.mode) == account.mode,
            col(Message.accepted_at) >= since,
        )
        .order_by(col(Message.id).desc())
        .limit(most)
    )
    return list(await tx.session.exec(statement))


def _opened(sealer: Sealer, message: Message) -> Frozen:
    try:
        frozen: Frozen = sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
    except Unsealable:
        return {}
    return frozen


def _part(frozen: Frozen) -> Frozen:
    part: Frozen = frozen.get("alimtalk", {})
    return part


def _buttons(frozen: Frozen) -> list[Frozen]:
    part = _part(frozen)
    every = (*part.get("buttons", ()), *part.get("quick_replies", ()))
    return [one for one in every if one.get("kind") in SAYS]


def _plain(text: str) -> str:
    """Spaces and line ends as the messenger may change them."""
    return re.sub(r"\s+", " ", text).strip()


def _forwards(said: str, frozen: Frozen, cut: bool) -> bool:
    body = _plain(_part(frozen).get("text", ""))
    if len(body) >= SHORTEST and body in said:
        return True
    if not cut:
        return False
    labels = [_plain(one.get("name", "")) for one in _buttons(frozen)]
    rests = [said.removeprefix(label).strip() for label in labels if said.startswith(label)]
    return any(len(rest) >= SHORTEST_CUT and body.startswith(rest) for rest in rests)


async def known(tx: Tx, case: Case) -> Link | None:
    """The newest tie of this case: a pressed button's line and the messages after it carry it."""
    if case.notice_id is None:
        return None  # it is bound with the first tie
    statement = (
        select(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == case.workspace_id,
            col(ChatMessage.thread_id) == case.thread_id,
            col(ChatMessage.case_id) == case.id,
            col(ChatMessage.notice_id).is_not(None),
            col(ChatMessage.link_how) != "",
        )
        .order_by(col(ChatMessage.seq).desc())
        .limit(1)
    )
    line = (await tx.session.exec(statement)).first()
    return Link(line.notice_id, line.link_how) if line and line.notice_id else None


def surer(link: Link | None, than: Link | None) -> bool:
    """Whether a tie may take another's place: an exact one never gives way to a guess."""
    return link is not None and (than is None or link.confidence >= than.confidence)


async def is_told(tx: Tx, case: Case, link: Link, session_id: UUID) -> bool:
    """Whether this press is in the timeline already: the hub may report it again."""
    statement = select(ChatMessage.id).where(
        col(ChatMessage.workspace_id) == case.workspace_id,
        col(ChatMessage.thread_id) == case.thread_id,
        col(ChatMessage.case_id) == case.id,
        col(ChatMessage.kind) == "event",
        col(ChatMessage.notice_id) == link.notice_id,
        col(ChatMessage.link_confidence) >= link.confidence,
        col(ChatMessage.chat_session_id) == session_id,
    )
    return (await tx.session.exec(statement.limit(1))).first() is not None


async def just_said(tx: Tx, case: Case, session_id: UUID, at: datetime) -> list[ChatMessage]:
    """The customer's newest lines of this session without a surer tie, back to an answer."""
    statement = (
        select(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == case.workspace_id,
            col(ChatMessage.thread_id) == case.thread_id,
            col(ChatMessage.case_id) == case.id,
            col(ChatMessage.chat_session_id) == session_id,
            col(ChatMessage.created_at) >= at - LINK_BACK,
        )
        .order_by(col(ChatMessage.seq).desc())
        .limit(50)
    )
    found: list[ChatMessage] = []
    for message in await tx.session.exec(statement):
        if message.author_kind in ("agent", "bot") or message.notice_id is not None:
            break
        if message.author_kind == "customer":
            found.append(message)
    return found[::-1]


async def bind(tx: Tx, sealer: Sealer, thread: Thread, case: Case, link: Link) -> None:
    """The case is about this notice; an exact tie also tells whose number the customer has."""
    if case.notice_id is None:
        case.opened_by = "notice"
    thread.notice_id = case.notice_id = link.notice_id
    notice = await tx.session.get(Message, link.notice_id)
    if notice is not None and notice.menu:
        case.menu = notice.menu
    if link.how == BUTTON:
        await _learn(tx, sealer, thread, link.notice_id)


async def _learn(tx: Tx, sealer: Sealer, thread: Thread, notice_id: UUID) -> None:
    """The notice's button was pressed by whom it went to: that is the customer's number.

    Not when it went to several people, or its key is gone.
    """
    message = await tx.session.get(Message, notice_id)
    frozen = _opened(sealer, message) if message is not None else {}
    statement = select(Attempt.to_name).where(
        col(Attempt.message_id) == notice_id, col(Attempt.channel) == "alimtalk"
    )
    names = set(await tx.session.exec(statement.distinct())) or {""}
    if not frozen or len(names) > 1:
        return
    try:
        number = content.number_of(dict(frozen), names.pop())
    except KeyError:
        return
    know_number(sealer, thread, number)


def know_number(sealer: Sealer, thread: Thread, number: str) -> None:
    """The customer's number is known now: it finds their notices."""
    try:
        opened = sealer.open(threads.TABLE, thread.workspace_id, thread.id, thread.sealed)
    except Unsealable:
        return  # nothing of the room can be read, so nothing may be added
    if opened.get("number") == number:
        return
    told = opened | {"number": number}
    thread.sealed = sealer.seal(threads.TABLE, thread.workspace_id, thread.id, told)
    thread.number_hash = sealer.number_hash(thread.workspace_id, number)
    thread.last4_hash = sealer.last4_hash(thread.workspace_id, number)


def number_of(sealer: Sealer, thread: Thread) -> str:
    """The customer's number, "" while it is not known. Raises Unsealable."""
    opened = sealer.open(threads.TABLE, thread.workspace_id, thread.id, thread.sealed)
    return str(opened.get("number", ""))


def tie(tx: Tx, thread: Thread, message: ChatMessage, link: Link) -> None:
    """This line answers the notice, whose timeline shows it."""
    message.notice_id, message.link_how = link.notice_id, link.how
    message.link_confidence = link.confidence
    tx.emit(
        thread.workspace_id,
        "reply.received",
        link.notice_id,
        what="button" if message.kind == "event" else "message",
        thread_id=str(thread.id),
        chat_message_id=str(message.id),
        seq=message.seq,
        confidence=link.confidence,
    )


async def how_known(session: AsyncSession, ids: Sequence[UUID]) -> Known:
    """By case and notice, how sure the surest line of these threads is."""
    surest = (
        select(
            col(ChatMessage.case_id),
            col(ChatMessage.notice_id),
            col(ChatMessage.link_how),
            func.max(col(ChatMessage.link_confidence)),
        )
        .where(col(ChatMessage.thread_id).in_(ids), col(ChatMessage.link_how) != "")
        .group_by(col(ChatMessage.case_id), col(ChatMessage.notice_id), col(ChatMessage.link_how))
    )
    rows = sorted(await session.exec(surest), key=lambda row: row[3] or 0.0)
    return {(case_id, notice_id): (how, sure) for case_id, notice_id, how, sure in rows}

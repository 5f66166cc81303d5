"""Canned replies: texts staff often write, found by a shortcut or a word, filled when used."""

import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import CannedReply, Case, Message
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.sealing import Unsealable
from app.services import content, threads
from app.services.callers import Caller
from app.services.consultations import check_text
from app.services.runtime import Runtime
from templates import variables
from templates.variables import BadVariable, Compiled

MOST = 1_000  # of a workspace
LONGEST_SHORTCUT = 30
SOMEBODY = "고객"  # "#{고객}님" stays polite where the name is not known
NAMES = (
    "고객",
    "고객명",
    "고객이름",
    "이름",
    "성함",
)  # variables of a notice that name the customer


@dataclass(frozen=True, slots=True)
class Filled:
    """A text to look over before it is sent; ``unknown`` names stand in it as they were."""

    text: str = field(repr=False)
    unknown: tuple[str, ...]


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put values in the place of ``#{name}``. Raises Invalid ``bad_variable``."""
    compiled = _compiled(text)
    unknown = tuple(name for name in compiled.names if name not in values)
    known = {name: f"#{{{name}}}" for name in unknown} | dict(values)
    return Filled(compiled.fill(known), unknown)


def _compiled(text: str) -> Compiled:
    try:
        return variables.parse(text)
    except BadVariable as bad:
        raise Invalid(
            "bad_variable",
            "A #{ begins no variable. Write #{name}, or leave the sign out.",
            field="text",
            data={"rule": bad.rule, "position": bad.position},
        ) from None


async def values_for(
    session: AsyncSession, runtime: Runtime, caller: Caller, thread_id: UUID, agent: str
) -> dict[str, str]:
    """What a thread knows: 고객, 상담원, 주문번호, and the variables of the notice it is about.

    Raises NotFound.
    """
    await threads.seen(session, caller, thread_id)
    found = await session.exec(
        select(Message)
        .join(Case, col(Case.notice_id) == col(Message.id))
        .where(
            col(Case.thread_id) == thread_id,
            col(Case.workspace_id) == caller.workspace_id,
            col(Message.workspace_id) == caller.workspace_id,
        )
        .order_by(col(Case.number).desc())
        .limit(1)
    )
    notice = found.first()
    values = _of_notice(runtime, notice) if notice else {}
    name = next((values[one] for one in NAMES if values.get(one)), SOMEBODY)
    reference = {"주문번호": notice.reference} if notice and notice.reference else {}
    return {"고객": name} | reference | values | ({"상담원": agent} if agent else {})


def _of_notice(runtime: Runtime, notice: Message) -> dict[str, str]:
    with suppress(Unsealable):
        frozen = runtime.sealer.open(content.TABLE, notice.workspace_id, notice.id, notice.sealed)
        return {str(name): str(value) for name, value in frozen["variables"].items()}
    return {}


async def search(
    session: AsyncSession, workspace_id: UUID, query: str = "", limit: int = MOST
) -> list[CannedReply]:
    """Replies whose shortcut begins with the query, then those that hold all its words."""
    statement = select(CannedReply).where(col(CannedReply.workspace_id) == workspace_id)
    rows = (await session.exec(statement.order_by(col(CannedReply.shortcut)))).all()
    wanted = _plain(query).removeprefix("/")
    words = wanted.split()
    first = [row for row in rows if row.shortcut.startswith(wanted)]
    rest = [row for row in rows if not row.shortcut.startswith(wanted) and _holds(row, words)]
    return [*first, *rest][:limit]


def _holds(row: CannedReply, words: Sequence[str]) -> bool:
    text = f"{row.shortcut} {_plain(row.text)}"
    return all(word in text for word in words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower().strip()


async def get(session: AsyncSession, workspace_id: UUID, reply_id: UUID) -> CannedReply:
    """One reply. Raises NotFound ``canned_not_found``."""
    statement = select(CannedReply).where(
        col(CannedReply.id) == reply_id, col(CannedReply.workspace_id) == workspace_id
    )
    reply = (await session.exec(statement)).first()
    if reply is None:
        raise NotFound("canned_not_found", "There is no such reply. List them to find its id.")
    return reply


async def create(tx: Tx, workspace_id: UUID, shortcut: str, text: str) -> CannedReply:
    """A new reply.

    Raises Invalid ``bad_shortcut``, ``bad_variable``, and those of a line's text; Refused
    ``shortcut_exists``, ``too_many_canned``.
    """
    count = await tx.session.scalar(
        select(func.count())
        .select_from(CannedReply)
        .where(col(CannedReply.workspace_id) == workspace_id)
    )
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_canned",
            f"The workspace has {MOST:,} replies, the most there may be. Remove some first.",
            data={"limit": MOST},
        )
    _check(text)
    reply = CannedReply(
        workspace_id=workspace_id, shortcut=_shortcut(shortcut), text=text, updated_at=tx.now
    )
    tx.session.add(reply)
    await _flush(tx)
    return reply


async def change(
    tx: Tx, workspace_id: UUID, reply_id: UUID, shortcut: str, text: str
) -> CannedReply:
    """Another shortcut and text. Raises as :func:`create`, and NotFound ``canned_not_found``."""
    _check(text)
    reply = await get(tx.session, workspace_id, reply_id)
    reply.shortcut, reply.text, reply.updated_at = _shortcut(shortcut), text, tx.now
    await _flush(tx)
    return reply


async def remove(tx: Tx, workspace_id: UUID, reply_id: UUID) -> None:
    """Forget a reply. Raises NotFound ``canned_not_found``."""
    await tx.session.delete(await get(tx.session, workspace_id, reply_id))


def _check(text: str) -> None:
    check_text(text)
    _compiled(text)


def _shortcut(shortcut: str) -> str:
    plain = _plain(shortcut).removeprefix("/")
    odd = any(char.isspace() or not char.isprintable() or char in "/#" for char in plain)
    if odd or not 1 <= len(plain) <= LONGEST_SHORTCUT:
        raise Invalid(
            "bad_shortcut",
            f"A shortcut has 1–{LONGEST_SHORTCUT} letters or digits, no blanks, no / and no #.",
            field="shortcut",
            data={"limit": LONGEST_SHORTCUT, "length": len(plain)},
        )
    return plain


async def _flush(tx: Tx) -> None:
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused(
            "shortcut_exists",
            "Another reply has this shortcut. Choose another, or change that reply.",
            field="shortcut",
        ) from None

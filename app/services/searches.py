"""Messages found by what people have in hand: a number, its last digits, an id, an order number.

Every look is bounded. What has an index is asked of it; what has none (a status, a reason, a
template, a channel) is sought among the next ``LOOK`` messages by age, and the answer says how far
back it looked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Message, Template
from app.errors import Invalid
from app.ids import first_id, from_ref, made_at
from app.sealing import Sealer, Unsealable
from app.services import content, counters, numbers, people
from app.services.callers import Caller
from app.services.clock import KST

LOOK = 10_000  # messages that one look may pass
PAGE = 50
LONGEST = 100  # characters of what is sought
MASKED = re.compile(r"(?:\d{2,4}-)?[*•]{2,4}-?(\d{4})")  # as our own pages show a number
PREFIX = re.compile(r"[0-9a-f]{12,31}")  # the beginning of an id, without its hyphens
Where = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sought; empty fields ask nothing. ``before``: only older ones (a cursor).

    ``template`` is a code, ``channel`` a route; days are Korean ones, both included.
    """

    words: str = field(default="", repr=False)
    template: str = ""
    status: str = ""
    reason: str = ""
    channel: str = ""
    first: date | None = None
    last: date | None = None
    before: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a list of messages; ``to`` is masked, empty where its key is gone.

    It is empty too for a ``person`` who is reached by devices only.
    """

    id: UUID
    accepted_at: datetime
    status: str
    reason: str | None
    template: str
    template_name: str
    to: str
    person: str
    reference: str | None
    routes: tuple[str, ...]  # in the order they were tried
    fallback_used: bool
    cost: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first. ``following``: the cursor of older ones, None when there are none.

    ``looked_to``: the look ended here without filling the page; older ones were not looked at.
    """

    hits: Sequence[Hit]
    following: UUID | None = None
    looked_to: datetime | None = None


async def find(
    session: AsyncSession, sealer: Sealer, caller: Caller, asked: Asked, limit: int = PAGE
) -> Found:
    """Messages of the key's workspace and mode, newest first."""
    narrow = await _narrow(session, caller, asked)
    if narrow is None:
        return Found(())
    within = reach(caller, asked)
    if asked.words.strip():
        ids = await _known(session, sealer, caller, asked.words, (*within, *narrow), limit + 1)
        edge = None
    else:
        edge = await _edge(session, within)
        beyond = () if edge is None else (col(Message.id) >= edge,)
        ids = await _ids(session, caller, (*within, *narrow, *beyond), limit + 1)
    page = ids[:limit]
    hits = await _shown(session, sealer, page)
    if len(ids) > limit:
        return Found(hits, page[-1])
    return Found(hits, edge, None if edge is None else made_at(edge))


def reach(caller: Caller, asked: Asked) -> Where:
    """The workspace's messages between two ids."""
    found: list[ColumnElement[bool]] = [col(Message.workspace_id) == caller.workspace_id]
    if asked.before is not None:
        found.append(col(Message.id) < asked.before)
    if asked.first is not None:
        found.append(col(Message.id) >= first_id(_midnight(asked.first)))
    if asked.last is not None:
        found.append(col(Message.id) < first_id(_midnight(asked.last) + timedelta(days=1)))
    return tuple(found)


def _midnight(day: date) -> datetime:
    return datetime.combine(max(day, date(1970, 1, 2)), time(), KST)


async def _narrow(session: AsyncSession, caller: Caller, asked: Asked) -> Where | None:
    """The filters; None when nothing can match."""
    found: list[ColumnElement[bool]] = []
    if asked.template:
        ids = await session.exec(
            select(Template.id).where(
                col(Template.workspace_id) == caller.workspace_id,
                col(Template.code) == asked.template,
            )
        )
        template_id = ids.first()
        if template_id is None:
            return None
        found.append(col(Message.template_id) == template_id)
    if asked.status:
        found.append(col(Message.status) == asked.status)
    if asked.reason:
        found.append(col(Message.reason) == asked.reason)
    if asked.channel:
        tried = select(Attempt.id).where(
            col(Attempt.message_id) == col(Message.id), col(Attempt.route) == asked.channel
        )
        found.append(tried.exists())
    return tuple(found)


async def _edge(session: AsyncSession, within: Where) -> UUID | None:
    """The oldest message that this look may pass; None when it reaches all."""
    statement = select(Message.id).where(*within).order_by(col(Message.id).desc())
    return (await session.exec(statement.offset(LOOK - 1).limit(1))).first()


async def _ids(
    session: AsyncSession, caller: Caller, where: Iterable[ColumnElement[bool]], limit: int
) -> list[UUID]:
    statement = select(Message.id).where(col(Message.mode) == caller.mode, *where)
    return list(await session.exec(statement.order_by(col(Message.id).desc()).limit(limit)))


async def _known(
    session: AsyncSession,
    sealer: Sealer,
    caller: Caller,
    words: str,
    where: Where,
    limit: int,
) -> list[UUID]:
    """Ids by each index that may know these words, one short read each."""
    ids: set[UUID] = set()
    for one in await _readings(session, sealer, caller, words.strip()[:LONGEST]):
        ids.update(await _ids(session, caller, (*where, one), limit))
    return sorted(ids, reverse=True)[:limit]


async def _readings(
    session: AsyncSession, sealer: Sealer, caller: Caller, words: str
) -> list[ColumnElement[bool]]:
    """What these words may be; an order number always."""
    found: list[ColumnElement[bool]] = [col(Message.reference) == words]
    masked = MASKED.fullmatch(words)
    digits = masked.group(1) if masked else re.sub(r"[\s-]", "", words)
    if len(digits) == 4 and digits.isdecimal() and digits.isascii():
        found.append(col(Message.last4_hash) == sealer.last4_hash(caller.workspace_id, digits))
    try:
        number = numbers.normalise(words)
        found.append(col(Message.number_hash) == sealer.number_hash(caller.workspace_id, number))
    except Invalid:
        pass
    return [*found, *await _by_id(session, words)]


async def _by_id(session: AsyncSession, words: str) -> list[ColumnElement[bool]]:
    """An id of ours, the beginning of one, or the reference a provider knows an attempt by."""
    try:
        return [col(Message.id) == UUID(words)]
    except ValueError:
        pass
    plain = words.lower().replace("-", "")
    if PREFIX.fullmatch(plain) and not plain.isdecimal():
        first, last = UUID(plain.ljust(32, "0")), UUID(plain.ljust(32, "f"))
        return [col(Message.id).between(first, last)]
    attempt_id = from_ref(words.upper())
    if attempt_id is None:
        return []
    rows = await session.exec(select(Attempt.message_id).where(col(Attempt.id) == attempt_id))
    message_id = rows.first()
    return [] if message_id is None else [col(Message.id) == message_id]


async def _shown(session: AsyncSession, sealer: Sealer, ids: Sequence[UUID]) -> list[Hit]:
    rows = await session.exec(
        select(Message, Template)
        .join(Template, col(Template.id) == col(Message.template_id))
        .where(col(Message.id).in_(ids))
        .order_by(col(Message.id).desc())
    )
    found = list(rows)
    tried: dict[UUID, list[Attempt]] = {}
    attempts = await session.exec(
        select(Attempt)
        .where(col(Attempt.message_id).in_(ids))
        .order_by(col(Attempt.step), col(Attempt.branch), col(Attempt.n))
    )
    for attempt in attempts:
        tried.setdefault(attempt.message_id, []).append(attempt)
    named = await people.references(session, {message.person_id for message, _ in found})
    return [
        _hit(sealer, message, template, tried, named.get(message.person_id, ""))
        for message, template in found
    ]


def _hit(
    sealer: Sealer,
    message: Message,
    template: Template,
    tried: Mapping[UUID, Sequence[Attempt]],
    person: str,
) -> Hit:
    attempts = tried.get(message.id, ())
    return Hit(
        id=message.id,
        accepted_at=message.accepted_at,
        status=message.status,
        reason=message.reason,
        template=template.code,
        template_name=template.name,
        to=masked_number(sealer, message),
        person=person,
        reference=message.reference,
        routes=tuple(dict.fromkeys(one.route for one in attempts)),
        fallback_used=message.fallback_used,
        cost=counters.total(one.cost for one in attempts),
    )


def masked_number(sealer: Sealer, message: Message) -> str:
    """Who gets it, as people may see it; empty where its key is gone."""
    try:
        frozen = sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    except Unsealable:
        return ""
    return numbers.mask(str(frozen["to"]))

"""Messages of a range as lines of a file: read page by page, so memory stays flat.

Every page is a short read of its own; what happens meanwhile shows in the pages after it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Message, Template
from app.errors import Forbidden, Invalid
from app.ids import first_id
from app.sealing import Unsealable
from app.services import content, counters, numbers, sheets
from app.services.callers import Caller
from app.services.clock import KST
from app.services.runtime import Runtime
from app.services.states import AttemptStatus

PAGE = 500
LONGEST = timedelta(days=31)
COLUMNS = (
    "id",
    "accepted_at",
    "status",
    "reason",
    "template",
    "reference",
    "to",
    "priority",
    "route",
    "code",
    "attempts",
    "fallback_used",
    "duplicate_delivery",
    "late_delivery",
    "cost",
    "sent_at",
    "delivered_at",
    "closed_at",
    "campaign_id",
    "resend_of",
    "simulated",
)


def edge(text: str, field: str, *, ends: bool) -> datetime:
    """A time with a UTC offset, or the beginning (the end, if ``ends``) of a Korean day.

    Raises Invalid ``bad_time``.
    """
    try:
        if len(text) == len("2026-11-23"):
            day = datetime.combine(date.fromisoformat(text), time(), KST)
            return day + timedelta(days=1) if ends else day
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a `+` nobody encoded
        if at.tzinfo is not None and at.year >= 1970:
            return at
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        "bad_time",
        f"`{field}` is a Korean day (2026-11-23) or a time with its offset "
        "(2026-11-23T09:00:00+09:00).",
        field=field,
    )


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked for. Raises Invalid ``bad_range`` and ``range_too_long``."""

    start: datetime
    end: datetime  # not included
    status: str | None = None
    whole_numbers: bool = False

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Invalid("bad_range", "`to` must be later than `from`.", field="to")
        if self.end - self.start > LONGEST:
            raise Invalid(
                "range_too_long",
                f"At most {LONGEST.days} days at a time. Ask for shorter ranges.",
                field="to",
                data={"limit_days": LONGEST.days},
            )

    def check(self, caller: Caller) -> None:
        """Whole numbers are for administrators. Raises Forbidden ``scope_missing``."""
        if self.whole_numbers and "admin" not in caller.scopes:
            raise Forbidden(
                "scope_missing",
                "Whole numbers need the scope admin. Leave `numbers` out for masked ones.",
                data={"scope": "admin", "has": sorted(caller.scopes)},
            )


async def pages(
    runtime: Runtime, caller: Caller, asked: Export
) -> AsyncIterator[list[dict[str, Any]]]:
    """The messages, oldest first, some hundred at a time."""
    after, end = first_id(asked.start), first_id(asked.end)
    first = col(Message.id) >= after
    while True:
        async with runtime.database.read() as session:
            statement = (
                select(Message)
                .where(
                    col(Message.workspace_id) == caller.workspace_id,
                    col(Message.mode) == caller.mode,
                    first,
                    col(Message.id) < end,
                )
                .order_by(col(Message.id))
                .limit(PAGE)
            )
            if asked.status is not None:
                statement = statement.where(col(Message.status) == asked.status)
            messages = list(await session.exec(statement))
            page = await _shown(session, runtime, messages, whole_numbers=asked.whole_numbers)
        if page:
            yield page
        if len(messages) < PAGE:
            return
        first = col(Message.id) > messages[-1].id


async def csv_lines(
    pages_: AsyncIterator[list[dict[str, Any]]], *, bom: bool, trailer: bool
) -> AsyncIterator[bytes]:
    """The file as CSV; ``trailer`` adds a last line that says how many rows came before it."""
    yield (sheets.MARK * bom + sheets.line(COLUMNS)).encode()
    rows = 0
    async for page in pages_:
        rows += len(page)
        yield "".join(sheets.line(row.values()) for row in page).encode()
    if trailer:
        yield sheets.line(("end", rows)).encode()


async def json_lines(
    pages_: AsyncIterator[list[dict[str, Any]]], *, trailer: bool, simulated: bool
) -> AsyncIterator[bytes]:
    """The file as one JSON object a line."""
    rows = 0
    async for page in pages_:
        rows += len(page)
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in page)
    if trailer:
        yield orjson.dumps({"end": True, "rows": rows, "simulated": simulated}) + b"\n"


async def _shown(
    session: AsyncSession, runtime: Runtime, messages: Sequence[Message], *, whole_numbers: bool
) -> list[dict[str, Any]]:
    codes = await session.exec(
        select(Template.id, Template.code).where(
            col(Template.id).in_({message.template_id for message in messages})
        )
    )
    templates = dict(codes.all())
    attempts: dict[UUID, list[Attempt]] = {}
    found = await session.exec(
        select(Attempt)
        .where(col(Attempt.message_id).in_([message.id for message in messages]))
        .order_by(col(Attempt.step), col(Attempt.branch), col(Attempt.n))
    )
    for attempt in found:
        attempts.setdefault(attempt.message_id, []).append(attempt)
    rows = []
    for message in messages:
        number = _number(runtime, message)
        rows.append(
            _row(
                message,
                templates[message.template_id],
                number if whole_numbers else numbers.mask(number),
                attempts.get(message.id, []),
            )
        )
    return rows


def _number(runtime: Runtime, message: Message) -> str:
    try:
        frozen = runtime.sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
        return str(frozen.get("to", ""))
    except Unsealable:
        return ""


def _row(
    message: Message, template: str, number: str, attempts: Sequence[Attempt]
) -> dict[str, Any]:
    delivered = [one for one in attempts if one.status == AttemptStatus.DELIVERED]
    told = next(iter((delivered or list(attempts))[-1:]), None)
    values = (
        str(message.id),
        _iso(message.accepted_at),
        message.status,
        message.reason,
        template,
        message.reference,
        number,
        "high" if message.priority else "normal",
        told.route if told else None,
        told.code if told else None,
        len(attempts),
        message.fallback_used,
        message.duplicate_delivery,
        message.late_delivery,
        counters.total(one.cost for one in attempts),
        _iso(min((one.sent_at for one in attempts if one.sent_at), default=None)),
        _iso(min((one.delivered_at for one in delivered if one.delivered_at), default=None)),
        _iso(message.closed_at),
        _text(message.campaign_id),
        _text(message.resend_of),
        message.mode == "sandbox",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _text(id_: UUID | None) -> str | None:
    return str(id_) if id_ else None

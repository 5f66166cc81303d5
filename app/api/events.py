"""The events of a workspace over HTTP: a page of them, or a stream that goes on."""

import re
import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from app.api.deps import Answer, RuntimeDep, caller_with_any
from app.api.problems import responses
from app.errors import Invalid
from app.services import event_stream, happenings, keys
from app.services.callers import Caller
from app.services.event_stream import EventStream, Reading
from app.services.feed import Feed
from app.services.happenings import Happening

LARGEST = 2**63 - 1
PAGE, MOST = 100, 500
MOST_KINDS, LONGEST_KIND = 50, 60
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
router = APIRouter(prefix="/v1/events", tags=["events"])
ReaderDep = Annotated[Caller, Depends(caller_with_any(*happenings.READERS))]
After = Annotated[int | None, Query(ge=0, le=LARGEST, description="events after this number")]


class EventFacts(BaseModel):
    """Something that happened."""

    sequence: int = Field(
        description="its number; a workspace's have no gaps, but not all are told"
    )
    kind: str = Field(examples=["chat.message_received"])
    at: AwareDatetime
    data: dict[str, Any] = Field(description="as in webhooks; nothing personal")


class EventsOut(Answer):
    """One page, the oldest first."""

    items: list[EventFacts]
    next: int = Field(description="`after` of the next page, also when there is nothing in this")
    more: bool = Field(description="there is another page now")
    gap: bool = Field(description="events are missing in between: read the state anew")


async def _kinds(
    kinds: Annotated[
        str | None,
        Query(
            max_length=MOST_KINDS * LONGEST_KIND,
            description="only these, separated by commas",
            examples=["chat.message_received,case.state"],
        ),
    ] = None,
) -> frozenset[str] | None:
    """Raises Invalid ``unknown_kind``."""
    if kinds is None:
        return None
    asked = frozenset(one.strip() for one in kinds.split(",") if one.strip())
    unknown = sorted(
        one for one in asked if not KIND.fullmatch(one) or not happenings.is_public(one)
    )
    if unknown or not asked:
        raise Invalid(
            "unknown_kind",
            f"No events of these kinds are told: {', '.join(unknown[:5])}. See docs/events.md.",
            field="kinds",
            data={"unknown": unknown[:MOST_KINDS]},
        )
    return asked


@dataclass(frozen=True, slots=True)
class Where:
    """From which number, and until when (monotonic)."""

    after: int | None
    until: float | None


async def _where(
    after: After = None,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
    for_s: Annotated[
        float | None, Query(ge=0, le=86_400, description="end after so many seconds")
    ] = None,
) -> Where:
    until = None if for_s is None else time.monotonic() + for_s
    return Where(event_stream.start(last, after), until)


KindsDep = Annotated[frozenset[str] | None, Depends(_kinds)]


@router.get("", summary="What happened", responses=responses(401, 403, 422))
async def list_events(
    request: Request,
    caller: ReaderDep,
    kinds: KindsDep,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="events looked at")] = PAGE,
) -> EventsOut:
    """Go on with `next`. A page may be empty and yet have a next one: `limit` counts all events.

    What the key's scopes let it read: messages, templates, consultations.
    """
    feed: Feed = request.app.state.feed
    news = await feed.page(caller.workspace_id, after or 0, limit)
    items = []
    for one in news.happenings:
        data = one.heard_by(caller)
        if data is not None and (kinds is None or one.kind in kinds):
            items.append(EventFacts(sequence=one.seq, kind=one.kind, at=one.at, data=dict(data)))
    return EventsOut(
        items=items, next=news.last, more=news.more, gap=news.gap, simulated=caller.simulated
    )


@router.get(
    "/stream",
    summary="What happens",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **responses(401, 403, 422, 429)},
)
async def stream_events(
    request: Request,
    runtime: RuntimeDep,
    caller: ReaderDep,
    kinds: KindsDep,
    where: Annotated[Where, Depends(_where)],
) -> EventStream:
    """Server-sent events: `id` is the number, `event` the kind, `data` what `GET /v1/events` says.

    Resumes after `Last-Event-ID`, which goes before `after`; without both it begins now. First
    comes `hello`; `gap` says that events are missing, `end` why the stream is over.
    """
    feed: Feed = request.app.state.feed
    feed.need_room(caller)
    token = request.headers.get("authorization") or request.headers.get("x-api-key")

    def render(happening: Happening, reader: Caller) -> bytes | None:
        if kinds is not None and happening.kind not in kinds:
            return None
        data = happening.heard_by(reader)
        if data is None:
            return None
        return event_stream.once(happening, "api", reader.mode, lambda: _frame(happening, data))

    reading = Reading(
        caller,
        where.after,
        render,
        check=lambda: keys.authenticate(runtime, token),
        until=where.until,
    )
    return EventStream(feed, reading)


def _frame(happening: Happening, data: Any) -> bytes:
    told = {
        "sequence": happening.seq,
        "kind": happening.kind,
        "at": happening.at.isoformat(),
        "data": data,
    }
    return event_stream.frame(happening.kind, told, happening.seq)

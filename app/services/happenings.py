"""What the live view says of the events of a workspace, and who may hear it.

Kinds and words are those of the webhooks, and with them everything of consultations: ``chat.…``
and ``case.…``. Nothing said is personal: ids, states and reasons; who needs more asks the API.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Event, ProviderAccount, Thread, WorkspaceCounter
from app.db.session import Told
from app.services import threads, webhook_events
from app.services.callers import Caller
from app.services.webhook_events import Facts

MODES = ("sandbox", "live")
CONSULTATION = ("chat.", "case.")
# what of a consultation's own data is said
CHAT_SAID = (
    "chat_message_id", "case_id", "session_id", "seq", "status", "reason", "code", "note",
    "content_kind", "number", "state", "owner_kind", "epoch", "expires_at", "verdict",
)  # fmt: skip
READERS = ("messages:read", "templates:read", "consultations:read")
MOST_MODES = 10_000  # threads whose mode is remembered


@dataclass(frozen=True, slots=True)
class Happening:
    """A public event. ``said``: its data for callers of a mode; a mode that is not in it hears
    nothing. ``frames`` keeps what was made of it, for all who hear the same."""

    seq: int
    kind: str
    at: datetime
    scope: str
    said: Mapping[str, Mapping[str, Any]]
    frames: dict[tuple[str, str], bytes] = field(default_factory=dict, compare=False, repr=False)

    def heard_by(self, caller: Caller) -> Mapping[str, Any] | None:
        """The data for this caller; None when it may not hear of it."""
        said = self.said.get(caller.mode) if self.scope in caller.scopes else None
        if said and caller.one_mode and said["simulated"] != caller.simulated:
            return None  # a live key hears of simulated threads, who looks at one mode does not
        return said


@dataclass(frozen=True, slots=True)
class Page:
    """Events after one: those that are public, the first and the last there were."""

    happenings: Sequence[Happening]
    first: int
    last: int


_modes: dict[UUID, str] = {}  # of threads: an account never changes its mode


def remember(threads: Iterable[UUID], mode: str) -> None:
    """Whoever knows the mode of threads saves everybody the look-up."""
    if len(_modes) > MOST_MODES:
        _modes.clear()
    _modes.update(dict.fromkeys(threads, mode))


def at_hand(events: Sequence[Told]) -> list[Happening] | None:
    """What events of consultations say, None when the database must be asked for it."""
    if all(event.kind.startswith(CONSULTATION) and event.subject_id in _modes for event in events):
        return [one for event in events if (one := _happening(event, _of_chat(event, _modes)))]
    return None


def scope_of(kind: str) -> str | None:
    """What a caller must be allowed to read to hear of a kind; None: nobody does."""
    if kind.startswith(CONSULTATION):
        return "consultations:read"
    if kind in webhook_events.MESSAGE:
        return "messages:read"
    if kind in webhook_events.TEMPLATE:
        return "templates:read"
    return "admin" if kind in webhook_events.SAID else None


def is_public(kind: str) -> bool:
    """Whether there may be events of this kind in the live view."""
    return scope_of(kind) is not None


async def newest(session: AsyncSession, workspace_id: UUID) -> int:
    """The number of the newest event: a page drawn in this session goes on after it."""
    counter = await session.get(WorkspaceCounter, workspace_id)
    return counter.last_event if counter else 0


async def read(session: AsyncSession, workspace_id: UUID, after: int, limit: int) -> Page:
    """The next ``limit`` events after a number; an empty page has ``first`` and ``last`` at it.

    Numbers have no gaps: a workspace's are given one commit after the other.
    """
    statement = (
        select(Event)
        .where(col(Event.workspace_id) == workspace_id, col(Event.seq) > after)
        .order_by(col(Event.seq))
        .limit(limit)
    )
    events = list(await session.exec(statement))
    if not events:
        return Page((), after, after)
    public = [event for event in events if is_public(event.kind)]
    said = await _said(session, workspace_id, public) if public else []
    return Page(said, events[0].seq, events[-1].seq)


async def _said(
    session: AsyncSession, workspace_id: UUID, events: Sequence[Event]
) -> list[Happening]:
    chats = [event for event in events if event.kind.startswith(CONSULTATION)]
    others = [event for event in events if not event.kind.startswith(CONSULTATION)]
    modes = await modes_of(session, workspace_id, {event.subject_id for event in chats})
    facts = await Facts.of(session, workspace_id, others)
    found: list[Happening] = []
    for event in events:
        is_chat = event.kind.startswith(CONSULTATION)
        said = _of_chat(event, modes) if is_chat else _of_other(event, facts)
        if one := _happening(event, said):
            found.append(one)
    return found


def _happening(event: Event | Told, said: Mapping[str, Mapping[str, Any]]) -> Happening | None:
    scope = scope_of(event.kind)
    if not said or not scope:
        return None
    return Happening(event.seq, event.kind, event.at.astimezone(UTC), scope, said)


async def modes_of(
    session: AsyncSession, workspace_id: UUID, threads: set[UUID]
) -> Mapping[UUID, str]:
    """live or sandbox, of those threads that are this workspace's."""
    unknown = threads - _modes.keys()
    if unknown:
        rows = await session.exec(
            select(Thread.id, ProviderAccount.mode)
            .join(ProviderAccount, col(ProviderAccount.id) == col(Thread.account_id))
            .where(col(Thread.workspace_id) == workspace_id, col(Thread.id).in_(unknown))
        )
        for thread_id, mode in rows.all():
            remember((thread_id,), mode)
    return _modes


async def mode_for(session: AsyncSession, caller: Caller, thread_id: UUID) -> str:
    """live or sandbox, of a thread the caller may see. Raises NotFound ``thread_not_found``."""
    found = await session.exec(
        select(ProviderAccount.mode)
        .join(Thread, col(Thread.account_id) == col(ProviderAccount.id))
        .where(col(Thread.id) == thread_id, threads.visible(caller))
    )
    mode = found.first()
    if mode is None:
        raise threads.missing()
    return mode


def _of_chat(event: Event | Told, modes: Mapping[UUID, str]) -> dict[str, Mapping[str, Any]]:
    """A live key sees all threads, a test key those of sandbox accounts (``threads.visible``)."""
    mode = modes.get(event.subject_id)
    if mode is None:
        return {}
    own = orjson.loads(event.data)
    said = {name: own[name] for name in CHAT_SAID if name in own}
    said |= {"sequence": event.seq, "thread_id": str(event.subject_id)}
    said["simulated"] = mode == "sandbox"
    return dict.fromkeys(MODES if mode == "sandbox" else ("live",), said)


def _of_other(event: Event, facts: Facts) -> dict[str, Mapping[str, Any]]:
    """As a webhook of the mode would say it."""
    found: dict[str, Mapping[str, Any]] = {}
    for mode in MODES:
        said = facts.say(event, mode)
        if said is not None and said["simulated"] == (mode == "sandbox"):
            found[mode] = said
    return found

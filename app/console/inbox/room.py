"""The open room: its lines, who may write in it, and what stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.console.inbox.column import agent_of
from app.console.inbox.feed import Entry, entries, settled_before
from app.db.models import Label
from app.ids import new_token
from app.services import canned, case_history, customer, labels, lines, rooms, thread_notices
from app.services.case_history import Step
from app.services.customer import CustomerView
from app.services.lines import Window
from app.services.logins import Visit
from app.services.rooms import RoomView
from app.services.runtime import Runtime
from app.services.thread_notices import SentNotice

PAGE = 60  # lines of the newest page; the others are behind a link
SOON_S = 120  # a first answer due within it is lit
WRITING = ("mine", "free")  # where the composer writes to the customer
LOCKED = ("bot", "other", "resolved")  # where it writes once the work is taken


@dataclass(frozen=True, slots=True)
class Shown:
    """Which lines: all newest ones, those ``before`` one, or those ``after`` one."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What the room's templates show.

    ``stand``: mine, free (nobody's: an answer takes it), other, bot, resolved (an answer needs it
    taken), closed (no chat is open), blocked, viewer (may only read).
    """

    room: RoomView
    stand: str
    entries: Sequence[Entry]
    after: int
    earlier: int | None
    labels: Sequence[Label]
    all_labels: Sequence[Label]
    customer: CustomerView | None
    about: SentNotice | None
    canned: Sequence[dict[str, str]]
    ended: Step | None
    client_key: str

    @property
    def takes(self) -> bool:
        """Whether taking the work over is what comes first."""
        return self.stand in LOCKED

    @property
    def writes(self) -> bool:
        """Whether an answer may be sent right now."""
        return self.stand in WRITING

    @property
    def due_at(self) -> datetime | None:
        """By when the first answer is due, while there is none."""
        case = self.room.case
        if case is None or case.state not in ("queued", "assigned") or case.first_human_reply_at:
            return None
        return case.due_first_at


async def read(
    session: AsyncSession,
    runtime: Runtime,
    visit: Visit,
    thread_id: UUID,
    shown: Shown,
    *,
    beside: bool = True,
) -> Room:
    """One room with its newest lines, or those of ``shown``; ``beside``: with the side panel.

    Raises NotFound.
    """
    caller = visit.caller
    room = await rooms.room(session, runtime, caller, thread_id)
    window = Window(shown.before, shown.after, PAGE + 1)
    found = await lines.messages(session, runtime, caller, thread_id, window)
    backwards = shown.after is None
    earlier = found[1].seq if backwards and len(found) > PAGE else None
    page = (found[1:] if backwards else found[:PAGE]) if len(found) > PAGE else found
    since = page[0].created_at if page else room.last_activity_at
    steps = await case_history.steps(session, caller, thread_id, since)
    if shown.before is not None and page:
        steps = [one for one in steps if one.at <= page[-1].created_at]
    known = await customer.panel(session, runtime, caller, thread_id) if beside else None
    about = known.about.notice_id if known and known.about else None
    ids = {line.notice_id for line in page if line.notice_id}
    ids |= {about} if about else set()
    notices = await thread_notices.sent(session, runtime, caller, ids)
    named = await labels.of_cases(session, visit.workspace_id, [room.case.id] if room.case else [])
    return Room(
        room=room,
        stand=stand_of(room, visit),
        entries=entries(page, steps, notices),
        after=settled_before(page) if page else (shown.after or 0),
        earlier=earlier,
        labels=named.get(room.case.id, ()) if room.case else (),
        all_labels=await labels.list_labels(session, visit.workspace_id),
        customer=known,
        about=notices.get(about) if about else None,
        canned=await _canned(session, runtime, visit, thread_id),
        ended=next((one for one in reversed(steps) if one.kind == "resolved"), None),
        client_key=new_token(),
    )


def stand_of(room: RoomView, visit: Visit) -> str:
    """Who may write here now; see :class:`Room`."""
    if not visit.may("consultations:write"):
        return "viewer"
    if room.blocked_at is not None:
        return "blocked"
    if room.chat_session is None:
        return "closed"
    case = room.case
    if case is None or case.state == "resolved":
        return "resolved"
    if case.owner_kind == "agent":
        return "mine" if case.owner_id == agent_of(visit).id else "other"
    return "bot" if case.owner_kind == "bot" else "free"


async def _canned(
    session: AsyncSession, runtime: Runtime, visit: Visit, thread_id: UUID
) -> list[dict[str, str]]:
    """Canned replies, filled with what this thread knows."""
    if not visit.may("consultations:write"):
        return []
    rows = await canned.search(session, visit.workspace_id)
    if not rows:
        return []
    values = await canned.values_for(session, runtime, visit.caller, thread_id, visit.name)
    return [{"shortcut": row.shortcut, "text": canned.fill(row.text, values).text} for row in rows]

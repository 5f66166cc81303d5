"""Cases: one piece of work inside a thread. Who writes must hold its ``epoch``.

The epoch rises whenever the work changes hands (taken, given back, reopened), so that two people
who saw the same state cannot both answer.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Case, Thread
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import case_clocks, presence, threads
from app.services.callers import Caller

BLOCKED = "blocked"
LONGEST_NAME = 40
PRIORITIES = ("urgent", "normal", "low")  # kept as 0, 1, 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is, for work that begins with its thread."""

    workspace_id: UUID
    thread_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class Agent:
    """Who answers: staff have an id; a caller of the API gives only a name."""

    name: str
    id: UUID | None = None

    def owns(self, case: Case) -> bool:
        """Whether the case is theirs: of two people with one name only one."""
        if case.owner_kind != "agent" or case.owner_id != self.id:
            return False
        return self.id is not None or case.owner == self.name


async def newest(tx: Tx, thread: Thread) -> Case | None:
    """The thread's newest case; only that one can be open."""
    statement = (
        select(Case)
        .where(col(Case.workspace_id) == thread.workspace_id, col(Case.thread_id) == thread.id)
        .order_by(col(Case.number).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await tx.session.exec(statement)).first()


async def to_owner(tx: Tx, case: Case) -> None:
    """Nobody waits any longer with this case: back to its owner if present, else to the queue."""
    case.snooze_until = None
    if case.owner_kind == "agent" and await _keeps(tx, case):
        case.state = "assigned"
    else:
        queue(case)


async def _keeps(tx: Tx, case: Case) -> bool:
    if case.owner_id is None:
        return True  # a name from the API has no presence
    return await presence.keeps(tx.session, case.workspace_id, case.owner_id, tx.now)


def queue(case: Case) -> None:
    """Whoever is free first, before all its last owner: a new epoch."""
    case.before_id = case.owner_id if case.owner_kind == "agent" else case.before_id
    case.state, case.epoch, case.snooze_until = "queued", case.epoch + 1, None
    _release(case)


def tell(tx: Tx, case: Case, *, kind: str = "case.state", reason: str = "") -> None:
    """Record where the case stands now; who owns it is asked for, events hold nothing personal."""
    tx.wake = tx.wake or case.state == "queued"  # somebody may be free
    tx.emit(
        case.workspace_id,
        kind,
        case.thread_id,
        case_id=str(case.id),
        number=case.number,
        state=case.state,
        owner_kind=case.owner_kind,
        epoch=case.epoch,
        **({"reason": reason} if reason else {}),
    )


def open_again(tx: Tx, case: Case, at: datetime) -> None:
    """A resolved case is open and nobody's; whoever gives it to somebody raises the epoch."""
    case.state, case.reopens = "queued", case.reopens + 1
    case.resolved_at, case.resolve_reason, case.waiting_since = None, "", at
    case_clocks.count(tx, case, "reopened")


def hand_to(case: Case, agent: Agent) -> None:
    """Give the case to an agent: a new owner, so a new epoch."""
    case.state, case.owner_kind, case.owner = "assigned", "agent", agent.name
    case.owner_id = agent.id
    case.passed_id = case.snooze_until = case.resolved_at = None
    case.epoch += 1


def stay(tx: Tx, case: Case) -> None:
    """It is theirs already: only a snooze ends, since they want it now."""
    if case.state == "snoozed":
        case.state, case.snooze_until = "assigned", None
        tell(tx, case)


def hand_off(tx: Tx, case: Case, at: datetime, reason: str) -> None:
    """From the bot to a person, whoever is free first: a new epoch, so a late answer is refused.

    The only way from a bot into the queue; a case that no bot has stays where it is.
    """
    if case.state != "bot":
        return
    case_clocks.hand_over(tx, case, at)
    queue(case)
    case.waiting_since = at  # before, the bot answered
    tell(tx, case, reason=reason)


def close(tx: Tx, case: Case, at: datetime, reason: str) -> None:
    """Resolve an open case."""
    case_clocks.close(tx, case)
    case.before_id = case.owner_id if case.owner_kind == "agent" else case.before_id
    _release(case)
    case.state, case.passed_id, case.snooze_until = "resolved", None, None
    case.resolved_at, case.waiting_since, case.resolve_reason = at, None, reason
    tell(tx, case, reason=reason)


def _release(case: Case) -> None:
    case.owner_kind, case.owner, case.owner_id = "none", "", None


async def close_open(tx: Tx, thread: Thread, at: datetime, reason: str) -> None:
    """Resolve the thread's open case, when there is one."""
    case = await newest(tx, thread)
    if case is not None and case.state != "resolved":
        close(tx, case, at, reason)


def check_agent(agent: Agent) -> Agent:
    """An agent with the name as it is kept. Raises Invalid ``bad_agent``."""
    name = agent.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(
            "bad_agent",
            f"The agent's name must have 1–{LONGEST_NAME} printable characters.",
            field="agent",
            data={"limit": LONGEST_NAME, "length": len(name)},
        )
    return Agent(name, agent.id)


async def take(
    tx: Tx, caller: Caller, case_id: UUID, agent: Agent, epoch: int | None = None
) -> Case:
    """Make ``agent`` the owner: epoch + 1; taking what is one's own already changes nothing.

    A resolved case comes back only while the customer can be answered. Raises NotFound, Invalid
    ``bad_agent``, Refused ``stale_epoch``, ``case_resolved``.
    """
    agent = check_agent(agent)
    case, thread = await locked(tx, caller, case_id)
    if case.state != "resolved" and agent.owns(case):
        stay(tx, case)
        return case
    check_epoch(case, epoch)
    if case.state == "resolved":
        await _open_by_hand(tx, thread, case)
    elif case.state == "bot":
        case_clocks.hand_over(tx, case, tx.now)
    hand_to(case, agent)
    tell(tx, case)
    return case


async def reopen(tx: Tx, caller: Caller, case_id: UUID, epoch: int | None = None) -> Case:
    """Put a resolved case back into the queue; reopening an open one changes nothing.

    Only while the customer can be answered. Raises NotFound, Refused ``stale_epoch``,
    ``case_resolved``.
    """
    case, thread = await locked(tx, caller, case_id)
    if case.state == "resolved":
        check_epoch(case, epoch)
        await _open_by_hand(tx, thread, case)
        case.epoch += 1
        tell(tx, case)
    return case


async def _open_by_hand(tx: Tx, thread: Thread, case: Case) -> None:
    latest = await newest(tx, thread)
    writable = await threads.open_session(tx, thread, tx.now)
    if writable is None or latest is None or latest.id != case.id:
        raise Refused(
            "case_resolved",
            "The case is resolved and its chat has ended or a newer case is there. Take the "
            "newer case, or send a notice instead.",
        )
    open_again(tx, case, tx.now)
    case_clocks.hand_over(tx, case, tx.now)


async def resolve(tx: Tx, caller: Caller, case_id: UUID, epoch: int | None = None) -> Case:
    """Close the work; the chat session stays open. Resolving twice changes nothing.

    Raises NotFound, Refused ``stale_epoch``.
    """
    case, thread = await locked(tx, caller, case_id)
    if case.state != "resolved":
        check_epoch(case, epoch)
        thread.unread = 0
        close(tx, case, tx.now, "agent")
    return case


async def held(tx: Tx, place: Place) -> tuple[Case, Thread]:
    """As :func:`locked`, for the scheduler's own work."""
    thread = await threads.lock(tx, place.workspace_id, place.thread_id)
    return await tx.session.get_one(Case, place.case_id, populate_existing=True), thread


def check_epoch(case: Case, epoch: int | None) -> None:
    """Raise Refused ``stale_epoch`` unless the caller saw the newest owner (or did not say)."""
    if epoch is not None and epoch != case.epoch:
        raise Refused(
            "stale_epoch",
            "The case changed hands after you read it. Read it again, then decide.",
            field="epoch",
            data={"epoch": case.epoch, "owner": case.owner, "state": case.state},
        )


async def locked(tx: Tx, caller: Caller, case_id: UUID) -> tuple[Case, Thread]:
    """A case and its thread, held until the commit. Raises NotFound, Forbidden ``team_key``."""
    statement = select(Case).where(
        col(Case.id) == case_id, col(Case.workspace_id) == caller.workspace_id
    )
    found = (await tx.session.exec(statement)).first()
    missing = NotFound("case_not_found", "There is no such case. List consultations to find it.")
    if found is None:
        raise missing
    try:
        thread = await threads.lock_for(tx, caller, found.thread_id)
    except NotFound:
        raise missing from None
    await tx.session.refresh(found)  # it may have changed while we waited for the thread
    return found, thread

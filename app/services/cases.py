"""Cases: one piece of work inside a thread. Who writes must hold its ``epoch``.

The epoch rises whenever the work changes hands (taken, given back, reopened), so that two people
who saw the same state cannot both answer.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from app.db.models import Case, Thread
from app.db.session import Tx
from app.db.types import Id
from app.errors import Invalid, NotFound, Refused
from app.services import threads
from app.services.callers import Caller

REOPEN = timedelta(hours=24)
LONGEST_NAME = 40
NEXT_NUMBER = text(
    "INSERT INTO workspace_counter (workspace_id, last_event, last_case) VALUES (:workspace, 0, 1) "
    "ON CONFLICT (workspace_id) DO UPDATE SET last_case = workspace_counter.last_case + 1 "
    "RETURNING last_case"
).bindparams(bindparam("workspace", type_=Id()))


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


async def wake(tx: Tx, thread: Thread, at: datetime) -> Case:
    """The customer did something: the case that someone must look at now.

    An open case stays with its owner; one resolved within a day comes back to the queue; else a
    new one begins. The caller holds the thread.
    """
    case = await newest(tx, thread)
    if case is None or (case.state == "resolved" and _is_past(case, at)):
        return await _begin(tx, thread, at)
    before = (case.state, case.epoch)
    if case.state == "resolved":
        case.state, case.resolved_at, case.epoch = "queued", None, case.epoch + 1
    elif case.state in ("waiting", "snoozed"):
        _give_back(case)
    case.waiting_since = case.waiting_since or at
    if (case.state, case.epoch) != before:
        tell(tx, case)
    return case


def _is_past(case: Case, at: datetime) -> bool:
    return case.resolved_at is None or at - case.resolved_at > REOPEN


def _give_back(case: Case) -> None:
    if case.owner_kind == "agent":
        case.state = "assigned"
    else:
        case.state, case.owner_kind, case.owner = "queued", "none", ""
        case.epoch += 1


async def _begin(tx: Tx, thread: Thread, at: datetime) -> Case:
    number = (await tx.conn.execute(NEXT_NUMBER, {"workspace": thread.workspace_id})).scalar_one()
    case = Case(
        workspace_id=thread.workspace_id,
        thread_id=thread.id,
        number=number,
        waiting_since=at,
        created_at=tx.now,
    )
    tx.session.add(case)
    await tx.session.flush()
    tell(tx, case, kind="case.opened")
    return case


def tell(tx: Tx, case: Case, *, kind: str = "case.state", reason: str = "") -> None:
    """Record where the case stands now; who owns it is asked for, events hold nothing personal."""
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


def hand_to(case: Case, agent: str) -> None:
    """Give the case to an agent: a new owner, so a new epoch."""
    case.state, case.owner_kind, case.owner = "assigned", "agent", agent
    case.resolved_at = None
    case.epoch += 1


def close(tx: Tx, case: Case, at: datetime, reason: str) -> None:
    """Resolve an open case."""
    case.state, case.owner_kind, case.owner = "resolved", "none", ""
    case.resolved_at, case.waiting_since = at, None
    tell(tx, case, reason=reason)


async def close_open(tx: Tx, thread: Thread, at: datetime, reason: str) -> None:
    """Resolve the thread's open case, when there is one."""
    case = await newest(tx, thread)
    if case is not None and case.state != "resolved":
        close(tx, case, at, reason)


def check_name(agent: str) -> str:
    """An agent's name as it is kept. Raises Invalid ``bad_agent``."""
    name = agent.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(
            "bad_agent",
            f"The agent's name must have 1–{LONGEST_NAME} printable characters.",
            field="agent",
            data={"limit": LONGEST_NAME, "length": len(name)},
        )
    return name


async def take(tx: Tx, caller: Caller, case_id: UUID, agent: str, epoch: int | None = None) -> Case:
    """Make ``agent`` the owner: epoch + 1; taking what is one's own already changes nothing.

    A resolved case comes back only while the customer can be answered. Raises NotFound, Invalid
    ``bad_agent``, Refused ``stale_epoch``, ``case_resolved``.
    """
    name = check_name(agent)
    case, thread = await _locked(tx, caller, case_id)
    if case.state != "resolved" and (case.owner_kind, case.owner) == ("agent", name):
        return case
    check_epoch(case, epoch)
    if case.state == "resolved":
        latest = await newest(tx, thread)
        writable = await threads.open_session(tx, thread, tx.now)
        if writable is None or latest is None or latest.id != case.id:
            raise Refused(
                "case_resolved",
                "The case is resolved and its chat has ended or a newer case is there. Take the "
                "newer case, or send a notice instead.",
            )
    hand_to(case, name)
    tell(tx, case)
    return case


async def resolve(tx: Tx, caller: Caller, case_id: UUID, epoch: int | None = None) -> Case:
    """Close the work; the chat session stays open. Resolving twice changes nothing.

    Raises NotFound, Refused ``stale_epoch``.
    """
    case, thread = await _locked(tx, caller, case_id)
    if case.state != "resolved":
        check_epoch(case, epoch)
        thread.unread = 0
        close(tx, case, tx.now, "agent")
    return case


def check_epoch(case: Case, epoch: int | None) -> None:
    """Raise Refused ``stale_epoch`` unless the caller saw the newest owner (or did not say)."""
    if epoch is not None and epoch != case.epoch:
        raise Refused(
            "stale_epoch",
            "The case changed hands after you read it. Read it again, then decide.",
            field="epoch",
            data={"epoch": case.epoch, "owner": case.owner, "state": case.state},
        )


async def _locked(tx: Tx, caller: Caller, case_id: UUID) -> tuple[Case, Thread]:
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

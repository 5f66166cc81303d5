"""Cases given on: to a person, to a team, back to the queue; and how urgent they are."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, Thread
from app.db.session import Tx
from app.errors import Invalid, Refused
from app.services import case_clocks, case_states, cases, consultations, presence, teams, threads
from app.services.callers import Caller
from app.services.cases import PRIORITIES, Agent, Place
from app.services.runtime import Runtime
from app.services.threads import Line


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a case goes: to one of staff, to a team, or (neither) back to everybody's queue.

    ``note`` stays inside the workspace; ``by`` is who wrote it. ``epoch``: refuse another.
    """

    by: Agent
    staff_id: UUID | None = None
    team_id: UUID | None = None
    note: str = field(default="", repr=False)
    epoch: int | None = None


async def assign(
    tx: Tx, caller: Caller, case_id: UUID, staff_id: UUID, epoch: int | None = None
) -> Case:
    """Give an open case to a person, whoever has it; to its owner changes nothing.

    Raises NotFound, Refused ``stale_epoch``, ``case_resolved``.
    """
    case, _ = await _open_case(tx, caller, case_id, epoch)
    await _to_person(tx, case, staff_id)
    return case


async def transfer(
    tx: Tx, runtime: Runtime, caller: Caller, case_id: UUID, asked: Transfer
) -> Case:
    """Give an open case on. Who gives it to a team is not given it back by the router.

    Raises NotFound, Invalid ``two_targets``, ``bad_agent`` and those of a text (field ``note``),
    Refused ``stale_epoch``, ``case_resolved``.
    """
    if asked.staff_id is not None and asked.team_id is not None:
        raise Invalid(
            "two_targets", "A case goes to a person or to a team, not to both.", field="team_id"
        )
    by = cases.check_agent(asked.by)
    _check_note(asked.note)
    case, thread = await _open_case(tx, caller, case_id, asked.epoch)
    if asked.staff_id is not None:
        await _to_person(tx, case, asked.staff_id)
    else:
        if asked.team_id is not None:
            await teams.named(tx.session, caller.workspace_id, asked.team_id)
        case.team_id = asked.team_id
        give_up(tx, case)
        case.before_id = None  # somebody else is wanted now
        cases.tell(tx, case, reason="transfer")
    if asked.note:
        _note(tx, runtime, thread, case, Line("agent", "note", asked.note, by.name))
    return case


async def _to_person(tx: Tx, case: Case, staff_id: UUID) -> None:
    staff = await presence.named(tx.session, case.workspace_id, staff_id)
    agent = Agent(staff.name, staff.id)
    if agent.owns(case):
        cases.stay(tx, case)
        return
    if case.state == "bot":
        case_clocks.hand_over(tx, case, tx.now)
    cases.hand_to(case, agent)
    cases.tell(tx, case, reason="assign")


def give_up(tx: Tx, case: Case) -> None:
    """The owner lets go of a case: queued, a new epoch, and the router gives it to others."""
    mine = case.owner_id if case.owner_kind == "agent" else case.passed_id
    if case.state == "bot":
        case_clocks.hand_over(tx, case, tx.now)
    cases.queue(case)
    case.passed_id = mine
    case.waiting_since = case.waiting_since or tx.now


async def give_back(tx: Tx, workspace_id: UUID, staff_id: UUID) -> int:
    """Who leaves gives back what customers wait for; how many cases.

    What waits for the customer stays: their next line finds its way. If the same person comes
    back first, they are preferred.
    """
    statement = (
        select(Case.id, Case.thread_id)
        .where(
            col(Case.workspace_id) == workspace_id,
            col(Case.owner_id) == staff_id,
            col(Case.owner_kind) == "agent",
            case_states.is_open(),
            col(Case.state) == "assigned",
        )
        .order_by(col(Case.thread_id))  # in everybody's order: no two wait crosswise
    )
    given = 0
    for case_id, thread_id in list(await tx.session.exec(statement)):
        case, _ = await cases.held(tx, Place(workspace_id, thread_id, case_id))
        if case.state == "assigned" and case.owner_id == staff_id:
            cases.queue(case)
            case.waiting_since = case.waiting_since or tx.now
            cases.tell(tx, case, reason="left")
            given += 1
    return given


async def holding(session: AsyncSession, workspace_id: UUID, staff_id: UUID) -> int:
    """How many open cases a person has, whatever their state."""
    statement = (
        select(func.count())
        .select_from(Case)
        .where(
            col(Case.workspace_id) == workspace_id,
            col(Case.owner_id) == staff_id,
            col(Case.owner_kind) == "agent",
            case_states.is_open(),
        )
    )
    return (await session.exec(statement)).one()


async def set_priority(tx: Tx, caller: Caller, case_id: UUID, priority: str) -> Case:
    """How early the queue gives it out. Raises NotFound, Invalid ``bad_priority``."""
    if priority not in PRIORITIES:
        raise Invalid(
            "bad_priority", f"A priority is one of: {', '.join(PRIORITIES)}.", field="priority"
        )
    case, _ = await cases.locked(tx, caller, case_id)
    if case.priority != PRIORITIES.index(priority):
        case.priority = PRIORITIES.index(priority)
        cases.tell(tx, case, reason="priority")
    return case


async def _open_case(
    tx: Tx, caller: Caller, case_id: UUID, epoch: int | None
) -> tuple[Case, Thread]:
    case, thread = await cases.locked(tx, caller, case_id)
    cases.check_epoch(case, epoch)
    if case.state == "resolved":
        raise Refused("case_resolved", "The case is resolved. Reopen it first.")
    return case, thread


def _check_note(note: str) -> None:
    if not note:
        return
    try:
        consultations.check_text(note)
    except Invalid as wrong:
        raise Invalid(wrong.code, wrong.detail, field="note", data=wrong.data) from None


def _note(tx: Tx, runtime: Runtime, thread: Thread, case: Case, line: Line) -> None:
    """A line only the workspace sees: it is stored, and nothing ever sends it."""
    message = threads.add_line(tx, runtime.sealer, thread, line)
    message.case_id = case.id
    tx.emit(
        thread.workspace_id,
        "chat.note_added",
        thread.id,
        chat_message_id=str(message.id),
        case_id=str(case.id),
        seq=message.seq,
    )

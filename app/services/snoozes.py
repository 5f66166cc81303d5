"""Cases put off: until a time, or until the customer writes, whatever comes first."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case
from app.db.session import Tx
from app.errors import Invalid, Refused
from app.services import case_states, cases
from app.services.callers import Caller
from app.services.cases import Place

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=90)
PAGE = 50


async def snooze(
    tx: Tx, caller: Caller, case_id: UUID, until: datetime, epoch: int | None = None
) -> Case:
    """Put a case off; its owner stays. A snoozed one gets the new time.

    Raises NotFound, Invalid ``bad_time``, Refused ``stale_epoch``, ``not_owned``.
    """
    case, _ = await cases.locked(tx, caller, case_id)
    cases.check_epoch(case, epoch)
    if case.state not in ("assigned", "waiting", "snoozed"):
        raise Refused(
            "not_owned",
            "Only a case that somebody has can be put off. Take it first.",
            data={"state": case.state},
        )
    if until.tzinfo is None or not SHORTEST <= until - tx.now <= LONGEST:
        raise Invalid(
            "bad_time",
            "Give a time with its zone, from 1 minute to 90 days from now.",
            field="until",
            data={"shortest_s": 60, "longest_days": LONGEST.days},
        )
    case.state, case.snooze_until = "snoozed", until
    cases.tell(tx, case)
    return case


async def due(session: AsyncSession, now: datetime) -> list[Place]:
    """Snoozed cases whose time has come, the earliest first."""
    statement = (
        select(Case.workspace_id, Case.thread_id, Case.id)
        .where(case_states.is_snoozed(), col(Case.snooze_until) <= now)
        .order_by(col(Case.snooze_until))
        .limit(PAGE)
    )
    return [Place(*row) for row in await session.exec(statement)]


async def end(tx: Tx, where: Place) -> bool:
    """The time has come: back to its owner if present, else to the queue; False when it was not."""
    case, _ = await cases.held(tx, where)
    if case.state != "snoozed" or case.snooze_until is None or case.snooze_until > tx.now:
        return False  # the customer was faster, or somebody put it off again
    await cases.to_owner(tx, case)
    if case.state == "queued":
        case.waiting_since = case.waiting_since or tx.now
    cases.tell(tx, case, reason="snooze_over")
    return True

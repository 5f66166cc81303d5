"""The clocks of a case and the sums of a day: kept as things happen, nothing is counted later.

The human clock starts at the hand-off (``handed_at``) and never holds a bot's time. Counters are
named ``consult.{mode}.{name}`` and belong to the Korean day on which it happened.
"""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, Thread
from app.db.session import Tx
from app.services import consult_channels, counters, opening
from app.services.clock import korean_day

COUNTS = (
    "opened",  # new cases
    "reopened",  # resolved ones that came back: told apart, never in `opened`
    "handed",  # cases a person is needed for since, however they got there
    "bot_handed",  # of them, those a bot gave away or somebody took from it
    "bot_contained",  # resolved while the bot still owned them
    "resolved",  # resolved after a person was needed
    "resolved_again",  # of them, those that had come back before
    "unanswered",  # of them, those that ended before any person wrote
    "waits",  # times a waiting customer was answered
    "first_replies",
    "first_in_aim",  # of them, those not after ``due_first_at``
    "resolutions",  # resolved ones that a person had answered
)
SUMS = ("wait_s", "first_reply_s", "resolution_s")


def count(tx: Tx, case: Case, name: str, amount: int = 1) -> None:
    """Add to a counter of today."""
    day = korean_day(tx.now)
    tx.count(case.workspace_id, day, f"{counters.CONSULT}{case.mode}.{name}", amount)


def hand_over(tx: Tx, case: Case, at: datetime) -> None:
    """A person is needed from now on: a new clock, whatever was before."""
    if case.owner_kind == "bot":
        count(tx, case, "bot_handed")
    count(tx, case, "handed")
    case.handed_at, case.due_first_at, case.first_human_reply_at = at, None, None


def answer(tx: Tx, case: Case) -> timedelta | None:
    """A person writes to the customer; how long the customer had waited, if they did."""
    waited = None if case.waiting_since is None else tx.now - case.waiting_since
    if waited is not None:
        count(tx, case, "waits")
        count(tx, case, "wait_s", _seconds(waited))
    case.state, case.waiting_since, case.snooze_until = "waiting", None, None
    return waited


async def first_reply(tx: Tx, thread: Thread, case: Case) -> None:
    """The same, when it is the first answer since the hand-off."""
    if case.first_human_reply_at is not None:
        return
    case.first_human_reply_at = tx.now
    if case.handed_at is None:
        return  # from before the clocks were kept
    hours = consult_channels.hours_of(await consult_channels.of(tx.session, thread))
    if case.due_first_at is None:
        case.due_first_at = await due_first(tx.session, thread, case.handed_at)
    count(tx, case, "first_replies")
    took = opening.open_time(hours, case.handed_at, tx.now)
    count(tx, case, "first_reply_s", _seconds(took))
    if tx.now <= case.due_first_at:
        count(tx, case, "first_in_aim")


async def due_first(session: AsyncSession, thread: Thread, handed_at: datetime) -> datetime:
    """By when a person should have answered: the channel's aim, counted in its open hours."""
    channel = await consult_channels.of(session, thread)
    hours = consult_channels.hours_of(channel)
    due = opening.add_open_time(hours, handed_at, channel.first_reply_s)
    # hours that never open promise nothing; plain time keeps the case in its place
    return due or handed_at + timedelta(seconds=channel.first_reply_s)


def close(tx: Tx, case: Case) -> None:
    """A case is about to be resolved; ``case`` still has its owner."""
    if case.owner_kind == "bot":
        count(tx, case, "bot_contained")
        return
    count(tx, case, "resolved")
    if case.reopens:
        count(tx, case, "resolved_again")
    if case.first_human_reply_at is None:
        count(tx, case, "unanswered")
    elif case.handed_at is not None:
        count(tx, case, "resolutions")
        count(tx, case, "resolution_s", _seconds(tx.now - case.handed_at))


def _seconds(took: timedelta) -> int:
    return max(0, round(took.total_seconds()))

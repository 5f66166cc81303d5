"""Counters: moved in the transaction that moves what they count, so nothing counts big tables.

A name carries the mode (``live.delivered``), and the day is the Korean one on which the *message*
was accepted: for every day ``accepted`` is the sum of its ends plus what is still open.
"""

from collections import Counter as Sums
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Campaign, Counter, Message
from app.db.session import Tx
from app.ids import made_at
from app.services.clock import KST, korean_day
from app.services.states import AttemptStatus, MessageStatus
from channels.vocabulary import Reason

ACCEPTED = "accepted"
ENDS = ("delivered", "failed", "expired", "cancelled", "blocked", "no_report", "sent")
MARKS = ("fallback_used", "duplicate_delivery", "late_delivery")
# of attempts, by route; "accepted" is all the provider took, whatever became of it
TRIES = ("accepted", "delivered", "undelivered", "rejected", "no_report")
CAMPAIGN = "campaign"  # in the place of a day: counters of one campaign, named by its id
CONSULT = "consult."  # before the names of what people and bots did in consultations
COST = "cost"  # hundredths of a won
# before a day: what was accepted in each hour of it, as ``14.live.accepted``, for charts
HOURS = "h"
HOURLY = frozenset({ACCEPTED, "delivered", "failed", "fallback_used"})
TAKEN = frozenset(
    {
        AttemptStatus.ACCEPTED,
        AttemptStatus.DELIVERED,
        AttemptStatus.UNDELIVERED,
        AttemptStatus.NO_REPORT,
    }
)
THEIRS = frozenset(Reason)  # reasons a provider can give; the others are our own
Names = frozenset[str]


def day_of(message_id: UUID) -> str:
    """The Korean day a message was accepted on: its id says when it was made."""
    return korean_day(made_at(message_id))


def of_message(message: Message) -> Names:
    """The counters a message is in, beside ``accepted``."""
    marks = {name for name in MARKS if getattr(message, name)}
    return frozenset(marks | ({message.status} if message.closed_at is not None else set()))


def of_attempt(status: str, reason: str | None) -> Names:
    """The counters of its route that an attempt is in; what we refuse ourselves is in none."""
    if status == AttemptStatus.REJECTED and reason is not None and reason not in THEIRS:
        return frozenset()
    taken = {ACCEPTED} if status in TAKEN else set()
    return frozenset(taken | ({status} & set(TRIES)))


def accept(tx: Tx, workspace_id: UUID, mode: str, message_id: UUID) -> None:
    """A message is stored."""
    _count(tx, workspace_id, message_id, f"{mode}.{ACCEPTED}", 1, hourly=True)


def _count(
    tx: Tx, workspace_id: UUID, message_id: UUID, name: str, amount: int, *, hourly: bool
) -> None:
    """Move the counter of the message's day, and that of its hour where charts show it."""
    here = made_at(message_id).astimezone(KST)
    day = here.date().isoformat()
    tx.count(workspace_id, day, name, amount)
    if hourly:
        tx.count(workspace_id, f"{HOURS}{day}", f"{here.hour:02}.{name}", amount)


def move(tx: Tx, message: Message, before: Names) -> None:
    """A message has changed since ``before = of_message(message)``."""
    after = of_message(message)
    for name in after ^ before:
        amount = 1 if name in after else -1
        if message.campaign_id is not None:
            tx.count(message.workspace_id, CAMPAIGN, f"{message.campaign_id}.{name}", amount)
        counted = f"{message.mode}.{name}"
        _count(tx, message.workspace_id, message.id, counted, amount, hourly=name in HOURLY)


def close_sent(
    tx: Tx, workspace_id: UUID, mode: str, message_id: UUID, campaign_id: UUID | None
) -> None:
    """An open message ends as ``sent``: its plan asks no more."""
    tx.count(workspace_id, day_of(message_id), f"{mode}.{MessageStatus.SENT}")
    if campaign_id is not None:
        tx.count(workspace_id, CAMPAIGN, f"{campaign_id}.{MessageStatus.SENT}")


async def of_campaign(session: AsyncSession, campaign: Campaign) -> Sums[str]:
    """What became of a campaign's messages so far: ends and marks, by name."""
    rows = await session.exec(
        select(Counter.name, Counter.value).where(
            col(Counter.workspace_id) == campaign.workspace_id,
            col(Counter.day) == CAMPAIGN,
            col(Counter.name).startswith(f"{campaign.id}."),
        )
    )
    return Sums({name.partition(".")[2]: value for name, value in rows})


def price(prices: Mapping[str, Any], route: str) -> int | None:
    """What one message costs on a route, in hundredths of a won; None when nobody said."""
    won = prices.get(route)
    return None if won is None else round(won * 100)


class Tries:
    """Attempts of one account as a transaction moves them."""

    def __init__(self, tx: Tx, workspace_id: UUID, mode: str, prices: Mapping[str, Any]) -> None:
        self._tx, self._workspace_id, self._mode, self._prices = tx, workspace_id, mode, prices

    def move(self, attempt: Attempt, before: Names) -> None:
        """An attempt has changed since ``before``; one that is taken now gets its cost."""
        cost = None
        if attempt.cost is None and attempt.status in TAKEN - {AttemptStatus.NO_REPORT}:
            cost = attempt.cost = price(self._prices, attempt.route)
        after = of_attempt(attempt.status, attempt.reason)
        self.add(attempt.message_id, attempt.route, before, after, cost)

    def add(
        self, message_id: UUID, route: str, before: Names, after: Names, cost: int | None
    ) -> None:
        """Move counters of a route; ``cost`` is what the attempt newly costs."""
        day = day_of(message_id)
        for name in after ^ before:
            self._count(day, route, name, 1 if name in after else -1)
        if cost:
            self._count(day, route, COST, cost)

    def _count(self, day: str, route: str, name: str, amount: int) -> None:
        self._tx.count(self._workspace_id, day, f"{self._mode}.{route}.{name}", amount)


def total(costs: Iterable[int | None]) -> float | None:
    """Costs in won; None where none is known."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) / 100 if known else None

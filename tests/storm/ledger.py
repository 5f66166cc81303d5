"""The accounts at the end: the sender's list, our database and the sandbox must agree exactly."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from app.db.models import Event, Message
from app.db.session import Database
from tests.journeys.town import Town
from tests.storm.orders import Book

ENDS = frozenset({"delivered", "failed", "expired", "cancelled", "blocked", "no_report"})
EVENTS = ("attempt.unknown", "attempt.absent", "attempt.deferred", "attempt.undelivered")
ORDER = re.compile(r"A-\d{6}")
LOOK_S = 1.0


@dataclass(frozen=True)
class Balance:
    """What was found. `exact` is the promise."""

    accepted: int  # on the sender's own list
    states: dict[str, int]  # of the messages in our database
    arrived: int  # on phones, as the sandbox counts by itself
    lost: list[str]  # promised orders that never arrived
    doubled: list[str]  # orders that arrived more than once, over chat and SMS together
    unlisted: int  # messages in the database that nobody was promised
    missing: int  # promised messages that are not in the database
    events: dict[str, int]

    @property
    def open(self) -> int:
        return sum(n for status, n in self.states.items() if status not in ENDS)

    @property
    def exact(self) -> bool:
        wrong = (self.lost, self.doubled, self.unlisted, self.missing, self.open)
        same = self.accepted == sum(self.states.values()) == self.arrived
        return same and not any(wrong)

    def figures(self) -> dict[str, Any]:
        """For the line and the file: counts, and some names of what is wrong."""
        return {
            "accepted": self.accepted,
            "states": self.states,
            "arrived": self.arrived,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "unlisted": self.unlisted,
            "missing": self.missing,
            "open": self.open,
            "exact": self.exact,
            "events": self.events,
        }


async def states(database: Database) -> Counter[str]:
    """How many messages stand where."""
    async with database.read() as session:
        rows = await session.exec(
            select(Message.status, func.count()).group_by(col(Message.status))
        )
        return Counter(dict(rows.all()))


async def until_ended(
    database: Database, count: int, patience_s: float, tell: Callable[[str], None]
) -> None:
    """Wait until all have ended, or nothing has moved for so long: the accounts tell then."""
    seen: Counter[str] = Counter()
    moved_at = time.monotonic()
    while time.monotonic() - moved_at < patience_s:
        found = await states(database)
        if sum(found[end] for end in ENDS) >= count:
            return
        if found != seen:
            seen, moved_at = found, time.monotonic()
            tell(", ".join(f"{status} {n}" for status, n in sorted(found.items())))
        await asyncio.sleep(LOOK_S)
    tell(f"nothing has moved for {patience_s:.0f} s")


async def balance(place: Town, database: Database, book: Book) -> Balance:
    """Read all three and compare."""
    async with database.read() as session:
        kept = {str(id_) for id_ in await session.exec(select(Message.id))}
        rows = await session.exec(
            select(Event.kind, func.count())
            .where(col(Event.kind).in_(EVENTS))
            .group_by(col(Event.kind))
        )
        events = dict(rows.all())
    arrived = Counter(
        (row["number"], found.group())
        for row in await place.received()
        if (found := ORDER.search(row["text"]))
    )
    counters = await place.desk("GET", "/counters")
    wanted = {(order.number, order.code) for order in book.orders.values()}
    promised = set(book.promised.values())
    return Balance(
        accepted=len(book.promised),
        states=dict(await states(database)),
        arrived=sum(counters["arrived"].values()),
        lost=sorted(code for number, code in wanted - arrived.keys()),
        doubled=sorted(code for (_, code), times in arrived.items() if times > 1),
        unlisted=len(kept - promised),
        missing=len(promised - kept),
        events=events,
    )

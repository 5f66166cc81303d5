"""Sums of days, read from the counters: never a count over a big table."""

from collections import Counter as Sums
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Counter
from app.errors import Invalid
from app.services import counters
from app.services.callers import Caller

LONGEST = 366  # days


@dataclass(frozen=True, slots=True)
class Days:
    """Korean days, both included. Raises Invalid ``bad_range`` and ``range_too_long``.

    ``names_of``: what the caller calls the two.
    """

    first: date
    last: date
    most: int = LONGEST
    names_of: tuple[str, str] = ("from", "to")

    def __post_init__(self) -> None:
        if self.last < self.first:
            first, last = self.names_of
            raise Invalid("bad_range", f"`{last}` is before `{first}`. Exchange them.", field=last)
        if len(self.names()) > self.most:
            raise Invalid(
                "range_too_long",
                f"At most {self.most} days at a time. Ask for shorter ranges.",
                field=self.names_of[1],
                data={"limit_days": self.most},
            )

    def names(self) -> list[str]:
        """Every day, as counters name it."""
        count = (self.last - self.first).days + 1
        return [(self.first + timedelta(days=i)).isoformat() for i in range(count)]


async def by_day(session: AsyncSession, caller: Caller, days: Days) -> dict[str, Sums[str]]:
    """Counters of the key's mode by day, names without it; days without any are empty."""
    rows = await session.exec(
        select(Counter.day, Counter.name, Counter.value).where(
            col(Counter.workspace_id) == caller.workspace_id,
            col(Counter.day) >= days.first.isoformat(),
            col(Counter.day) <= days.last.isoformat(),
            col(Counter.name).startswith(f"{caller.mode}."),
        )
    )
    found: dict[str, Sums[str]] = {name: Sums() for name in days.names()}
    for day, name, value in rows:
        found[day][name.removeprefix(f"{caller.mode}.")] = value
    return found


async def by_hour(session: AsyncSession, caller: Caller, day: date) -> list[Sums[str]]:
    """The 24 hours of a Korean day: what was accepted in each, and what became of that."""
    rows = await session.exec(
        select(Counter.name, Counter.value).where(
            col(Counter.workspace_id) == caller.workspace_id,
            col(Counter.day) == f"{counters.HOURS}{day.isoformat()}",
        )
    )
    found: list[Sums[str]] = [Sums() for _ in range(24)]
    for name, value in rows:
        hour, mode, counted = name.split(".", 2)
        if mode == caller.mode:
            found[int(hour)][counted] = value
    return found


def show(sums: Mapping[str, int]) -> dict[str, Any]:
    """One day's or one range's sums as callers see them."""
    names = (counters.ACCEPTED, *counters.ENDS, *counters.MARKS)
    counts = {name: sums.get(name, 0) for name in names}
    ended = sum(counts[name] for name in counters.ENDS)
    judged = ended - counts["cancelled"] - counts["sent"]  # nobody waited for their delivery
    routes = sorted({name.partition(".")[0] for name in sums if "." in name})
    shown = {route: _route(sums, route) for route in routes}
    costs = [one["cost"] for one in shown.values() if one["cost"] is not None]
    return counts | {
        "open": counts[counters.ACCEPTED] - ended,
        "delivery_rate": _share(counts["delivered"], judged),
        "fallback_share": _share(counts["fallback_used"], counts[counters.ACCEPTED]),
        "cost": round(sum(costs), 2) if costs else None,
        "routes": shown,
    }


def _route(sums: Mapping[str, int], route: str) -> dict[str, Any]:
    cost = sums.get(f"{route}.{counters.COST}")
    return {name: sums.get(f"{route}.{name}", 0) for name in counters.TRIES} | {
        "cost": None if cost is None else cost / 100
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None

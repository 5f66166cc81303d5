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
    """Korean days, both included. Raises Invalid ``bad_range`` and ``range_too_long``."""

    first: date
    last: date
    most: int = LONGEST

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Invalid("bad_range", "`to` is before `from`. Exchange them.", field="to")
        if len(self.names()) > self.most:
            raise Invalid(
                "range_too_long",
                f"At most {self.most} days at a time. Ask for shorter ranges.",
                field="to",
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

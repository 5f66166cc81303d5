"""What was done in consultations, day by day: read from counters, never from the cases."""

from collections import Counter as Sums
from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Counter
from app.services import case_clocks, counters
from app.services.callers import Caller
from app.services.stats import Days


async def by_day(session: AsyncSession, caller: Caller, days: Days) -> dict[str, Sums[str]]:
    """Counters of the key's mode by Korean day; days without any are empty."""
    prefix = f"{counters.CONSULT}{caller.mode}."
    rows = await session.exec(
        select(Counter.day, Counter.name, Counter.value).where(
            col(Counter.workspace_id) == caller.workspace_id,
            col(Counter.day) >= days.first.isoformat(),
            col(Counter.day) <= days.last.isoformat(),
            col(Counter.name).startswith(prefix),
        )
    )
    found: dict[str, Sums[str]] = {name: Sums() for name in days.names()}
    for day, name, value in rows:
        found[day][name.removeprefix(prefix)] = value
    return found


def show(sums: Mapping[str, int]) -> dict[str, Any]:
    """One day's or one range's counts, means in seconds and shares; None without anything."""
    counted = {name: sums.get(name, 0) for name in case_clocks.COUNTS}
    bots = counted["bot_contained"] + counted["bot_handed"]
    return counted | {
        "wait_mean_s": _mean(sums, "wait_s", counted["waits"]),
        "first_reply_mean_s": _mean(sums, "first_reply_s", counted["first_replies"]),
        "resolution_mean_s": _mean(sums, "resolution_s", counted["resolutions"]),
        "first_in_aim_share": _share(counted["first_in_aim"], counted["first_replies"]),
        "bot_containment": _share(counted["bot_contained"], bots),
    }


def _mean(sums: Mapping[str, int], name: str, of: int) -> float | None:
    return round(sums.get(name, 0) / of, 1) if of else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None

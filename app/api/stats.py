"""Statistics over HTTP: days and their sums, from counters kept as things happen."""

from collections import Counter
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from app.api.deps import Answer, RuntimeDep, caller_with
from app.services import stats
from app.services.callers import Caller

router = APIRouter(prefix="/v1/stats", tags=["Statistics"])
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]


class RouteOut(BaseModel):
    """Attempts on one route; ``accepted`` is all the provider took."""

    accepted: int
    delivered: int
    undelivered: int
    rejected: int
    no_report: int
    cost: float | None = Field(description="won, by your own price list; null without one")


class SumsOut(BaseModel):
    """Messages by the Korean day they were accepted on: ``accepted`` = all ends + ``open``."""

    accepted: int
    open: int
    delivered: int
    failed: int
    expired: int
    cancelled: int
    blocked: int
    no_report: int
    sent: int = Field(description="ended when handed over: their plan asks no more")
    fallback_used: int
    duplicate_delivery: int
    late_delivery: int
    delivery_rate: float | None = Field(
        description="delivered ÷ (delivered + failed + expired + blocked + no_report)"
    )
    fallback_share: float | None = Field(description="fallback_used ÷ accepted")
    cost: float | None
    routes: dict[str, RouteOut]


class DayOut(SumsOut):
    """One day."""

    day: date


class StatsOut(Answer):
    """The sums of a range, and of each day in it."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    total: SumsOut
    days: list[DayOut] | None


@router.get("", response_model=StatsOut, summary="Sums by day")
async def show_stats(
    runtime: RuntimeDep,
    caller: Reader,
    first: Annotated[date, Query(alias="from", description="Korean day", examples=["2026-11-01"])],
    last: Annotated[date, Query(alias="to", description="Korean day, included")],
    by: Annotated[Literal["day", "total"], Query()] = "day",
) -> Any:
    """At most 366 days. A test key sees what was simulated, other keys what was real."""
    days = stats.Days(first, last)
    async with runtime.database.read() as session:
        found = await stats.by_day(session, caller, days)
    whole: Counter[str] = Counter()
    for sums in found.values():
        whole.update(sums)
    each = [stats.show(sums) | {"day": day} for day, sums in found.items()]
    return {
        "first": first,
        "last": last,
        "total": stats.show(whole),
        "days": each if by == "day" else None,
        "simulated": caller.simulated,
    }

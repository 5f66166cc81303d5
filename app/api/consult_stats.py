"""Sums of consultations over HTTP, by Korean day."""

from collections import Counter
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.consultations import Reader
from app.api.deps import Answer, RuntimeDep
from app.api.problems import responses
from app.services import consult_stats
from app.services.stats import Days

router = APIRouter(prefix="/v1/consultations/stats", tags=["consultations"])


class ConsultSums(BaseModel):
    """What happened on these days. A bot's time is in none of the means."""

    opened: int = Field(description="new cases")
    reopened: int = Field(description="resolved cases that came back; not in `opened`")
    handed: int = Field(description="cases a person was needed for from then on")
    bot_handed: int = Field(description="of them, those that a bot had")
    bot_contained: int = Field(description="resolved while a bot had them")
    resolved: int = Field(description="resolved after a person was needed")
    resolved_again: int = Field(description="of them, those that had come back before")
    unanswered: int = Field(description="of them, those no person had written in")
    waits: int = Field(description="times a waiting customer was answered")
    first_replies: int
    first_in_aim: int
    resolutions: int = Field(description="resolved cases that a person had answered")
    wait_mean_s: float | None = Field(description="from the customer's line to the answer")
    first_reply_mean_s: float | None = Field(description="from the hand-off, in open hours only")
    resolution_mean_s: float | None = Field(description="from the hand-off")
    first_in_aim_share: float | None
    bot_containment: float | None = Field(
        description="bot_contained ÷ (bot_contained + bot_handed)"
    )


class ConsultDay(ConsultSums):
    """One day."""

    day: date


class ConsultStats(Answer):
    """The sums of a range, and of each day in it."""

    since: date
    until: date
    total: ConsultSums
    days: list[ConsultDay]


@router.get(
    "", response_model=ConsultStats, summary="Sums by day", responses=responses(401, 403, 422)
)
async def show_consult_stats(
    runtime: RuntimeDep,
    caller: Reader,
    since: Annotated[date, Query(description="Korean day", examples=["2026-11-01"])],
    until: Annotated[date, Query(description="Korean day, included")],
) -> Any:
    """At most 366 days. A test key sees what was simulated, other keys what was real."""
    days = Days(since, until, names_of=("since", "until"))
    async with runtime.database.read() as session:
        found = await consult_stats.by_day(session, caller, days)
    whole: Counter[str] = Counter()
    for sums in found.values():
        whole.update(sums)
    return {
        "since": since,
        "until": until,
        "total": consult_stats.show(whole),
        "days": [consult_stats.show(sums) | {"day": day} for day, sums in found.items()],
        "simulated": caller.simulated,
    }

"""Sums as callers see them: shares only where something can be shared."""

from collections import Counter
from datetime import date, timedelta

import pytest

from app.errors import Invalid
from app.ids import made_at
from app.services.callers import Caller
from app.services.clock import KST
from app.services.runtime import Runtime
from app.services.stats import Days, by_day, by_hour, show
from channels.vocabulary import Result
from tests.engine import engine


def test_shares_and_cost() -> None:
    shown = show(
        Counter(
            {
                "accepted": 10,
                "delivered": 6,
                "failed": 1,
                "no_report": 1,
                "cancelled": 1,
                "fallback_used": 3,
                "alimtalk.accepted": 8,
                "alimtalk.cost": 5205,
                "sms.accepted": 3,
            }
        )
    )
    assert (shown["open"], shown["delivery_rate"], shown["fallback_share"]) == (1, 0.75, 0.3)
    assert shown["cost"] == 52.05
    assert shown["routes"]["alimtalk"]["cost"] == 52.05
    assert shown["routes"]["sms"] == {
        "accepted": 3, "delivered": 0, "undelivered": 0, "rejected": 0, "no_report": 0,
        "cost": None,
    }  # fmt: skip


def test_nothing_has_no_shares() -> None:
    shown = show(Counter())
    assert (shown["accepted"], shown["open"]) == (0, 0)
    assert (shown["delivery_rate"], shown["fallback_share"], shown["cost"]) == (None, None, None)
    assert shown["routes"] == {}


def test_a_range_of_days() -> None:
    assert Days(date(2024, 2, 28), date(2024, 3, 1)).names() == [
        "2024-02-28", "2024-02-29", "2024-03-01",
    ]  # fmt: skip
    assert len(Days(date(2024, 1, 1), date(2024, 12, 31)).names()) == 366


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 1, 2), date(2026, 1, 1), "bad_range"),
        (date(2026, 1, 1), date(2027, 1, 2), "range_too_long"),
    ],
)
def test_ranges_that_cannot_be_asked_for(first: date, last: date, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        Days(first, last)
    assert refused.value.code == code


async def test_hours_of_a_day_are_those_of_its_messages(runtime: Runtime) -> None:
    eng = await engine(runtime)
    ids = await eng.accept(*(f"0100000{i:04d}" for i in range(3)))
    await eng.run()
    await eng.report((await eng.attempts(ids[0]))[0], Result.DELIVERED)
    at = made_at(ids[0]).astimezone(KST)
    live = Caller(eng.workspace_id, eng.workspace_id, "live", frozenset())
    async with runtime.database.read() as session:
        hours = await by_hour(session, eng.caller, at.date())
        before = await by_hour(session, eng.caller, at.date() - timedelta(days=2))
        other = await by_hour(session, live, at.date())
        days = await by_day(session, eng.caller, Days(at.date(), at.date()))
    assert len(hours) == 24
    assert sum(hour["accepted"] for hour in hours) == 3
    assert hours[at.hour]["delivered"] == 1
    assert not any(before)
    assert not any(other)
    assert not any(name.startswith("h") for name in days[at.date().isoformat()])

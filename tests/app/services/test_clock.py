"""Korean days."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.services.clock import KST, korean_day, korean_time


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, 999999, tzinfo=UTC), "2026-11-22"),
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), "2026-11-23"),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "2027-01-01"),
        (datetime(2026, 7, 1, 0, 0, tzinfo=timezone(timedelta(hours=-7))), "2026-07-01"),
    ],
)
def test_a_day_begins_at_midnight_in_korea(at: datetime, day: str) -> None:
    assert korean_day(at) == day


def test_there_is_no_summer_time() -> None:
    offsets = {datetime(2026, month, 1, tzinfo=KST).utcoffset() for month in range(1, 13)}
    assert offsets == {timedelta(hours=9)}


def test_a_moment_is_said_in_korea() -> None:
    at = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert korean_time(at) == "1월 1일 08:00"
    assert korean_time(at, "en") == "2027-01-01 08:00 (Seoul)"

"""Opening hours: lunch, touching intervals, holidays, midnight, and hours that never open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.services import opening
from app.services.clock import KST
from app.services.opening import ALWAYS, DAYS, Opening

WORK = [["09:00", "12:30"], ["13:30", "18:00"]]
WEEK = dict.fromkeys(DAYS[:5], WORK)
SHOP = opening.parse(WEEK, {"2026-12-25": [], "2026-12-26": [["10:00", "14:00"]]})
NEVER = Opening(((),) * 7)


def at(text: str) -> datetime:
    """``12-04 17:30`` of 2026 in Korea; a Friday."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("12-04 08:59:59.999999", False),
        ("12-04 09:00", True),
        ("12-04 12:29:59.999999", True),
        ("12-04 12:30", False),  # lunch
        ("12-04 13:30", True),
        ("12-04 18:00", False),
        ("12-05 10:00", False),  # Saturday
        ("12-25 10:00", False),  # a holiday on a Friday
        ("12-26 10:00", True),  # a Saturday of its own
        ("12-26 14:00", False),
    ],
)
def test_open_or_not(moment: str, is_open: bool) -> None:
    assert opening.is_open(SHOP, at(moment)) is is_open
    assert opening.is_open(SHOP, at(moment).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("12-04 10:00", "12-04 10:00"),
        ("12-04 12:40", "12-04 13:30"),
        ("12-04 18:00", "12-07 09:00"),
        ("12-24 18:00", "12-26 10:00"),  # over the holiday
        ("12-27 00:00", "12-28 09:00"),
    ],
)
def test_the_next_opening(moment: str, opens: str) -> None:
    assert opening.next_open(SHOP, at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("moment", "seconds", "due"),
    [
        ("12-04 17:30", 3_600, "12-07 09:30"),  # Friday evening to Monday
        ("12-04 17:30", 1_800, "12-04 18:00"),  # the very end is still in it
        ("12-04 12:00", 3_600, "12-04 14:00"),  # over lunch
        ("12-04 03:00", 60, "12-04 09:01"),
        ("12-24 17:59", 120, "12-26 10:01"),
        ("12-05 12:00", 0, "12-05 12:00"),
        ("12-04 09:00", 8 * 3_600, "12-04 18:00"),
        ("12-04 09:00", 8 * 3_600 + 1, "12-07 09:00:01"),
    ],
)
def test_a_deadline_in_open_time(moment: str, seconds: int, due: str) -> None:
    assert opening.add_open_time(SHOP, at(moment), seconds) == at(due)


def test_always_open_is_plain_time_and_exceptions_close_it() -> None:
    moment = at("12-04 23:59:30")
    assert opening.add_open_time(ALWAYS, moment, 60) == moment + timedelta(seconds=60)
    assert opening.next_close(ALWAYS, moment) is None
    holiday = opening.parse({}, {"2026-12-05": []})
    assert opening.next_open(holiday, at("12-05 00:00")) == at("12-06 00:00")
    assert opening.add_open_time(holiday, moment, 60) == at("12-06 00:00:30")
    assert opening.next_close(holiday, at("12-04 10:00")) == at("12-05 00:00")


def test_touching_intervals_are_one_and_midnight_is_no_gap() -> None:
    night = opening.parse(
        {"fri": [["09:00", "12:00"], ["12:00", "13:00"], ["20:00", "24:00"]],
         "sat": [["00:00", "02:00"]]}, {},
    )  # fmt: skip
    assert opening.is_open(night, at("12-04 12:00"))
    assert opening.next_close(night, at("12-04 11:00")) == at("12-04 13:00")
    assert opening.is_open(night, at("12-05 00:00"))
    assert opening.next_close(night, at("12-04 21:00")) == at("12-05 02:00")
    assert opening.add_open_time(night, at("12-04 23:00"), 7_200) == at("12-05 01:00")
    assert opening.next_close(night, at("12-04 14:00")) is None


def test_what_never_opens_ends() -> None:
    moment = at("12-04 10:00")
    assert not opening.is_open(NEVER, moment)
    assert opening.next_open(NEVER, moment) is None
    assert opening.add_open_time(NEVER, moment, 1) is None
    assert opening.open_time(NEVER, moment, moment + timedelta(days=9_999)) == timedelta(0)
    minute = opening.parse({"mon": [["09:00", "09:01"]]}, {})
    assert opening.add_open_time(minute, moment, 86_400) is None  # 1,440 Mondays
    last = datetime(9999, 12, 30, tzinfo=UTC)
    assert opening.next_open(NEVER, last) is None


@pytest.mark.parametrize(
    ("weekly", "exceptions", "field"),
    [
        ([], {}, "weekly"),
        ({"mon": []}, {}, "weekly"),
        ({"Mon": WORK}, {}, "weekly.Mon"),
        ({"mon": "09:00"}, {}, "weekly.mon"),
        ({"mon": [["09:00"]]}, {}, "weekly.mon[0]"),
        ({"mon": [["9:00", "18:00"]]}, {}, "weekly.mon[0]"),
        ({"mon": [["09:00", "24:01"]]}, {}, "weekly.mon[0]"),
        ({"mon": [[9, 18]]}, {}, "weekly.mon[0]"),
        ({"mon": [["18:00", "09:00"]]}, {}, "weekly.mon[0]"),
        ({"mon": [["09:00", "09:00"]]}, {}, "weekly.mon[0]"),
        ({"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}, {}, "weekly.mon[1]"),
        ({"mon": [["13:00", "14:00"], ["09:00", "10:00"]]}, {}, "weekly.mon[1]"),
        ({"mon": [["00:00", "00:01"]] * 11}, {}, "weekly.mon"),
        ({}, [], "exceptions"),
        ({}, {"2026-02-29": []}, "exceptions.2026-02-29"),
        ({}, {"20261225": []}, "exceptions.20261225"),
        ({}, {"2026-12-25": None}, "exceptions.2026-12-25"),
        ({}, {f"{2000 + n}-01-01": [] for n in range(401)}, "exceptions"),
    ],
)
def test_wrong_hours_name_their_place(weekly: Any, exceptions: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opening.parse(weekly, exceptions)
    assert (refused.value.code, refused.value.field) == ("bad_hours", field)


def test_what_is_kept_reads_back_and_what_cannot_be_read_is_open() -> None:
    kept = {name: opening.dump(SHOP.weekly[i]) for i, name in enumerate(DAYS)}
    assert opening.parse(kept, {}).weekly == SHOP.weekly
    assert opening.thaw({"mon": "?"}, {}) is ALWAYS
    assert opening.thaw({}, {}) == ALWAYS


SPANS = st.lists(st.integers(0, 1_440), max_size=6, unique=True).map(sorted)


def hours(minutes: list[list[int]]) -> Opening:
    days = []
    for edges in minutes:
        pairs = zip(edges[::2], edges[1::2], strict=False)
        days.append(tuple((timedelta(minutes=a), timedelta(minutes=b)) for a, b in pairs))
    return Opening(tuple(days))


@given(
    st.lists(SPANS, min_size=7, max_size=7),
    st.integers(0, 14 * 1_440),
    st.integers(1, 3 * 86_400),
)
def test_a_deadline_has_exactly_that_open_time_before_it(
    minutes: list[list[int]], start: int, seconds: int
) -> None:
    """And no earlier moment has: the microsecond before it was open and not yet enough."""
    week, begin = hours(minutes), at("12-01 00:00") + timedelta(minutes=start)
    due = opening.add_open_time(week, begin, seconds)
    if due is None:
        assert opening.open_time(week, begin, begin + timedelta(days=700)) < timedelta(days=4)
        return
    tick = timedelta(microseconds=1)
    assert opening.open_time(week, begin, due) == timedelta(seconds=seconds)
    assert opening.is_open(week, due - tick)
    found = opening.next_open(week, begin)
    assert found is not None
    assert opening.is_open(week, found)
    assert opening.open_time(week, begin, found) == timedelta(0)

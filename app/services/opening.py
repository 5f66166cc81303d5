"""Opening hours of a channel: intervals of the week, several a day, and dates of their own.

``{"mon": [["09:00", "12:30"], ["13:30", "18:00"]]}`` in Asia/Seoul, the first minute included, the
last excluded, ``24:00`` at most; ``{}`` is always open. ``{"2026-12-25": []}`` is what holds on
that day instead. Intervals may touch; one that crosses midnight is written as two.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from app.errors import Invalid
from app.services.clock import KST

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_A_DAY = 10
MOST_DATES = 400
AHEAD = 800  # days looked at, so that hours that never open end too
Span = tuple[timedelta, timedelta]  # from the day's midnight in Korea
ALL_DAY: tuple[Span, ...] = ((timedelta(0), timedelta(days=1)),)


@dataclass(frozen=True, slots=True)
class Opening:
    """When a channel is open: spans of each weekday (0 is Monday), and of some dates."""

    weekly: tuple[tuple[Span, ...], ...] = (ALL_DAY,) * 7
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def of(self, day: date) -> tuple[Span, ...]:
        """The spans of a Korean day, in order."""
        return self.dates.get(day, self.weekly[day.weekday()])


ALWAYS = Opening()


def parse(weekly: object, exceptions: object) -> Opening:
    """Read hours from JSON data. Raises Invalid ``bad_hours``, field as ``weekly.mon[0]``."""
    week = _mapping(weekly, "weekly")
    for name in week:
        if name not in DAYS:
            raise _bad(f"weekly.{name}", f"The days are {', '.join(DAYS)}.")
    spans = tuple(_spans(week.get(name, []), f"weekly.{name}") for name in DAYS)
    if week and not any(spans):
        raise _bad("weekly", "No day is open. Give an interval, or {} for always open.")
    given = _mapping(exceptions, "exceptions")
    if len(given) > MOST_DATES:
        raise _bad("exceptions", f"At most {MOST_DATES} dates. Remove those that are past.")
    dates = {
        _date(name, f"exceptions.{name}"): _spans(value, f"exceptions.{name}")
        for name, value in given.items()
    }
    return Opening(spans if week else (ALL_DAY,) * 7, dates)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _bad(where, "Give an object.")
    return value


def _date(name: str, where: str) -> date:
    if DATE.fullmatch(name):
        try:
            return date.fromisoformat(name)
        except ValueError:
            pass
    raise _bad(where, "That is no date. Write it as 2026-12-25.")


def _spans(value: object, where: str) -> tuple[Span, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_A_DAY:
        raise _bad(where, f'Give a list of at most {MOST_A_DAY} intervals like ["09:00", "18:00"].')
    spans = [_span(one, f"{where}[{i}]") for i, one in enumerate(value)]
    for i in range(1, len(spans)):
        if spans[i][0] < spans[i - 1][1]:
            raise _bad(
                f"{where}[{i}]", "It begins before the one before it ends. Put them in order."
            )
    return tuple(spans)


def _span(value: object, where: str) -> Span:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise _bad(where, 'An interval has a beginning and an end: ["09:00", "18:00"].')
    start, end = (_clock(one, where) for one in value)
    if start >= end:
        raise _bad(
            where,
            "It ends before it begins. Over midnight: end at 24:00, begin the next day at 00:00.",
        )
    return start, end


def _clock(value: object, where: str) -> timedelta:
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise _bad(where, "Write a time as 09:00; the last is 24:00.")
    return timedelta(hours=int(value[:2]), minutes=int(value[3:]))


def _bad(where: str, words: str) -> Invalid:
    return Invalid("bad_hours", f"{where}: {words}", field=where)


def thaw(weekly: object, exceptions: object) -> Opening:
    """Hours as they are kept; what somebody else wrote there and cannot be read is always open."""
    try:
        return parse(weekly, exceptions)
    except Invalid:
        return ALWAYS


def is_open(opening: Opening, at: datetime) -> bool:
    """Whether the channel is open at that moment."""
    return any(start <= at < end for start, end in _from(opening, at, days=1))


def next_open(opening: Opening, at: datetime) -> datetime | None:
    """``at`` when it is open then, else the next opening; None when there is none."""
    for start, end in _from(opening, at):
        if at < end:
            return max(start, at)
    return None


def next_close(opening: Opening, at: datetime) -> datetime | None:
    """When it next closes; None when it is closed at ``at``, or open for as long as we look."""
    until: datetime | None = None
    for start, end in _from(opening, at):
        if until is None:
            if start <= at < end:
                until = end
            continue
        if start > until:
            return until
        until = end
    return None


def add_open_time(opening: Opening, at: datetime, seconds: float) -> datetime | None:
    """The first moment by which the channel was open for that long since ``at``.

    An hour from Friday 17:30, with hours of 09:00-18:00 on weekdays, is Monday 09:30. None when
    the hours of the next years are not enough.
    """
    left = timedelta(seconds=seconds)
    if left <= timedelta(0):
        return at
    for start, end in _from(opening, at):
        begin = max(start, at)
        if end - begin >= left:
            return begin + left
        left -= max(end - begin, timedelta(0))
    return None


def open_time(opening: Opening, first: datetime, last: datetime) -> timedelta:
    """How long the channel was open between two moments; looks at most at the next years."""
    found = timedelta(0)
    for start, end in _from(opening, first):
        if start >= last:
            break
        found += max(min(end, last) - max(start, first), timedelta(0))
    return found


def _from(opening: Opening, at: datetime, days: int = AHEAD) -> Iterator[tuple[datetime, datetime]]:
    """The open intervals of the day of ``at`` and of those after it, in order."""
    today = at.astimezone(KST).date()
    for ahead in range(min(days, (date.max - today).days)):
        day = today + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), KST)
        for start, end in opening.of(day):
            yield midnight + start, midnight + end


def dump(spans: Sequence[Span]) -> list[list[str]]:
    """Spans as :func:`parse` reads them."""
    return [[_shown(start), _shown(end)] for start, end in spans]


def _shown(moment: timedelta) -> str:
    minutes = int(moment.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"

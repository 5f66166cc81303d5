"""When of a Korean day something may leave: send windows, and the hours of advertising.

``{"from": "09:00", "to": "18:00", "days": ["mon", "fri"]}`` in Asia/Seoul, the first minute
included, the last excluded. One that ends before it begins crosses midnight and belongs to the day
it begins on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Any

from templates.findings import TemplateProblem
from templates.reader import Reader

KST = timezone(timedelta(hours=9), "KST")  # no daylight saving since 1988
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = timedelta(days=1)
AD_FROM, AD_TO = timedelta(hours=8), timedelta(hours=21)

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_TURNS = 64  # far more openings than two windows have in a week


@dataclass(frozen=True, slots=True)
class Window:
    """Open from ``start`` to ``end`` after midnight on ``days`` (0 is Monday), in Korea."""

    start: timedelta
    end: timedelta
    days: tuple[int, ...] = tuple(range(7))

    @property
    def lasts(self) -> timedelta:
        """How long it stays open, at most a day."""
        return self.end - self.start if self.end > self.start else self.end - self.start + MIDNIGHT


def parse(data: object) -> Window:
    """Read a window from JSON data. Raises TemplateProblem, fields named ``send_window.from``."""
    reader = Reader({"send_window": data})
    window = read(reader)
    if window is None and not reader.findings:
        reader.add("send_window", "required")
    if window is None or reader.findings:
        raise TemplateProblem(reader.findings)
    return window


def read(reader: Reader) -> Window | None:
    """The ``send_window`` field of a larger mapping; None where absent, findings to the reader."""
    data = reader.data.get("send_window")
    if data is None:
        return None
    found = len(reader.findings)
    inner = Reader(data, reader.at("send_window"), reader.findings)
    inner.only(("from", "to", "days"))
    if len(reader.findings) == found:
        start, end = _clock(inner, "from", _CLOCK), _clock(inner, "to", f"{_CLOCK}|24:00")
        days = _days(inner)
        if len(reader.findings) == found:
            if start == end:
                inner.add("to", "window_empty")
            return Window(start, end, days)
    return None


def dump(window: Window) -> dict[str, Any]:
    """The window as JSON data that :func:`parse` reads back."""
    return {
        "from": _shown(window.start),
        "to": _shown(window.end),
        "days": [DAYS[day] for day in window.days],
    }


def ad_hours(margin_s: float) -> Window:
    """When advertising may leave on any day, so that it has arrived before the night begins.

    Network Act art. 50(3): none from 21:00 to 08:00 without a separate consent for the night,
    counted by arrival, 21:00 included and 08:00 excluded (statute copy at ucol.ysu.ac.kr, KISA's
    summary for app push in public code; read 2026-11-22, to be checked against law.go.kr).
    """
    return Window(AD_FROM, AD_TO - timedelta(seconds=margin_s))


def opens_at(window: Window, now: datetime) -> datetime | None:
    """None while the window is open; otherwise when it opens next."""
    today = datetime.combine(now.astimezone(KST).date(), time(), KST)
    for ahead in range(-1, 8):
        day = today + timedelta(days=ahead)
        start = day + window.start
        if day.weekday() not in window.days or start + window.lasts <= now:
            continue
        return None if start <= now else start.astimezone(now.tzinfo)
    raise AssertionError("a window without a day")


def all_open_at(windows: Iterable[Window], now: datetime) -> datetime | None:
    """None while all are open; otherwise the first moment at which all are.

    Windows that are never open together give a moment a month ahead, behind every deadline.
    """
    at, every = now, tuple(windows)
    for _ in range(_TURNS):
        later = [opening for window in every if (opening := opens_at(window, at)) is not None]
        if not later:
            return None if at == now else at
        at = max(later)
    return now + timedelta(days=30)


def is_vain(window: Window | None, *, is_ad: bool) -> bool:
    """Whether a window never lets advertising leave: it is open by night only."""
    if window is None or not is_ad:
        return False
    hours, monday = ad_hours(0), datetime(2024, 1, 1, tzinfo=KST)
    # two windows that are ever open together are so when one of them opens
    return not any(
        opens_at(b, monday + timedelta(days=day) + a.start) is None
        for a, b in ((window, hours), (hours, window))
        for day in a.days
    )


def _clock(reader: Reader, field: str, pattern: str) -> timedelta:
    text = reader.text(field, 5, required=True)
    if not re.fullmatch(pattern, text):
        if text:
            reader.add(field, "bad_format", "HH:MM")
        return timedelta()
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _days(reader: Reader) -> tuple[int, ...]:
    given = reader.data.get("days")
    if given is None:
        return tuple(range(7))
    if not isinstance(given, list | tuple) or not given:
        reader.add("days", "wrong_type", "array")
        return ()
    known = {day for day in given if isinstance(day, str) and day in DAYS}
    if len(known) < len(given):
        reader.add("days", "bad_choice", ", ".join(DAYS) + " (each once)")
    return tuple(number for number, day in enumerate(DAYS) if day in known)


def _shown(at: timedelta) -> str:
    minutes = int(at.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"

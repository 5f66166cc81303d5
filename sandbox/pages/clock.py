"""The sandbox's clock as pages show it."""

from dataclasses import dataclass

from sandbox.pages.moment import seoul
from sandbox.pages.words import Say
from sandbox.store import Store

RATES = (1.0, 60.0, 3600.0)
_UNITS = (("clock_days", 86_400), ("clock_hours", 3_600), ("clock_minutes", 60), ("clock_s", 1))


@dataclass(frozen=True, slots=True)
class ClockView:
    """ms: the sandbox's time. rate_words: "" at one second a second. apart: how far from real."""

    ms: int
    iso: str
    day: str
    time: str
    rate: float
    is_real: bool
    rate_words: str
    apart: str
    wanted: str


def clock_of(store: Store, say: Say) -> ClockView:
    clock, now = store.clock, store.now()
    at = seoul(now)
    return ClockView(
        ms=now,
        iso=at.isoformat(timespec="seconds"),
        day=day_words(now, say),
        time=at.strftime("%H:%M:%S"),
        rate=clock.rate,
        is_real=clock.is_real,
        rate_words="" if clock.rate == 1 else rate_words(clock.rate, say),
        apart=apart_words(0 if clock.is_real else clock.ahead_ms, say),
        wanted=at.strftime("%Y-%m-%dT%H:%M:%S"),
    )


def rate_words(rate: float, say: Say) -> str:
    return f"×{rate:g}" if rate else say("clock_stands")


def day_words(ms: int, say: Say) -> str:
    """11월 23일 (월)"""
    at = seoul(ms)
    month = say("months").split()[at.month - 1]
    weekday = say("clock_weekdays").split()[at.weekday()]
    return say("clock_day", month=month, day=at.day, weekday=weekday)


def apart_words(ahead_ms: int, say: Say) -> str:
    """How far ahead of real time or behind it, in its two largest units."""
    left = abs(ahead_ms) // 1000
    if not left:
        return say("clock_real")
    parts = []
    for words, size in _UNITS:
        many, left = divmod(left, size)
        if many:
            parts.append(say(words, n=many))
    return say("clock_ahead" if ahead_ms > 0 else "clock_behind", span=" ".join(parts[:2]))

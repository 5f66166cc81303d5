"""Times and numbers as people read them, Seoul time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sandbox.pages.words import Say

KST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in milliseconds since 1970 beside the present one, both UTC."""

    ms: int
    now_ms: int
    say: Say

    @property
    def iso(self) -> str:
        return seoul(self.ms).isoformat(timespec="seconds")

    @property
    def day(self) -> str:
        return seoul(self.ms).date().isoformat()

    @property
    def clock(self) -> str:
        return seoul(self.ms).strftime("%H:%M")

    @property
    def full(self) -> str:
        return seoul(self.ms).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def to_ms(self) -> str:
        return seoul(self.ms).strftime("%H:%M:%S.%f")[:-3]

    @property
    def long_day(self) -> str:
        return self._dated("long_day")

    @property
    def when(self) -> str:
        """14:02 today, then yesterday, then the day."""
        days = (seoul(self.now_ms).date() - seoul(self.ms).date()).days
        if days <= 0:
            return self.clock
        return self.say("yesterday") if days == 1 else self._dated("short_day")

    def _dated(self, words: str) -> str:
        at = seoul(self.ms)
        month = self.say("months").split()[at.month - 1]
        weekday = self.say("weekdays").split()[at.weekday()]
        return self.say(words, year=at.year, month=month, day=at.day, weekday=weekday)


def seoul(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(KST)


def grouped(number: str) -> str:
    """A phone number with hyphens; anything that is not one stays as it is."""
    if not (number.isascii() and number.isdecimal() and 8 <= len(number) <= 12):
        return number
    if len(number) == 8:
        return f"{number[:4]}-{number[4:]}"
    area = 2 if number.startswith("02") else len(number) - 8 if len(number) == 12 else 3
    return f"{number[:area]}-{number[area:-4]}-{number[-4:]}"


def amount(value: float) -> str:
    """A number without a needless ".0"."""
    return f"{value:g}"


def thousands(value: int) -> str:
    return f"{value:,}"

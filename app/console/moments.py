"""Times and numbers as people read them, in Korean time."""

from datetime import datetime, timedelta

from markupsafe import Markup

from app.console.words import say
from app.services.clock import KST

JUST = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def when(at: datetime, now: datetime, language: str) -> Markup:
    """``<time>``: just now, 3 min ago, 14:02, yesterday, 20 Nov; to the second in its title."""
    here = at.astimezone(KST)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        here.isoformat(timespec="seconds"), f"{here:%Y-%m-%d %H:%M:%S}", _short(at, now, language)
    )


def _short(at: datetime, now: datetime, language: str) -> str:
    ago = now - at
    if timedelta() <= ago < JUST:
        return say(language, "방금")
    if JUST <= ago < HOUR:
        return say(language, "%(n)s분 전", n=int(ago.total_seconds() // 60))
    here, today = at.astimezone(KST), now.astimezone(KST).date()
    clock = f"{here:%H:%M}"
    if here.date() == today:
        return clock
    if here.date() == today - timedelta(days=1):
        return say(language, "어제 %(time)s", time=clock)
    return day(at, language, with_year=here.year != today.year)


def day(at: datetime, language: str, *, with_year: bool = False) -> str:
    """11월 20일, 20 Nov."""
    here = at.astimezone(KST)
    if language == "en":
        plain = f"{here.day} {MONTHS[here.month - 1]}"
        return f"{plain} {here.year}" if with_year else plain
    plain = f"{here.month}월 {here.day}일"
    return f"{here.year}년 {plain}" if with_year else plain


def number(value: float) -> str:
    """Thousands with commas; a fraction as short as it is."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def lasting(seconds: float) -> str:
    """A duration on a clock: 0:48, 12:05, 1:02:09."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"

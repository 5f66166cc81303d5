"""Korean time: fixed at UTC+9, without daylight saving since 1988."""

from datetime import datetime

from templates.windows import KST as KST


def korean_day(at: datetime) -> str:
    """The day in Korea, as ``2026-11-23``."""
    return at.astimezone(KST).date().isoformat()


def korean_time(at: datetime, lang: str = "ko") -> str:
    """A moment in Korea to the minute, for people."""
    here = at.astimezone(KST)
    if lang == "en":
        return f"{here:%Y-%m-%d %H:%M} (Seoul)"
    return f"{here.month}월 {here.day}일 {here:%H:%M}"

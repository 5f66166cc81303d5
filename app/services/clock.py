"""Korean time: fixed at UTC+9, without daylight saving since 1988."""

from datetime import datetime, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")


def korean_day(at: datetime) -> str:
    """The day in Korea, as ``2026-11-23``."""
    return at.astimezone(KST).date().isoformat()

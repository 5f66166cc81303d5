"""Times and numbers as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.console import moments

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)  # 15:00 in Korea


@pytest.mark.parametrize(
    ("ago", "korean", "english"),
    [
        (timedelta(seconds=5), "방금", "just now"),
        (timedelta(minutes=3), "3분 전", "3 min ago"),
        (timedelta(hours=2), "13:00", "13:00"),
        (timedelta(hours=16), "어제 23:00", "yesterday 23:00"),
        (timedelta(days=7), "11월 20일", "20 Nov"),
        (timedelta(days=365), "2025년 11월 27일", "27 Nov 2025"),
        (timedelta(hours=-1), "16:00", "16:00"),
    ],
)
def test_a_moment(ago: timedelta, korean: str, english: str) -> None:
    for language, words in (("ko", korean), ("en", english)):
        html = str(moments.when(NOW - ago, NOW, language))
        assert html.endswith(f">{words}</time>")
        assert 'datetime="20' in html


def test_numbers_and_durations() -> None:
    assert [moments.number(one) for one in (0, 1234567, 9.5, 27.0)] == [
        "0", "1,234,567", "9.5", "27",
    ]  # fmt: skip
    assert [moments.lasting(one) for one in (-3, 48, 725, 3729)] == [
        "0:00", "0:48", "12:05", "1:02:09",
    ]  # fmt: skip

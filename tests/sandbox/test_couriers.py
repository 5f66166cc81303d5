"""What the tracking button finds."""

import pytest

from sandbox.couriers import Parcel, find_parcel


@pytest.mark.parametrize(
    ("text", "parcel"),
    [
        ("송장: 우체국택배 6012345678901", Parcel("우체국택배", "6012345678901")),
        ("한진택배\n1234567890 출발", Parcel("한진택배", "1234567890")),
        ("로젠택배 123-4567-8901", Parcel("로젠택배", "123-4567-8901")),
        ("경동택배 1234-567-890123", Parcel("경동택배", "1234-567-890123")),
        ("EMS EE123456789KR", Parcel("EMS", "EE123456789KR")),
        ("CJ대한통운 123456789012", None),
        ("한진택배로 보냈습니다", None),
        ("한진택배 12345678901", None),
        ("주문 123456789012", None),
    ],
)
def test_find_parcel(text: str, parcel: Parcel | None) -> None:
    assert find_parcel(text) == parcel

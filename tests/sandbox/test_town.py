"""Shares of a town by number."""

import pytest
from pydantic import ValidationError

from sandbox.town import Town


@pytest.mark.parametrize("start", [1_050_000_000, 1_012_345_678, 1_099_000_000])
@pytest.mark.parametrize("many", [100, 4_000])
def test_shares_are_kept_for_few_numbers_as_for_many(start: int, many: int) -> None:
    town = Town(no_kakao=0.5, blocked=0.1, off=0.2, slow=0.1, slow_s=3)
    found = [town.traits(f"0{start + n}") for n in range(many)]
    shares: list[tuple[dict[str, float], float]] = [
        ({"kakao": 0}, 0.5),
        ({"blocks_all": 1}, 0.1),
        ({"is_on": 0}, 0.2),
        ({"slow_s": 3}, 0.1),
        ({}, 0.1),
    ]
    for traits, share in shares:
        assert found.count(traits) / many == pytest.approx(share, abs=0.03)
    assert found == [town.traits(f"0{start + n}") for n in range(many)]


def test_nobody_is_two_and_more_than_all_are_refused() -> None:
    assert Town(off=1).traits("01012341234") == {"is_on": 0}
    with pytest.raises(ValidationError, match="more than 1"):
        Town(no_kakao=0.6, blocked=0.5)

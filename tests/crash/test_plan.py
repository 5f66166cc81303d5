"""A round's kills: every point, both processes, the same for the same seed."""

import random

import pytest

from tests.crash.plan import APP_POINTS, FALLBACK_POINT, SENDING_POINTS, draw


@pytest.mark.parametrize("count", [10, 25, 50])
@pytest.mark.parametrize("seed", range(20))
def test_every_point_of_sending_is_met_first_with_late_results(count: int, seed: int) -> None:
    schedulers, apps = draw(count, random.Random(seed))
    assert len(schedulers) + len(apps) == count
    late = [kill.point for kill in schedulers if not kill.soon]
    assert set(SENDING_POINTS) <= set(late)
    assert FALLBACK_POINT in [kill.point for kill in schedulers if kill.soon]
    assert [kill.soon for kill in schedulers] == sorted(kill.soon for kill in schedulers)
    assert any(kill.beside for kill in schedulers)
    assert any(kill.busy for kill in schedulers) or count == 10
    assert apps[0].point == ""
    assert any(kill.point for kill in apps)
    if count == 50:
        assert {kill.point for kill in apps} >= set(APP_POINTS)
        assert 0.3 < sum(bool(kill.point) for kill in schedulers) / len(schedulers) < 0.7


def test_the_seed_decides() -> None:
    assert draw(25, random.Random(7)) == draw(25, random.Random(7))
    assert draw(25, random.Random(7)) != draw(25, random.Random(8))


def test_a_freeze_needs_somebody_beside() -> None:
    schedulers, _ = draw(40, random.Random(3), freezes=True)
    assert [kill.beside for kill in schedulers if kill.frozen] == [True]
    assert not any(kill.frozen for kill in draw(40, random.Random(3))[0])

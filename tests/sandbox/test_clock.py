"""The line of sandbox time over real time, kept by the store."""

from pathlib import Path

import pytest

from sandbox.clock import LAST_MS, CannotTurnBack, Line
from sandbox.clock import Clock as SandboxClock
from sandbox.store import Store
from sandbox.waits import set_clock
from tests.sandbox.conftest import Clock

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("rate", "after_s", "gone_ms"),
    [(0.0, 100, 0), (0.5, 3, 1_500), (1.0, 7, 7_000), (60.0, 1, 60_000), (3600.0, 2, 2 * HOUR)],
)
def test_time_goes_at_its_rate(clock: Clock, rate: float, after_s: float, gone_ms: int) -> None:
    ours = SandboxClock(clock)
    start = ours.now()
    ours.set(rate=rate)
    clock.pass_s(after_s)
    assert ours.now() == start + gone_ms
    assert ours.ahead_ms == gone_ms - after_s * 1000


def test_a_new_rate_goes_on_from_where_the_old_one_came(clock: Clock) -> None:
    ours = SandboxClock(clock)
    start = ours.now()
    ours.set(rate=60)
    clock.pass_s(10)
    ours.set(rate=0)
    clock.pass_s(10)
    ours.set(rate=1)
    clock.pass_s(10)
    assert ours.now() == start + 610_000
    assert not ours.is_real
    assert ours.ahead_ms == 580_000


def test_it_only_goes_forward_and_ends_with_the_century(clock: Clock) -> None:
    ours = SandboxClock(clock)
    ours.set(at=clock.ms + HOUR)
    with pytest.raises(CannotTurnBack):
        ours.set(at=clock.ms)
    with pytest.raises(CannotTurnBack):
        ours.set(at=LAST_MS + 1)
    assert ours.now() == clock.ms + HOUR
    ours.set(rate=3600)
    clock.pass_s(10**8)
    assert ours.now() == LAST_MS
    assert ours.lay(Line()) > 0
    assert (ours.now(), ours.is_real) == (clock.ms, True)


@pytest.mark.parametrize(
    ("rate", "wait_s"), [(1.0, 600.0), (60.0, 10.0), (3600.0, 1 / 6), (0, None)]
)
def test_a_wait_is_told_in_real_seconds(clock: Clock, rate: float, wait_s: float | None) -> None:
    ours = SandboxClock(clock)
    ours.set(rate=rate)
    assert ours.real_s(ours.now() + 600_000) == (
        wait_s if wait_s is None else pytest.approx(wait_s)
    )
    assert ours.real_s(ours.now()) == 0


def test_a_restart_keeps_the_clock(tmp_path: Path, clock: Clock) -> None:
    first = Store(tmp_path / "s.db", clock)
    set_clock(first, clock.ms + HOUR, 0)
    first.close()
    clock.pass_s(60)
    again = Store(tmp_path / "s.db", clock)
    assert (again.now(), again.clock.rate) == (clock.ms - 60_000 + HOUR, 0)
    assert again.real() == clock.ms
    again.close()

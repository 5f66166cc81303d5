"""The wall clock against the one nobody sets."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from scheduler.steady import Steady

START = datetime(2026, 11, 26, 3, tzinfo=UTC)


class Monotonic:
    """A monotonic clock in our hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("scheduler.steady.time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.mark.parametrize(
    ("passed_s", "shown_s", "quiet", "suspect"),
    [
        (10, 10, True, False),
        (10, 10.9, True, False),  # slewed
        (10, 9.1, True, False),
        (10, 3610, False, False),  # set ahead, or the machine slept
        (10, -3590, True, True),  # set back
    ],
)
def test_what_a_jump_is(
    monkeypatch: pytest.MonkeyPatch, passed_s: float, shown_s: float, quiet: bool, suspect: bool
) -> None:
    steady = Monotonic(monkeypatch)
    with time_machine.travel(START, tick=False) as wall:
        seen = Steady()
        assert seen.quiet_s() == float("inf")
        steady.now += passed_s
        wall.move_to(START + timedelta(seconds=shown_s))
        assert (seen.quiet_s() == float("inf")) is quiet
        assert seen.suspects(START) is suspect
        assert seen.suspects(START + timedelta(seconds=passed_s)) is suspect
        assert not seen.suspects(START + timedelta(seconds=passed_s + 1))


def test_after_a_jump_time_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Monotonic(monkeypatch)
    with time_machine.travel(START, tick=False) as wall:
        seen = Steady()
        wall.shift(3600)
        assert seen.quiet_s() == 0.0
        wall.shift(7)
        steady.now += 7
        assert seen.quiet_s() == 7.0


def test_the_real_clocks_agree() -> None:
    seen = Steady()
    time.sleep(0.05)
    assert seen.quiet_s() == float("inf")

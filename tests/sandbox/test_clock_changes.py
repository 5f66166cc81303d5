"""What may be said to the clock."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sandbox.clock_changes import ClockIn, change_clock
from sandbox.store import Store
from tests.sandbox.conftest import Clock


def test_each_way_to_say_a_time(store: Store, clock: Clock) -> None:
    change_clock(store, ClockIn(add_s=5, rate=0))
    change_clock(store, ClockIn(add_s=5))
    assert (store.now(), store.clock.rate) == (clock.ms + 10_000, 0)
    clock.pass_s(100)
    change_clock(store, ClockIn(ahead_s=60))
    assert store.now() == clock.ms + 60_000
    at = datetime.fromtimestamp(clock.ms / 1000 + 3_600, UTC)
    change_clock(store, ClockIn(at=at, rate=1))
    assert (store.now(), store.clock.rate) == (clock.ms + 3_600_000, 1)


def test_two_of_them_at_once_are_refused() -> None:
    with pytest.raises(ValidationError, match="only one"):
        ClockIn(ahead_s=1, add_s=1)

"""The token bucket: never faster than the rate, after a pause at most one second of it."""

import asyncio
import time

import pytest

from scheduler.pace import BURST_S, Pace


class Clock:
    """Time that passes only in sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept = 0.0

    def monotonic(self) -> float:
        """The reading."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Pass the time."""
        assert seconds > 0
        self.slept += seconds
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("scheduler.pace.time.monotonic", made.monotonic)
    monkeypatch.setattr("scheduler.pace.asyncio.sleep", made.sleep)
    return made


@pytest.mark.parametrize("rate", [None, 0.0])
async def test_without_a_rate_nobody_waits(clock: Clock, rate: float | None) -> None:
    pace = Pace(rate)
    for _ in range(100):
        await pace.wait(1_000)
    assert clock.slept == 0


@pytest.mark.parametrize(("rate", "size"), [(10.0, 1), (100.0, 7), (50.0, 500), (0.5, 1)])
async def test_over_time_the_rate_holds(clock: Clock, rate: float, size: int) -> None:
    pace, calls = Pace(rate), 200
    for _ in range(calls):
        await pace.wait(size)
    took = clock.now - 100.0
    sent_by_then = (calls - 1) * size  # the last call's own time is yet to come
    assert took == pytest.approx(sent_by_then / rate)


async def test_a_pause_saves_up_a_second_and_no_more(clock: Clock) -> None:
    pace = Pace(10.0)
    clock.now += 3_600
    started, sent = clock.now, 0
    while clock.slept == 0:
        await pace.wait(1)
        sent += 1
    assert sent - 1 == pytest.approx(10 * BURST_S, abs=1)
    assert clock.now > started


async def test_one_large_call_is_waited_for_afterwards(clock: Clock) -> None:
    pace = Pace(10.0)
    await pace.wait(100)
    assert clock.slept == 0
    await pace.wait(1)
    assert clock.slept == pytest.approx(10.0)


async def test_callers_at_once_queue_behind_each_other() -> None:
    pace, ends = Pace(100.0), []

    async def call() -> None:
        await pace.wait(5)
        ends.append(time.monotonic())

    started = time.monotonic()
    await asyncio.gather(*(call() for _ in range(5)))
    assert [end - started for end in ends] == sorted(end - started for end in ends)
    assert ends[-1] - started >= 0.19  # the fifth behind 20 messages at 100 a second

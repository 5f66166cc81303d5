"""The rate: never faster, nothing lost to late wakes, the urgent first and with their share."""

import asyncio

import pytest

from scheduler.pace import BURST_S, LOOK_S, PART_S, RECENT_S, Pace


class Clock:
    """Time that passes only in sleeps, each of them a little late."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept = 0.0
        self.late = 0.0

    def monotonic(self) -> float:
        """The reading."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Pass the time."""
        assert seconds > 0
        self.slept += seconds
        self.now += seconds + self.late
        await asyncio.tasks.sleep(0)


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
        await pace.take(1_000)
    assert clock.slept == 0
    assert pace.largest(1_000) == 1_000


@pytest.mark.parametrize("rate", [0.5, 10.0, 100.0, 1_000.0])
@pytest.mark.parametrize("late", [0.0, 0.02])
async def test_twenty_thousand_take_the_time_they_must(
    clock: Clock, rate: float, late: float
) -> None:
    """Within 5 %, with requests of any size and sleeps that are late."""
    pace, messages = Pace(rate), 20_000
    clock.late = late
    size = pace.largest(1_000)
    for _ in range(messages // size):
        await pace.take(size)
    ideal = (messages // size) * size / rate
    assert clock.now - 100.0 == pytest.approx(ideal, rel=0.05)
    assert clock.now - 100.0 >= ideal - BURST_S - 1 / rate


async def test_no_second_sees_more_than_the_rate_and_one_burst(clock: Clock) -> None:
    pace, sent = Pace(100.0), []
    clock.now += 3_600
    for _ in range(400):
        await pace.take(10)
        sent.append(clock.now)
    for start in sent:
        within = sum(10 for at in sent if start <= at < start + 1)
        assert within <= 100 * (1 + BURST_S) + 10


async def test_a_request_is_a_part_of_a_second_of_the_rate(clock: Clock) -> None:
    assert Pace(100.0).largest(1_000) == 100 * PART_S
    assert Pace(100.0).largest(7) == 7
    assert Pace(0.1).largest(1_000) == 1


async def test_another_rate_counts_at_once_for_who_waits(clock: Clock) -> None:
    pace = Pace(10.0)
    await pace.take(10)
    waiting = asyncio.create_task(pace.take(10))
    await asyncio.tasks.sleep(0)
    pace.change(1_000.0)
    assert await waiting
    assert clock.now - 100.0 <= 2 * LOOK_S


async def test_the_urgent_take_what_comes_next() -> None:
    """Others that sleep for their turn have taken nothing yet."""
    pace = Pace(20.0, share=0.2)
    await pace.take(10)
    order: list[str] = []

    async def take(name: str, *, urgent: bool) -> None:
        await pace.take(3, urgent=urgent)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("normal", "normal"):
            group.create_task(take(name, urgent=False))
        await asyncio.sleep(0.03)
        group.create_task(take("urgent", urgent=True))
    assert order == ["urgent", "normal", "normal"]


async def test_normal_messages_leave_a_share_while_urgent_ones_come(clock: Clock) -> None:
    pace = Pace(100.0, share=0.2)
    await pace.take(1, urgent=True)
    started, sent = clock.now, 0
    while clock.now < started + RECENT_S:
        await pace.take(10)
        sent += 10
    assert sent == pytest.approx(80 * RECENT_S, rel=0.15)
    before = clock.now
    for _ in range(10):
        await pace.take(10, urgent=True)
    assert clock.now - before < 0.6, "a burst had been kept for them"
    clock.now += 10 * RECENT_S
    started, sent = clock.now, 0
    while clock.now < started + RECENT_S:
        await pace.take(10)
        sent += 10
    assert sent == pytest.approx(100 * (RECENT_S + BURST_S), rel=0.02), "all of it when none come"


async def test_a_provider_that_asks_for_rest_gets_it(clock: Clock) -> None:
    pace = Pace(None)
    pace.hold(3.0)
    await pace.take(1, urgent=True)
    assert clock.now - 100.0 >= 3.0


async def test_a_lane_that_stops_wakes_its_sleepers(clock: Clock) -> None:
    pace = Pace(0.01)
    assert await pace.take(1)
    waiting = asyncio.create_task(pace.take(1))
    await asyncio.tasks.sleep(0)
    pace.stopped = True
    assert not await waiting
    assert clock.now - 100.0 <= 2 * LOOK_S

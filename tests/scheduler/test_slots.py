"""How many calls at once: more where it goes well, half where it does not, some for the urgent."""

import asyncio

import pytest

from scheduler.slots import CALM_S, START, Slots


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in a list so that a test can move it."""
    at = [100.0]
    monkeypatch.setattr("scheduler.slots.time.monotonic", lambda: at[0])
    return at


def full(slots: Slots) -> None:
    slots.take(slots.free(urgent=False), urgent=False)


def test_it_grows_by_one_after_a_round_of_good_answers_up_to_the_most(now: list[float]) -> None:
    slots = Slots(1, 10)
    assert slots.limit == START
    full(slots)
    for _ in range(START + 1):
        slots.went_well("sms", 0.05)
    assert int(slots.limit) == START + 1
    for _ in range(100):
        full(slots)
        slots.went_well("sms", 0.05)
    assert slots.limit == 10


def test_what_is_not_used_proves_nothing(now: list[float]) -> None:
    slots = Slots(1, 32)
    slots.take(1, urgent=False)
    for _ in range(100):
        slots.went_well("sms", 0.05)
    assert slots.limit == START


def test_it_halves_once_for_calls_that_were_under_way_together(now: list[float]) -> None:
    slots = Slots(2, 32)
    for _ in range(5):
        slots.went_badly()
    assert slots.limit == START / 2
    for _ in range(9):
        now[0] += CALM_S
        slots.went_badly()
    assert slots.limit == 2, "never below the least"


def test_it_shrinks_where_answers_grow_slow(now: list[float]) -> None:
    slots = Slots(1, 32)
    for _ in range(20):
        slots.went_well("sms", 0.05)
    for _ in range(20):
        now[0] += CALM_S
        slots.went_well("sms", 0.9)
    assert slots.limit < START
    other = Slots(1, 32)
    for took in (0.001, 0.02) * 20:  # many times as slow, and still nothing
        now[0] += CALM_S
        other.went_well("sms", took)
    assert other.limit == START


def test_the_urgent_have_some_of_their_own(now: list[float]) -> None:
    slots = Slots(1, 32)
    full(slots)
    assert slots.free(urgent=False) == 0
    assert slots.free(urgent=True) == slots.own == START // 4
    slots.give_back(START, urgent=False)
    slots.take(START, urgent=True)  # and they may use what is free
    assert slots.free(urgent=True) == slots.own
    assert slots.free(urgent=False) == slots.own


async def test_who_waits_is_woken_by_a_call_that_ends() -> None:
    slots = Slots(1, 1)
    slots.take(1, urgent=False)
    waiting = asyncio.create_task(slots.wait(urgent=False))
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.give_back(1, urgent=False)
    async with asyncio.timeout(60):
        await waiting

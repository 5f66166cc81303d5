"""Phone traits decide what a due message becomes."""

import asyncio

import pytest

from sandbox.arrivals import write_line
from sandbox.clock import Clock as SandboxClock
from sandbox.delivery import deliver_due, next_due, sleep_until
from sandbox.inbox import list_messages, list_received
from sandbox.phone import Traits, set_traits, switch_all_on
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import BLOCKS, HANA, KEY, NO_KAKAO, OFF, SLOW, accept, results

HOUR = 3600


def test_nothing_is_due_before_its_delay(store: Store, clock: Clock) -> None:
    accept(store, HANA)
    assert deliver_due(store) == 0
    assert next_due(store) == clock.ms + 400
    clock.pass_s(0.4)
    assert deliver_due(store) == 1
    assert deliver_due(store) == 0


def test_traits_decide_the_result(store: Store, clock: Clock) -> None:
    accept(store, HANA, NO_KAKAO, OFF, BLOCKS)
    clock.pass_s(1)
    deliver_due(store)
    assert results(store) == {HANA: "1000", NO_KAKAO: "3019", OFF: "3005", BLOCKS: "3020"}
    assert [one.number for one in list_received(store)] == [HANA]


@pytest.mark.parametrize(
    ("number", "code"),
    [("01099993019", "3019"), ("01099993020", "3020"), ("01099993005", "3005")],
)
def test_the_last_four_digits_of_any_number_decide(
    store: Store, clock: Clock, number: str, code: str
) -> None:
    accept(store, number)
    clock.pass_s(1)
    deliver_due(store)
    assert results(store) == {number: code}


def test_a_slow_phone_gets_it_eight_seconds_later(store: Store, clock: Clock) -> None:
    accept(store, SLOW)
    clock.pass_s(8.3)
    assert deliver_due(store) == 0
    clock.pass_s(0.2)
    assert deliver_due(store) == 1


def test_a_notice_held_by_a_phone_that_is_off_arrives_later(store: Store, clock: Clock) -> None:
    accept(store, OFF)
    clock.pass_s(1)
    deliver_due(store)
    assert list_received(store) == []
    clock.pass_s(HOUR)
    assert switch_all_on(store) == 1
    deliver_due(store)
    assert results(store) == {OFF: "1000"}
    assert [one.number for one in list_received(store)] == [OFF]


def test_a_text_waits_without_a_result_and_fails_after_25_hours(store: Store, clock: Clock) -> None:
    accept(store, OFF, kind="sms")
    clock.pass_s(1)
    deliver_due(store)
    assert results(store) == {OFF: ""}
    clock.pass_s(25 * HOUR)
    deliver_due(store)
    assert results(store) == {OFF: "2003"}
    switch_all_on(store)
    deliver_due(store)
    assert list_received(store) == []


def test_a_text_arrives_when_the_phone_is_switched_on(store: Store, clock: Clock) -> None:
    accept(store, OFF, kind="sms")
    clock.pass_s(1)
    deliver_due(store)
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert results(store) == {OFF: "1000"}


def test_an_unconfirmed_notice_becomes_final_after_three_days(store: Store, clock: Clock) -> None:
    accept(store, OFF)
    clock.pass_s(1)
    deliver_due(store)
    clock.pass_s(72 * HOUR)
    deliver_due(store)
    row = store.one("SELECT state, result FROM message")
    assert row
    assert tuple(row) == ("done", "3005")


def test_a_chat_line_waits_for_a_phone_that_is_off(store: Store) -> None:
    with store.tx():
        write_line(store, (OFF, KEY, "say"), "안녕하세요")
    assert list_messages(store, OFF) == []
    switch_all_on(store)
    deliver_due(store)
    assert [one.text for one in list_messages(store, OFF)] == ["안녕하세요"]


async def test_sleeping_ends_at_the_event(clock: Clock) -> None:
    woken = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, woken.set)
    async with asyncio.timeout(60):
        await sleep_until(woken, [], SandboxClock(clock))
    assert woken.is_set()

"""Accepting a thousand at once, and what is remembered."""

import time

from sandbox.nhn.intake import is_repeated
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import APP, accept


def timed(store: Store, numbers: list[str], request_id: str) -> float:
    started = time.perf_counter()
    accept(store, *numbers, request_id=request_id)
    return time.perf_counter() - started


def test_a_thousand_in_one_request_cost_far_less_than_one_by_one(store: Store) -> None:
    numbers = [f"0105500{n:04d}" for n in range(1_000)]
    together = timed(store, numbers, "R-all")
    apart = sum(timed(store, [number], f"R-{number}") for number in numbers)
    assert together < apart / 2
    assert store.counters()["recipients accepted"] == 2_000


def test_a_key_is_remembered_for_ten_minutes(store: Store, clock: Clock) -> None:
    store.run("INSERT INTO idempotency VALUES (?, 'k', ?)", (APP, clock.ms))
    assert is_repeated(store, APP, "k")
    assert not is_repeated(store, "other", "k")
    assert not is_repeated(store, APP, "")
    clock.pass_s(600)
    assert not is_repeated(store, APP, "k")


def test_a_reservation_waits_for_its_time(store: Store) -> None:
    accept(store, "01055001111")
    row = store.one("SELECT due_at - created_at AS wait FROM message")
    assert row
    assert row["wait"] == 400

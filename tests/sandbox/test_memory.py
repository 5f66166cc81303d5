"""A flood fills neither memory nor store: the oldest messages go, the counters stay."""

import gc

import psutil
import pytest

from sandbox.bounds import trim
from sandbox.delivery import deliver_due
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.phones import count_phones, get_phone
from sandbox.store import MOST_MESSAGES, Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import APP, KEY, TEXT, settle_in

MESSAGES, AT_ONCE, TO_ONE = 310_000, 5_000, 5
TOLD = 25_000  # webhooks cost a third of the time
WARM = 100_000  # the page cache of the store is full by then
MOST_GROWTH = 24 * 1024 * 1024


def resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def number(n: int) -> str:
    """Whom the n-th message goes to; none of the magic endings."""
    person = n // TO_ONE
    return f"010{2000 + person // 4000:04d}{4000 + person % 4000:04d}"


def flood(store: Store, clock: Clock, first: int) -> None:
    """Five thousand messages come, arrive and, sometimes, are told; the oldest go."""
    store.change_settings({"webhooks": first % TOLD == 0})
    batch = Batch(APP, "chat", "alimtalk", KEY, f"R{first}")
    drafts = [Draft(n + 1, number(first + n), TEXT) for n in range(AT_ONCE)]
    take(store, batch, drafts, refused=0)
    clock.pass_s(1)
    while deliver_due(store):
        pass
    with store.tx():
        store.run("DELETE FROM outbox")  # as if their webhooks had left
    while trim(store):
        pass


@pytest.mark.long
def test_three_hundred_thousand_messages_stay_within_bounds(store: Store, clock: Clock) -> None:
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    warm = 0
    for first in range(0, MESSAGES, AT_ONCE):
        flood(store, clock, first)
        if first == WARM:
            warm = resident()
    assert resident() - warm < MOST_GROWTH
    assert store.counters()["recipients accepted"] == MESSAGES
    assert store.counters()["arrived chat"] == MESSAGES
    assert store.number("SELECT count(*) FROM message") == MOST_MESSAGES
    assert get_phone(store, number(0)) is None
    assert get_phone(store, number(MESSAGES - 1))
    assert count_phones(store, "unread") <= MOST_MESSAGES / TO_ONE + 1

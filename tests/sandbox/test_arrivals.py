"""A line appears: place, room, unread, counters."""

import itertools

from sandbox.arrivals import write_line
from sandbox.delivery import deliver_due
from sandbox.inbox import list_messages, list_rooms
from sandbox.phones import get_phone
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, KEY, NO_KAKAO, accept


def test_incoming_lines_count_as_unread_and_own_ones_do_not(store: Store) -> None:
    with store.tx():
        write_line(store, (HANA, KEY, "say"), "안녕하세요")
        write_line(store, (HANA, KEY, "say"), "네", mine=True)
        write_line(store, (HANA, KEY, "system"), "상담이 종료되었습니다")
    phone = get_phone(store, HANA)
    assert phone
    assert (phone.unread_chat, phone.unread_sms) == (1, 0)
    assert [room.unread for room in list_rooms(store, HANA)] == [1]
    assert store.counters()["arrived chat"] == 1


def test_places_follow_the_order_of_appearance(store: Store) -> None:
    with store.tx():
        for text in ("하나", "둘", "셋"):
            write_line(store, (HANA, KEY, "say"), text)
    found = list_messages(store, HANA)
    assert [one.text for one in found] == ["하나", "둘", "셋"]
    assert [one.arrival for one in found] == [1, 2, 3]


def test_what_falls_due_together_ends_at_one_time(store: Store, clock: Clock) -> None:
    """Arrived or not: lists of results are in the order of time, then of the request."""
    times_told = itertools.count(clock.ms + 1_000)
    store.now = lambda: next(times_told)  # it goes on between any two looks
    store.change_settings({"result_delay_s": 0})
    accept(store, HANA, NO_KAKAO)
    assert deliver_due(store) == 2
    (times,) = store.all("SELECT count(DISTINCT result_at) AS n, min(result_at) FROM message")
    assert times["n"] == 1
    assert store.number("SELECT arrived_at - result_at FROM message WHERE arrived_at > 0") == 0

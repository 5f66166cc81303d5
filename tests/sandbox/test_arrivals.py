"""A line appears: place, room, unread, counters."""

from sandbox.arrivals import write_line
from sandbox.inbox import list_messages, list_rooms
from sandbox.phones import get_phone
from sandbox.store import Store
from tests.sandbox.shop import HANA, KEY


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

"""Reading: rooms, paging, seen."""

from sandbox.arrivals import write_line
from sandbox.delivery import deliver_due
from sandbox.inbox import (
    count_held,
    get_message,
    last_message,
    list_messages,
    list_rooms,
    mark_seen,
)
from sandbox.inbox import latest as newest
from sandbox.phones import get_phone
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import CALLER, HANA, KEY, OFF, accept


def test_rooms_of_two_apps_newest_first(store: Store, clock: Clock) -> None:
    accept(store, HANA)
    accept(store, HANA, kind="sms", request_id="R2")
    clock.pass_s(1)
    deliver_due(store)
    rooms = list_rooms(store, HANA)
    assert [(room.app, room.sender) for room in rooms] == [("sms", CALLER), ("chat", KEY)]
    assert rooms[1].sender_name == "한빛상회"
    assert last_message(store, HANA) == newest(store) == rooms[0].last


def test_paging_back(store: Store) -> None:
    with store.tx():
        ids = [write_line(store, (HANA, KEY, "say"), str(n)) for n in range(5)]
    page = list_messages(store, HANA, limit=2)
    assert [one.text for one in page] == ["3", "4"]
    older = list_messages(store, HANA, "chat", KEY, before=page[0].arrival, limit=2)
    assert [one.text for one in older] == ["1", "2"]
    assert get_message(store, ids[0])
    assert list_messages(store, HANA, "sms") == []


def test_seen_rooms_have_nothing_unread(store: Store) -> None:
    with store.tx():
        write_line(store, (HANA, KEY, "say"), "안녕하세요")
    mark_seen(store, HANA, "chat", KEY)
    mark_seen(store, HANA, "sms", CALLER)
    phone = get_phone(store, HANA)
    assert phone
    assert phone.unread_chat == 0
    assert list_rooms(store, HANA)[0].unread == 0


def test_what_waits_is_counted(store: Store, clock: Clock) -> None:
    accept(store, OFF)
    clock.pass_s(1)
    deliver_due(store)
    assert count_held(store, OFF) == 1

"""Apps on phones, and pushes that reach them, later or never."""

import orjson
import pytest

from sandbox.delivery import HOUR_MS, deliver_due
from sandbox.fcm.devices import (
    FIRST_TABLET,
    find_device,
    install,
    install_tablets,
    list_devices,
    remove,
    renew,
)
from sandbox.inbox import list_received
from sandbox.phone import Traits, set_traits
from sandbox.phones import get_phone
from sandbox.resets import reset
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, OFF
from tests.service_accounts import PROJECT

TO = "http://gateway.example/push/receipts"
NEW = "01077778888"


@pytest.fixture
def firebase(quiet: Running) -> Firebase:
    quiet.store.change_settings({"result_delay_s": 0})
    settle_in(quiet.store)
    return Firebase(quiet.client, quiet.store)


def told(store: Store) -> list[tuple[str, list[str], str]]:
    """What waits to be told: to where, what, and with which token."""
    found = []
    for row in store.all("SELECT * FROM outbox WHERE kind = 'app' ORDER BY id"):
        receipts = orjson.loads(row["body"])["receipts"]
        (token,) = {one["token"] for one in receipts}
        found.append((row["path"], [one["what"] for one in receipts], token))
    return found


def test_installed_once_on_a_phone_of_any_number(store: Store) -> None:
    settle_in(store)
    first = install(store, NEW, PROJECT, "앱")
    assert get_phone(store, NEW) is not None
    assert len(first.fid) == 22
    assert first.token.startswith(f"{first.fid}:APA91b")
    again = install(store, NEW, PROJECT, "새 이름")
    assert (again.id, again.fid, again.label) == (first.id, first.fid, "새 이름")
    other = install(store, NEW, "another", "앱")
    assert [one.id for one in list_devices(store, NEW)] == [first.id, other.id]
    assert [one.id for one in list_devices(store, project="another")] == [other.id]


def test_removed_and_installed_again_it_is_another(store: Store) -> None:
    device = install(store, HANA, PROJECT, "앱")
    remove(store, device)
    assert find_device(store, device.id) is None
    assert list_devices(store) == []
    again = install(store, HANA, PROJECT, "앱")
    assert again.id != device.id
    assert again.fid != device.fid


def test_new_addresses_are_the_same_apps(store: Store) -> None:
    device = install(store, HANA, PROJECT, "앱")
    newer = renew(store, device)
    assert newer.id == device.id
    assert {newer.fid, newer.token}.isdisjoint({device.fid, device.token})


def test_tablets_stand_on_free_numbers(store: Store) -> None:
    taken = f"{FIRST_TABLET + 1:011d}"
    install(store, taken, "another", "앱")
    made = install_tablets(store, 3, PROJECT, "태블릿", FIRST_TABLET)
    assert [one.number for one in made] == ["01000050001", "01000050003", "01000050004"]
    phone = get_phone(store, "01000050003")
    assert phone is not None
    assert (phone.name, phone.auto) == ("태블릿 0003", False)
    assert len({one.fid for one in made}) == 3


def test_what_was_put_on_a_phone_survives_starting_over(store: Store) -> None:
    kept = install(store, NEW, PROJECT, "앱")
    gone = install(store, "01077779999", PROJECT, "앱")
    remove(store, gone)
    reset(store)
    assert [one.id for one in list_devices(store)] == [kept.id]
    assert get_phone(store, NEW) is not None
    assert get_phone(store, "01077779999") is None


async def test_a_phone_that_is_off_gets_it_when_it_is_on(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, OFF), TO))
    deliver_due(store)
    assert list_received(store) == []
    assert told(store) == []
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert [one.number for one in list_received(store)] == [OFF]
    assert told(store) == [(TO, ["received", "shown"], "n1.token")]


def later(store: Store, ms: int) -> None:
    store.clock.set(store.now() + ms, None)


async def test_it_is_kept_as_long_as_it_says(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, OFF), TO))  # an hour
    deliver_due(store)
    later(store, HOUR_MS + 1_000)
    deliver_due(store)
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert list_received(store) == []
    assert told(store) == []
    row = store.one("SELECT state, result FROM message")
    assert row is not None
    assert tuple(row) == ("done", "EXPIRED")


async def test_now_or_never(firebase: Firebase) -> None:
    store = firebase.store
    message = {**push(phone_app(store, OFF), TO), "android": {"ttl": "0s"}}
    await firebase.send(message)
    deliver_due(store)
    deliver_due(store)
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert list_received(store) == []


async def test_without_a_ttl_it_is_kept_for_four_weeks(firebase: Firebase) -> None:
    store = firebase.store
    message = push(phone_app(store, OFF), TO)
    del message["android"]
    await firebase.send(message)
    deliver_due(store)
    later(store, 27 * 24 * HOUR_MS)
    deliver_due(store)
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert len(list_received(store)) == 1


async def test_to_an_app_that_was_removed_nothing_comes(firebase: Firebase) -> None:
    store = firebase.store
    device = phone_app(store, OFF)
    await firebase.send(push(device, TO))
    deliver_due(store)
    remove(store, device)
    install(store, OFF, PROJECT, "앱")
    set_traits(store, OFF, Traits(on=True))
    deliver_due(store)
    assert list_received(store) == []
    assert store.number("SELECT count(*) FROM message WHERE result = 'UNREGISTERED'") == 1


def test_an_older_store_learns_of_pushes(store: Store, clock: Clock) -> None:
    phone = get_phone(store, HANA)
    assert phone is not None
    assert phone.unread_push == 0
    assert store.all("SELECT name FROM sqlite_master WHERE name = 'phone_unread'") == []

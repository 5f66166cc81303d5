"""What apps tell of pushes by themselves, and what disturbs it."""

from typing import Any

import orjson
import pytest

from sandbox.chaos.rules import Rule
from sandbox.delivery import deliver_due
from sandbox.fcm.receipts import press
from sandbox.inbox import Message, list_messages, list_received
from sandbox.outbox import due_mail
from sandbox.phone import Traits, set_traits
from sandbox.phones import get_phone
from sandbox.store import Store
from sandbox.talks import CannotDo
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.server import Running, receive
from tests.sandbox.shop import HANA, OFF

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


def newest(store: Store, number: str = HANA) -> Message:
    return list_messages(store, number, "push")[-1]


async def test_the_app_tells_by_itself_that_a_push_came(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, HANA), TO))
    assert told(store) == []
    deliver_due(store)
    assert told(store) == [(TO, ["received", "shown"], "n1.token")]
    phone = get_phone(store, HANA)
    assert phone is not None
    assert (phone.unread_push, phone.unread_chat, phone.unread_sms) == (1, 0, 0)


@pytest.mark.parametrize(
    "data", [{"naru_token": ""}, {"naru_receipts": ""}, {"naru_receipts": "file:///etc/passwd"}]
)
async def test_without_an_address_or_a_token_it_tells_nothing(
    firebase: Firebase, data: dict[str, str]
) -> None:
    await firebase.send(push(phone_app(firebase.store, HANA), TO, **data))
    deliver_due(firebase.store)
    assert told(firebase.store) == []
    assert len(list_received(firebase.store)) == 1


async def test_opening_and_confirming_are_told_once(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, HANA), TO, naru_ask="acknowledge"))
    deliver_due(store)
    assert press(store, HANA, newest(store), "read") == ["read"]
    assert press(store, HANA, newest(store), "read") == []
    assert press(store, HANA, newest(store), "acknowledged") == ["acknowledged"]
    assert press(store, HANA, newest(store), "acknowledged") == []
    assert [what for _, what, _ in told(store)] == [
        ["received", "shown"], ["read"], ["acknowledged"],
    ]  # fmt: skip
    assert newest(store).pressed == (0, 1)


async def test_who_confirms_has_read(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, HANA), TO, naru_ask="acknowledge"))
    deliver_due(store)
    assert press(store, HANA, newest(store), "acknowledged") == ["read", "acknowledged"]
    assert told(store)[-1][1] == ["read", "acknowledged"]


async def test_what_cannot_be_pressed(firebase: Firebase) -> None:
    store = firebase.store
    await firebase.send(push(phone_app(store, HANA), TO))
    deliver_due(store)
    set_traits(store, HANA, Traits(on=False))
    for number, message, what, code in (
        (HANA, newest(store), "acknowledged", "no_button"),
        (HANA, newest(store), "read", "off"),
        (HANA, None, "read", "no_message"),
        (OFF, newest(store), "read", "no_message"),
        (NEW, newest(store), "read", "no_phone"),
    ):
        with pytest.raises(CannotDo) as cannot:
            press(store, number, message, what)
        assert cannot.value.code == code
    assert newest(store).pressed == ()


async def test_the_receipts_really_leave_and_are_tried_again(running: Running) -> None:
    settle_in(running.store)
    firebase = Firebase(running.client, running.store)
    async with receive() as receiver:
        receiver.statuses = [503]
        to = f"{receiver.url}/push/receipts"
        await firebase.send(push(phone_app(running.store, HANA), to))
        await receiver.until(2)
    (path, _, body), again = receiver.got
    assert path == "/push/receipts"
    assert body == again[2]
    assert [(one["token"], one["what"]) for one in body["receipts"]] == [
        ("n1.token", "received"),
        ("n1.token", "shown"),
    ]
    assert running.store.callbacks.about((b'"n1.token',))


async def test_they_wait_while_nothing_is_to_be_told(firebase: Firebase) -> None:
    store = firebase.store
    store.change_settings({"webhooks": False})
    await firebase.send(push(phone_app(store, HANA), TO))
    deliver_due(store)
    assert due_mail(store, set(), 10) == []
    store.change_settings({"webhooks": True})
    assert len(due_mail(store, set(), 10)) == 1


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ({"effect": "receipt_drop"}, 0),
        ({"effect": "receipt_duplicate", "times": 2}, 3),
        ({"effect": "receipt_delay", "seconds": 60}, 1),
        ({"effect": "receipt_shuffle"}, 1),
        ({"effect": "receipt_drop", "number": "9999"}, 1),
        ({"effect": "receipt_drop", "provider": "consult"}, 1),
        ({"effect": "receipt_drop", "account": "another"}, 1),
    ],
)
async def test_the_dial_disturbs_them(firebase: Firebase, rule: dict[str, Any], count: int) -> None:
    store = firebase.store
    store.chaos.arm([Rule(**{"provider": "fcm", **rule})], 1)
    await firebase.send(push(phone_app(store, HANA), TO))
    deliver_due(store)
    assert len(told(store)) == count
    if rule["effect"] == "receipt_delay":
        assert store.number("SELECT due_at FROM outbox") >= store.now() + 30_000


async def test_forged_ones_have_a_token_nobody_gave(firebase: Firebase) -> None:
    store = firebase.store
    rules = [
        Rule(effect="receipt_forge", forge=how, provider="fcm")
        for how in ("signature", "reference", "result")
    ]
    store.chaos.arm(rules, 1)
    await firebase.send(push(phone_app(store, HANA), TO))
    deliver_due(store)
    bodies = [row["body"] for row in store.all("SELECT body FROM outbox ORDER BY id")]
    assert [b"n1.token" in one for one in bodies] == [True, False, False, False]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(bodies[-1])

"""`messages:send`: what FCM takes, what it refuses and how it says so."""

from typing import Any

import httpx
import pytest

from sandbox.chaos.rules import Rule
from sandbox.delivery import deliver_due
from sandbox.fcm.devices import is_address, remove, renew
from sandbox.inbox import list_received
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, LOST
from tests.service_accounts import PROJECT

FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD = "type.googleapis.com/google.rpc.BadRequest"


Told = tuple[int, str, str, list[str]]


@pytest.fixture
def firebase(quiet: Running) -> Firebase:
    quiet.store.change_settings({"result_delay_s": 0})
    settle_in(quiet.store)
    return Firebase(quiet.client, quiet.store)


def told(answer: httpx.Response) -> Told:
    """Status, canonical status, FCM's own code, and the fields at fault."""
    error = answer.json()["error"]
    details = {one["@type"]: one for one in error.get("details", ())}
    violations = details.get(BAD, {}).get("fieldViolations", ())
    fields = [one.get("field", "") for one in violations]
    assert error["code"] == answer.status_code
    return answer.status_code, error["status"], details.get(FCM, {}).get("errorCode", ""), fields


async def test_a_push_is_taken_and_arrives(firebase: Firebase) -> None:
    device = phone_app(firebase.store, HANA)
    answer = await firebase.send(push(device))
    assert answer.status_code == 200
    name = answer.json()["name"]
    assert name.startswith(f"projects/{PROJECT}/messages/0:")
    deliver_due(firebase.store)
    (got,) = list_received(firebase.store)
    assert (got.app, got.kind, got.number, got.sender) == ("push", "push", HANA, PROJECT)
    assert (got.title, got.text, got.ref) == ("출고 안내", "상품이 출발했습니다.", "m1")
    assert (got.template_code, got.payload["label"]) == ("order_shipped", "한빛상회")
    assert got.request_id == name.rpartition("/")[2]


async def test_both_addresses_and_both_spellings_lead_to_the_app(firebase: Firebase) -> None:
    """As Google's own library for Python writes it."""
    device = phone_app(firebase.store, HANA)
    for target in ({"token": device.token}, {"token": device.fid}, {"fid": device.fid}):
        message = {
            **target,
            "notification": {"title": "제목", "body": "글"},
            "android": {
                "collapse_key": "k",
                "priority": "high",
                "ttl": "3600s",
                "restricted_package_name": "kr.example",
                "notification": {"title_loc_args": ["a"], "notification_count": 3,
                                 "vibrate_timings": ["0.5s"], "default_sound": True,
                                 "light_settings": {"color": {"red": 1, "alpha": 0.5}}},
            },
            "apns": {"headers": {"apns-priority": "5"}, "payload": {"aps": {"badge": 1}},
                     "fcm_options": {"analytics_label": "l"}},
            "webpush": {"headers": {"TTL": "5"}, "fcm_options": {"link": "https://a.example"}},
            "fcm_options": {"analytics_label": "l"},
        }  # fmt: skip
        answer = await firebase.send(message, validate_only=False)
        assert answer.status_code == 200, answer.text


async def test_what_is_only_validated_is_not_delivered(firebase: Firebase) -> None:
    device = phone_app(firebase.store, HANA)
    for more in ({"validateOnly": True}, {"validate_only": True}):
        answer = await firebase.send(push(device), PROJECT, **more)
        assert answer.json() == {"name": f"projects/{PROJECT}/messages/fake_message_id"}
    assert firebase.store.number("SELECT count(*) FROM message") == 0
    refused = await firebase.send({**push(device), "fid": "naru-check"}, validateOnly=True)
    assert told(refused)[2] == "INVALID_ARGUMENT"


async def test_topics_are_taken_and_reach_nobody(firebase: Firebase) -> None:
    for target in ({"topic": "news"}, {"condition": "'a' in topics"}):
        assert (await firebase.send({**target, "data": {"a": "b"}})).status_code == 200
    assert firebase.store.number("SELECT count(*) FROM message") == 0


BAD_ARGUMENT = (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("changed", "fcm", "fields", "said"),
    [
        ({"fid": None}, "INVALID_ARGUMENT", ["message"], "Recipient"),
        ({"topic": "a"}, "", ["message"], "oneof"),
        ({"fid": "naru-check"}, "INVALID_ARGUMENT", [], "not a valid FCM registration token"),
        ({"fid": 7}, "", ["message.fid"], "Invalid value at 'message.fid' (TYPE_STRING), 7"),
        ({"soon": 1}, "", ["message"], "Unknown name \"soon\" at 'message': Cannot find field."),
        ({"android": {"ttl": "1 hour"}}, "", ["message.android.ttl"], "Duration"),
        ({"android": {"ttl": "2419201s"}}, "INVALID_ARGUMENT", ["message.android.ttl"], "ttl"),
        ({"android": {"ttl": "-1s"}}, "INVALID_ARGUMENT", ["message.android.ttl"], "ttl"),
        ({"android": {"priority": "LOUD"}}, "", ["message.android.priority"], "Priority"),
        ({"android": {"directBootOk": "yes"}}, "", ["message.android.directBootOk"], "TYPE_BOOL"),
        ({"android": []}, "", ["message.android"], "object"),
        ({"android": {}, "androidV2": {}}, "INVALID_ARGUMENT", ["message.android"], "both"),
        ({"notification": {"text": "a"}}, "", ["message.notification"], "Unknown name"),
        ({"data": {"a": 1}}, "", ["message.data[0].value"], "TYPE_STRING"),
        ({"data": [1]}, "", ["message.data"], "map"),
        ({"data": {"a": "b", "from": "c"}}, "INVALID_ARGUMENT", ["message.data[1].key"], "from"),
        ({"data": {"google.x": "c"}}, "INVALID_ARGUMENT", ["message.data[0].key"], "google.x"),
        ({"android": {"data": {"gcm.notification.a": "c"}}}, "INVALID_ARGUMENT",
         ["message.android.data[0].key"], "gcm.notification.a"),
        ({"data": {"a": "가" * 1_400}}, "INVALID_ARGUMENT", [], "too big"),
        ({"apns": {"payload": 1}}, "", ["message.apns.payload"], "Struct"),
        ({"android": {"notification": {"notificationCount": 1.5}}}, "",
         ["message.android.notification.notificationCount"], "INT32"),
        ({"android": {"notification": {"titleLocArgs": "a"}}}, "",
         ["message.android.notification.titleLocArgs"], "list"),
    ],
)  # fmt: skip
async def test_a_bad_message_is_refused_as_google_does(
    firebase: Firebase, changed: dict[str, Any], fcm: str, fields: list[str], said: str
) -> None:
    device = phone_app(firebase.store, HANA)
    answer = await firebase.send({**push(device), **changed})
    assert told(answer) == (*BAD_ARGUMENT, fcm, fields)
    assert said in answer.json()["error"]["message"]
    assert firebase.store.number("SELECT count(*) FROM message") == 0


async def test_all_that_is_wrong_is_told_at_once(firebase: Firebase) -> None:
    device = phone_app(firebase.store, HANA)
    answer = await firebase.send({**push(device), "a": 1, "topic": 2}, dryRun=True)
    assert told(answer)[3] == ["message", "message.topic", ""]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
async def test_what_is_no_json_object(firebase: Firebase, body: bytes) -> None:
    await firebase.log_in()
    path, headers = (
        f"/fcm/v1/projects/{PROJECT}/messages:send",
        {"Authorization": f"Bearer {firebase.token}"},
    )
    answer = await firebase.client.post(path, content=body, headers=headers)
    assert told(answer) == (*BAD_ARGUMENT, "", [""])


async def test_addresses_that_lead_nowhere_any_more(firebase: Firebase) -> None:
    store = firebase.store
    device = phone_app(store, HANA)
    unregistered: Told = (404, "NOT_FOUND", "UNREGISTERED", [])
    unknown = await firebase.send({**push(device), "fid": "c" * 22})
    assert told(unknown) == unregistered
    newer = renew(store, device)
    assert told(await firebase.send(push(device))) == unregistered
    assert (await firebase.send(push(newer))).status_code == 200
    remove(store, newer)
    assert told(await firebase.send(push(newer))) == unregistered
    settle_in(store, "another", "other@example")
    other = phone_app(store, HANA, "another")
    mismatch: Told = (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", [])
    assert told(await firebase.send(push(other))) == mismatch


async def test_only_the_projects_own_token_sends(firebase: Firebase) -> None:
    device = phone_app(firebase.store, HANA)
    settle_in(firebase.store, "another", "other@example")
    denied = await firebase.send(push(device), project="another")
    assert told(denied) == (403, "PERMISSION_DENIED", "", [])
    firebase.token = "nobody"
    assert told(await firebase.send(push(device))) == (401, "UNAUTHENTICATED", "", [])


@pytest.mark.parametrize(
    ("kind", "address", "fits"),
    [
        ("fid", "c" * 22, True),
        ("fid", "a" * 22, False),
        ("fid", "c" * 21, False),
        ("fid", "c" * 22 + ":APA91b", False),
        ("token", "c" * 22 + ":APA91b", True),
        ("token", "c" * 22, True),
        ("token", "naru-check", False),
        ("token", "c" * 21 + "가", False),
    ],
)
def test_what_an_address_looks_like(kind: str, address: str, fits: bool) -> None:
    assert is_address(kind, address) is fits


@pytest.mark.parametrize(
    ("code", "expected", "wait"),
    [
        ("QUOTA_EXCEEDED", (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", []), "5"),
        ("UNAVAILABLE", (503, "UNAVAILABLE", "UNAVAILABLE", []), "5"),
        ("INTERNAL", (500, "INTERNAL", "INTERNAL", []), None),
        ("UNREGISTERED", (404, "NOT_FOUND", "UNREGISTERED", []), None),
        ("THIRD_PARTY_AUTH_ERROR", (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", []), None),
        ("NOT_FOUND", (404, "NOT_FOUND", "", []), None),
        ("SOMETHING_NEW", (400, "INVALID_ARGUMENT", "SOMETHING_NEW", []), None),
    ],
)
async def test_the_dial_tells_any_code(
    firebase: Firebase, code: str, expected: Any, wait: str | None
) -> None:
    rule = Rule(effect="error_code", code=code, provider="fcm", route="push", number=HANA[-4:])
    firebase.store.chaos.arm([rule], 1)
    answer = await firebase.send(push(phone_app(firebase.store, HANA)))
    assert told(answer) == expected
    assert answer.headers.get("retry-after") == wait


async def test_a_rate_at_the_dial_is_fcms_own_quota(firebase: Firebase) -> None:
    rule = Rule(effect="rate_limit", per_s=0.1, provider="fcm", account=PROJECT)
    firebase.store.chaos.arm([rule], 1)
    device = phone_app(firebase.store, HANA)
    answers = [await firebase.send(push(device)) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert told(answers[1])[2] == "QUOTA_EXCEEDED"
    assert 0 < int(answers[1].headers["retry-after"]) <= 10


async def test_the_call_for_a_token_can_be_hit_too(firebase: Firebase) -> None:
    rule = {"effect": "error_code", "code": "invalid_grant", "provider": "fcm", "call": "any"}
    firebase.store.chaos.arm([Rule(**rule)], 1)
    answer = await firebase.log_in()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_phone_that_loses_answers_loses_the_first_of_each_push(running: Running) -> None:
    settle_in(running.store)
    firebase = Firebase(running.client, running.store)
    device = phone_app(running.store, LOST)
    await firebase.log_in()
    with pytest.raises(httpx.TransportError):
        await firebase.send(push(device))
    assert (await firebase.send(push(device))).status_code == 200
    await running.until(lambda: len(list_received(running.store)) == 2)

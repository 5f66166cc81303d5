"""The desk's calls about projects, apps and pushes."""

from typing import Any

import httpx
import orjson
import pytest

from sandbox.accounts import list_accounts
from sandbox.delivery import deliver_due
from sandbox.inbox import list_received
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA
from tests.service_accounts import EMAIL, PROJECT, key_file, public_pem

API = "/desk/api"
DEVICES = f"{API}/push/devices"


async def ask(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def refused(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, json=body)
    told = answer.json()
    return answer.status_code, told["code"], told["field"]


@pytest.mark.parametrize(
    "body",
    [
        {"client_email": EMAIL, "public_key": public_pem()},
        {"service_account": orjson.loads(key_file())},
    ],
)
async def test_a_project_is_put_by_a_public_key_or_a_key_file(quiet: Running, body: Any) -> None:
    await ask(quiet.client, "PUT", f"{API}/accounts/fcm/{PROJECT}", body)
    assert list_accounts(quiet.store)["fcm"] == [
        {"project_id": PROJECT, "client_email": EMAIL, "devices": 0}
    ]
    kept = quiet.store.one("SELECT public_key FROM fcm_account")
    assert kept is not None
    assert kept["public_key"] == public_pem()
    assert (await Firebase(quiet.client, quiet.store).log_in()).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "client_email"),
        ({"client_email": EMAIL}, "public_key"),
        ({"client_email": EMAIL, "public_key": "x"}, "public_key"),
        ({"service_account": {"client_email": EMAIL}}, "public_key"),
        ({"service_account": 7}, "service_account"),
        ({"email": EMAIL}, "email"),
    ],
)
async def test_what_is_no_service_account(quiet: Running, body: Any, field: str) -> None:
    path = f"{API}/accounts/fcm/{PROJECT}"
    assert await refused(quiet.client, "PUT", path, body) == (422, "invalid", field)


async def test_a_key_file_is_made_here_for_who_has_none(quiet: Running) -> None:
    made = await ask(quiet.client, "POST", f"{API}/accounts/fcm/my-app/key")
    assert made["project_id"] == "my-app"
    assert made["token_uri"] == "http://sandbox.test/fcm/token"
    (account,) = list_accounts(quiet.store)["fcm"]
    assert account["client_email"] == made["client_email"]


async def test_an_app_is_installed_renewed_and_removed(quiet: Running) -> None:
    settle_in(quiet.store)
    body = {"number": "010-0000-1001", "project_id": PROJECT, "label": "한빛상회"}
    made = await ask(quiet.client, "POST", DEVICES, body)
    assert (made["number"], made["label"]) == (HANA, "한빛상회")
    listed = await ask(quiet.client, "GET", f"{DEVICES}?number=010-0000-1001&project_id={PROJECT}")
    assert listed == {"devices": [made]}
    newer = await ask(quiet.client, "POST", f"{DEVICES}/{made['id']}/renew")
    assert newer["fid"] != made["fid"]
    await ask(quiet.client, "DELETE", f"{DEVICES}/{made['id']}")
    assert await ask(quiet.client, "GET", DEVICES) == {"devices": []}


async def test_thirty_tablets_at_once(quiet: Running) -> None:
    settle_in(quiet.store)
    made = await ask(
        quiet.client, "POST", f"{API}/push/tablets", {"count": 30, "project_id": PROJECT}
    )
    numbers = [one["number"] for one in made["devices"]]
    assert numbers == [f"010000500{n:02d}" for n in range(1, 31)]
    assert list_accounts(quiet.store)["fcm"][0]["devices"] == 30
    body = {"count": 2, "project_id": PROJECT, "first_number": "010-9000-0001", "label": "배차"}
    more = await ask(quiet.client, "POST", f"{API}/push/tablets", body)
    assert [one["number"] for one in more["devices"]] == ["01090000001", "01090000002"]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "devices", {"number": "1", "project_id": PROJECT}, (422, "invalid", "number")),
        ("POST", "devices", {"number": HANA, "project_id": "x"}, (404, "not_found", None)),
        ("GET", "devices?number=1", None, (422, "invalid", "number")),
        ("DELETE", "devices/7", None, (404, "not_found", None)),
        ("POST", "devices/7/renew", None, (404, "not_found", None)),
        ("POST", "tablets", {"count": 0, "project_id": PROJECT}, (422, "invalid", "count")),
        ("POST", "tablets", {"count": 501, "project_id": PROJECT}, (422, "invalid", "count")),
        ("POST", "tablets", {"count": 1, "project_id": "x"}, (404, "not_found", None)),
        ("POST", "tablets", {"count": 1, "project_id": PROJECT, "first_number": "02-345-6789"},
         (422, "invalid", "first_number")),
        ("POST", "messages/7/press", {"what": "read"}, (404, "no_message", None)),
        ("POST", "messages/7/press", {"what": "shown"}, (422, "invalid", "what")),
    ],
)  # fmt: skip
async def test_what_cannot_be(
    quiet: Running, method: str, path: str, body: Any, expected: tuple[int, str, str | None]
) -> None:
    settle_in(quiet.store)
    assert await refused(quiet.client, method, f"{API}/push/{path}", body) == expected


async def test_a_push_is_seen_and_pressed_by_a_program(quiet: Running) -> None:
    store = quiet.store
    store.change_settings({"result_delay_s": 0})
    settle_in(store)
    device = phone_app(store, HANA)
    to = "http://a.example/r"
    await Firebase(quiet.client, store).send(push(device, to, naru_ask="acknowledge"))
    deliver_due(store)
    (got,) = list_received(store)
    phone = await ask(quiet.client, "GET", f"{API}/phones/{HANA}")
    assert phone["unread_push"] == 1
    (message,) = phone["messages"]
    assert message["data"]["naru_ask"] == "acknowledge"
    path = f"{API}/push/messages/{got.id}/press"
    assert await ask(quiet.client, "POST", path, {"what": "read"}) == {"told": ["read"]}
    told = await ask(quiet.client, "POST", path, {"what": "acknowledged"})
    assert told == {"told": ["acknowledged"]}
    found = await ask(quiet.client, "GET", f"{API}/received?app=push")
    assert found[0]["number"] == HANA
    assert (await ask(quiet.client, "GET", f"{API}/counters"))["arrived"]["push"] == 1

"""People and devices over HTTP, and a message to one of them."""

from typing import Any

import httpx
import pytest

from app.services.runtime import Runtime
from tests.app.api.people_rows import APP, add_app
from tests.app.api.shop import NOTICE, Shop, approve, bearer

ADDRESS = "fid-secret-1"


@pytest.fixture
async def api(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> httpx.AsyncClient:
    await add_app(runtime, shop.workspace_id, "sandbox")
    client.headers.update(bearer(shop.keys["test"]))
    return client


async def ask(api: httpx.AsyncClient, method: str, path: str, status: int, **more: Any) -> Any:
    answer = await api.request(method, f"/v1{path}", **more)
    assert answer.status_code == status, answer.text
    assert ADDRESS not in answer.text
    return answer.json()


async def test_a_person_and_their_devices(api: httpx.AsyncClient) -> None:
    person = "/people/C-1001"
    made = await ask(api, "PUT", person, 200, json={"name": "김나루", "number": "010-1234-5678"})
    assert (made["number"], made["devices"]) == ("010-****-5678", [])
    device = await ask(api, "POST", f"{person}/devices", 201, json={"address": ADDRESS})
    again = await ask(
        api, "POST", f"{person}/devices", 200,
        json={"address": ADDRESS, "label": "태블릿", "platform": "android", "app": APP},
    )  # fmt: skip
    assert (again["id"], again["label"]) == (device["id"], "태블릿")
    path = f"/devices/{device['id']}"
    moved = await ask(
        api, "PUT", f"{path}/address", 200, json={"address": "t2", "address_kind": "token"}
    )
    assert moved["address_kind"] == "token"
    await ask(api, "PUT", person, 200, json={"name": "김하나"})  # replaced; the devices stay
    shown = await ask(api, "GET", person, 200)
    assert (shown["name"], shown["number"], len(shown["devices"])) == ("김하나", None, 1)
    assert [one["reference"] for one in (await ask(api, "GET", "/people", 200))["items"]] == [
        "C-1001"
    ]
    assert (await ask(api, "DELETE", path, 200))["id"] == device["id"]
    await ask(api, "GET", path, 404)
    assert (await ask(api, "DELETE", person, 200))["reference"] == "C-1001"
    assert (await ask(api, "GET", person, 404))["code"] == "unknown_person"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/people/C-1", {"number": "12"}, "number"),
        ("PUT", "/people/C-1", {"name": "가\n나"}, "name"),
        ("POST", "/people/C-1/devices", {"address": ""}, "address"),
        ("POST", "/people/C-1/devices", {"address": "a b"}, "address"),
        ("POST", "/people/C-1/devices", {"address": "a", "address_kind": "mail"}, "address_kind"),
        ("POST", "/people/C-1/devices", {"address": "a", "app": "com.other"}, "app"),
        ("POST", "/people/C-1/devices", {"address": "a", "platform": "fax"}, "platform"),
    ],
)
async def test_refusals_name_the_field(
    api: httpx.AsyncClient, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    await ask(api, "PUT", "/people/C-1", 200, json={})
    assert (await ask(api, method, path, 422, json=body))["field"] == field


async def test_a_message_to_a_person(api: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    await ask(api, "POST", "/templates", 201, json=NOTICE)
    await approve(runtime, shop)
    await ask(api, "PUT", "/people/C-1", 200, json={"number": "010-1234-5678"})
    await ask(api, "POST", "/people/C-1/devices", 201, json={"address": ADDRESS})
    sent = {
        "template": NOTICE["code"],
        "person": "C-1",
        "variables": {"이름": "가", "상품": "나"},
        "plan": [{"channel": "push", "until": "read"}, {"channel": "sms"}],
    }
    seen = await ask(api, "POST", "/messages/preview", 200, json=sent)
    push = seen["steps"][0]
    assert (push["channel"], push["title"], push["problem"]) == ("push", "배송 시작", None)
    assert push["counts"]["bytes"]["count"] < push["counts"]["bytes"]["limit"] == 3196
    made = await ask(api, "POST", "/messages", 202, json=sent)
    shown = await ask(api, "GET", f"/messages/{made['id']}", 200)
    assert (shown["person"], shown["to"]) == ("C-1", "010-****-5678")
    assert shown["attempts"][0]["device_id"] is not None
    batch = {key: sent[key] for key in ("template", "plan")}
    rows = [{key: sent[key] for key in ("person", "variables")}] * 2
    assert (await ask(api, "POST", "/messages/batch", 202, json={**batch, "messages": rows}))[
        "accepted"
    ] == 2
    nobody = sent | {"person": "C-2"}
    refused = await ask(api, "POST", "/messages", 422, json=nobody)
    assert (refused["code"], refused["field"]) == ("unknown_person", "person")
    refused = await ask(api, "POST", "/messages", 422, json=sent | {"person": None})
    assert (refused["code"], refused["field"]) == ("no_recipient", "to")

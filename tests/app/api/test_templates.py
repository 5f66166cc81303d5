"""Templates over HTTP."""

import httpx

from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer, key_with, registrations


async def test_a_template_is_created_listed_and_shown(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(shop.keys["live"])
    made = await client.post("/v1/templates", json=NOTICE, headers=headers)
    assert made.status_code == 201
    body = made.json()
    assert (body["code"], body["version"], body["simulated"]) == ("order_shipped", 1, False)
    assert body["body"]["buttons"] == NOTICE["buttons"]
    assert [(r["account"], r["mode"], r["state"]) for r in body["registrations"]] == [
        ("sandbox", "sandbox", "draft"),
        ("live", "live", "draft"),
    ]
    await approve(runtime, shop)
    shown = (await client.get("/v1/templates/order_shipped", headers=headers)).json()
    assert {r["state"] for r in shown["registrations"]} == {"approved"}
    assert all(r["detail"] and r["detail_ko"] for r in shown["registrations"])
    listed = (await client.get("/v1/templates", headers=headers)).json()
    assert listed == {"simulated": False, "items": [shown], "next": None}


async def test_the_same_again_is_200_and_other_content_409(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    headers = bearer(shop.keys["live"])
    first = await client.post("/v1/templates", json=NOTICE, headers=headers)
    again = await client.post("/v1/templates", json=NOTICE, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await client.post("/v1/templates", json=NOTICE | {"name": "다른"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "template_exists")


async def test_a_test_key_never_reaches_a_live_account(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(shop.keys["test"])
    made = (await client.post("/v1/templates", json=NOTICE, headers=headers)).json()
    assert made["simulated"] is True
    assert [r["mode"] for r in made["registrations"]] == ["sandbox"]
    assert len(await registrations(runtime, shop)) == 1
    live = bearer(shop.keys["live"])
    await client.post("/v1/templates", json=NOTICE, headers=live)
    assert len(await registrations(runtime, shop)) == 2
    shown = (await client.get("/v1/templates/order_shipped", headers=headers)).json()
    assert [r["mode"] for r in shown["registrations"]] == ["sandbox"]


async def test_every_finding_is_answered(client: httpx.AsyncClient, shop: Shop) -> None:
    bad = NOTICE | {"name": "", "colour": "red"}
    answer = await client.post("/v1/templates", json=bad, headers=bearer(shop.keys["test"]))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "template_invalid"
    assert problem["simulated"] is True
    assert {"name", "colour"} == {found["field"] for found in problem["data"]["findings"]}


async def test_a_reader_may_not_write(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(await key_with(runtime, shop, "test", "templates:read"))
    refused = await client.post("/v1/templates", json=NOTICE, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert refused.json()["data"]["scope"] == "templates:write"
    assert (await client.get("/v1/templates", headers=headers)).status_code == 200


async def test_pages_follow_each_other(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["test"])
    codes = [f"t{i}" for i in range(5)]
    for code in codes:
        await client.post("/v1/templates", json=NOTICE | {"code": code}, headers=headers)
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/templates", params=params, headers=headers)).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (codes, None)


async def test_a_draft_is_replaced_and_deleted(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(shop.keys["test"])
    path, draft = "/v1/templates/order_shipped", NOTICE | {"content": "초안"}
    await client.post("/v1/templates?submit=false", json=draft, headers=headers)
    put = await client.put(f"{path}?submit=false", json=NOTICE, headers=headers)
    assert (put.status_code, put.json()["version"], put.json()["submitted"]) == (200, 1, False)
    other = await client.put(path, json=NOTICE | {"code": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "code_is_fixed")
    bad = await client.put(path, json=NOTICE | {"name": ""}, headers=headers)
    assert (bad.status_code, bad.json()["code"]) == (422, "template_invalid")
    gone = await client.delete(path, headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get(path, headers=headers)).status_code == 404
    absent = await client.put(path, json=NOTICE, headers=headers)
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_template")


async def test_a_submitted_one_is_deleted_at_its_provider_first(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    headers = bearer(shop.keys["test"])
    await client.post("/v1/templates", json=NOTICE, headers=headers)
    asked = await client.delete("/v1/templates/order_shipped", headers=headers)
    assert asked.status_code == 202
    assert [r["waiting"] for r in asked.json()["registrations"]] == ["delete"]
    await approve(runtime, shop)
    refused = await client.delete("/v1/templates/order_shipped", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "template_in_use")
    assert "/stop" in refused.json()["detail"]

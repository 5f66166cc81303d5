"""Senders over HTTP."""

import httpx

from tests.app.api.shop import Shop, bearer


async def test_a_sender_is_added_and_listed(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["live"])
    new = {
        "account_id": str(shop.accounts["live"].id),
        "kind": "sms",
        "value": "02-312-3456",
        "name": "고객센터",
        "proof": "box 12",
    }
    made = await client.post("/v1/senders", json=new, headers=headers)
    assert made.status_code == 201
    assert made.json()["value"] == "023123456"
    again = await client.post("/v1/senders", json=new, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "sender_exists")
    listed = (await client.get("/v1/senders", headers=headers)).json()["items"]
    assert listed[-1] == made.json()
    assert len(listed) == 6


async def test_a_caller_number_must_have_a_form(client: httpx.AsyncClient, shop: Shop) -> None:
    new = {"account_id": str(shop.accounts["live"].id), "kind": "sms", "value": "010-1234-5678"}
    answer = await client.post("/v1/senders", json=new, headers=bearer(shop.keys["live"]))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "bad_caller_number")
    assert problem["field"] == "value"


async def test_a_test_key_sees_the_sandbox_only(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["test"])
    listed = (await client.get("/v1/senders", headers=headers)).json()
    seen = {one["account_id"] for one in listed["items"]}
    assert seen == {str(shop.accounts[name].id) for name in ("sandbox", "chat")}
    new = {"account_id": str(shop.accounts["live"].id), "kind": "sms", "value": "02-312-3456"}
    answer = await client.post("/v1/senders", json=new, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")


async def test_what_no_one_can_see_is_no_name(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["live"]) | {"Content-Type": "application/json"}
    account = str(shop.accounts["live"].id)
    for hidden in ("\\u0000", "\\n", "\\ud800"):
        body = f'{{"account_id":"{account}","kind":"sms","value":"02-312-3456","name":"a{hidden}"}}'
        answer = await client.post("/v1/senders", content=body, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, "name")
    assert (await client.get("/v1/templates/%00", headers=headers)).status_code == 404

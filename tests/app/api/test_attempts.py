"""Parked attempts over HTTP: listed page by page, and requeued once."""

import httpx
import pytest

from app.services.runtime import Runtime
from tests.app.api.shop import bearer
from tests.app.api.tenants import World, build


@pytest.fixture
async def world(runtime: Runtime, client: httpx.AsyncClient) -> World:
    return await build(runtime, client)


async def test_a_parked_attempt_is_listed_and_requeued_once(
    world: World, client: httpx.AsyncClient
) -> None:
    headers, ids = bearer(world.key("sandbox")), world.ids["sandbox"]
    listed = (await client.get("/v1/attempts/parked", headers=headers)).json()
    (item,) = listed["items"]
    assert (item["id"], item["message_id"]) == (ids["attempt_id"], ids["message_id"])
    assert (item["route"], item["simulated"], listed["next"]) == ("alimtalk", True, None)
    path = f"/v1/attempts/{item['id']}/requeue"
    done = await client.post(path, headers=headers)
    assert (done.status_code, done.json()["status"]) == (200, "queued")
    again = await client.post(path, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "not_parked")
    assert (await client.get("/v1/attempts/parked", headers=headers)).json()["items"] == []


async def test_a_list_has_pages(world: World, client: httpx.AsyncClient) -> None:
    headers = bearer(world.key("live"))
    page = await client.get("/v1/attempts/parked", params={"limit": 1}, headers=headers)
    assert [one["id"] for one in page.json()["items"]] == [world.ids["live"]["attempt_id"]]
    bad = await client.get("/v1/attempts/parked", params={"cursor": "?"}, headers=headers)
    assert bad.status_code == 400

"""The tenant matrix's rows of people and devices, and what their requests are aimed at."""

from typing import Any

import httpx

from app.services import accounts, senders
from app.services.credentials import NewAccount
from tests.app.api.rows import Row, listing
from tests.app.api.shop import bearer
from tests.service_accounts import key_file

APP = "com.example.shop"
ROWS: dict[str, Row] = {
    "GET /v1/people": listing("people:read"),
    # a reference is each caller's own word: others make people of their own under it
    "PUT /v1/people/{person}": Row("people:write", 200, 200, 200, body={"name": "나루"}),
    "GET /v1/people/{person}": Row("people:read"),
    "DELETE /v1/people/{person}": Row("people:write"),
    "POST /v1/people/{person}/devices": Row("people:write", 201, body={"address": "{unique}"}),
    "GET /v1/devices/{device_id}": Row("people:read"),
    "PUT /v1/devices/{device_id}/address": Row("people:write", body={"address": "{unique}"}),
    "DELETE /v1/devices/{device_id}": Row("people:write"),
}


async def add_app(runtime: Any, workspace_id: Any, mode: str) -> None:
    """An account that pushes to one app."""
    new = NewAccount(
        name=f"push {mode}", adapter="fcm", mode=mode, credentials={"service_account": key_file()}
    )
    async with runtime.database.write() as tx:
        account, _ = await accounts.add(tx, runtime, workspace_id, new)
        await senders.add(tx, account, senders.NewSender(kind="push", value=APP))


async def add_person(world: Any, client: httpx.AsyncClient, mode: str) -> None:
    await add_app(world.runtime, world.shop.workspace_id, mode)
    headers, path = bearer(world.key(mode)), f"/v1/people/person-{mode}"
    made = await client.put(path, json={"number": "010-0000-1001"}, headers=headers)
    assert made.status_code == 200, made.text
    added = await client.post(f"{path}/devices", json={"address": f"fid-{mode}"}, headers=headers)
    assert added.status_code == 201, added.text
    world.ids[mode] |= {"person": f"person-{mode}", "device_id": added.json()["id"]}

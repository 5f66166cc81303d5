"""The tenant matrix's table: one row per route, and the world its requests are aimed at."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlmodel import col, select, update

from app.db.models import Attempt, Case, ChatMessage, ReceiptInbox, Thread
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.ids import new_id
from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from channels import outlet
from channels.contract import Adapter
from scheduler.inbound import apply_due
from tests.app.api import desk_rows, hub_rows, people_rows
from tests.app.api.consult_rows import CONSULT, SHARED, add_staffing
from tests.app.api.rows import Row, hearing, listing, shared
from tests.app.api.shop import HUB, NHN, NOTICE, Shop, approve, bearer, open_shop
from tests.photos import jpeg

MODES = ("sandbox", "live")
KIND = {"sandbox": "test", "live": "live"}
ACCOUNT = {"name": "{unique}", "adapter": "nhn", "mode": "sandbox", "credentials": NHN}
SENDER = {"account_id": "{account_id}", "kind": "sms", "value": "02-312-3456"}
ONE = {"to": "010-0000-1001", "variables": {"이름": "가", "상품": "나"}}
NEW, BATCH = {"template": "{code}", **ONE}, {"template": "{code}", "messages": [ONE]}
HOOK = {"url": "https://93.184.215.14/hook"}  # a number: no name server is asked
BOT = {"name": "{unique}", "rules": '[menus.start]\ntext = "안녕하세요"'}
VOICE = {**ONE, "template": "{code}", "menu": "배송", "call_id": "c1"}


ROWS: dict[str, Row] = CONSULT | {
    # templates and pictures: they have no mode, their registrations have
    "GET /v1/templates": listing("templates:read"),
    "POST /v1/templates": Row("templates:write", 201, 201, 201, body=NOTICE | {"code": "{unique}"}),
    "POST /v1/templates/lint": Row("templates:read", 200, 200, 200, body=NOTICE),
    "GET /v1/templates/{code}": shared("templates:read"),
    "GET /v1/templates/{code}/versions": shared("templates:read"),
    "GET /v1/templates/{code}/versions/{number}": shared("templates:read"),
    "PUT /v1/templates/{code}": shared("templates:write", body=NOTICE),
    # it is approved, and live: a test key may neither stop nor delete it
    "DELETE /v1/templates/{code}": shared("templates:write", 409),
    "POST /v1/templates/{code}/submit": shared("templates:write"),
    "POST /v1/templates/{code}/sync": shared("templates:write"),
    "POST /v1/templates/{code}/comments": shared("templates:write", 409, {"text": "네"}),
    "POST /v1/templates/{code}/withdraw": shared("templates:write", 409),
    "POST /v1/templates/{code}/release": shared("templates:write", 409),
    "POST /v1/templates/{code}/stop": shared("templates:write", 409),
    "POST /v1/templates/{code}/resume": shared("templates:write", 409),
    "GET /v1/pictures": listing("templates:read"),
    "PUT /v1/pictures/{name}": Row("templates:write", 400, 400, 400, body={}),  # no picture
    "GET /v1/pictures/{name}": shared("templates:read"),
    "GET /v1/pictures/{name}/data": shared("templates:read"),
    "DELETE /v1/pictures/{name}": shared("templates:write"),
    # accounts and senders
    "GET /v1/accounts": listing("admin"),
    "POST /v1/accounts": Row("admin", 201, 201, 201, body=ACCOUNT),
    "POST /v1/accounts/{account_id}/check": Row("admin"),
    "GET /v1/senders": listing("admin"),
    "POST /v1/senders": Row("admin", 201, body=SENDER),
    # messages
    "POST /v1/messages": Row("messages:write", 202, 422, 202, body=NEW),
    "POST /v1/messages/batch": Row("messages:write", 202, 422, 202, body=BATCH),
    "POST /v1/messages/preview": Row("messages:write", 200, 422, 200, body=NEW),
    "POST /v1/messages/batch/preview": Row("messages:write", 200, 422, 200, body=BATCH),
    "GET /v1/messages/export": listing(
        "messages:read", "from=2026-01-01&to=2026-01-31&format=jsonl&trailer=true"
    ),
    "GET /v1/messages": listing("messages:read"),
    "GET /v1/stats": listing("messages:read", "from=2026-11-01&to=2026-11-30"),
    "GET /v1/messages/{message_id}": Row("messages:read"),
    "GET /v1/messages/{message_id}/timeline": Row("messages:read"),
    "POST /v1/messages/{message_id}/acknowledge": Row("messages:write", 409),
    "POST /v1/messages/{message_id}/cancel": Row("messages:write"),
    "POST /v1/messages/{message_id}/resend": Row("messages:write", 409, body={}),
    "GET /v1/attempts/parked": listing("messages:read"),
    "POST /v1/attempts/{attempt_id}/requeue": Row("messages:write"),
    # receipts without a message
    "GET /v1/receipts/unmatched": listing("messages:read"),
    "POST /v1/receipts/unmatched/{receipt_id}/retry": Row("messages:write", 202),
    # campaigns
    "POST /v1/campaigns": Row(
        "messages:write", 201, 422, 201, body={"name": "11월", "template": "{code}"}
    ),
    "GET /v1/campaigns": listing("messages:read"),
    "GET /v1/campaigns/{campaign_id}": Row("messages:read"),
    "PUT /v1/campaigns/{campaign_id}/rows": Row("messages:write", 400, body={}),  # not a list
    "GET /v1/campaigns/{campaign_id}/mistakes": Row("messages:read"),
    "POST /v1/campaigns/{campaign_id}/start": Row("messages:write", 409, body={}),
    "POST /v1/campaigns/{campaign_id}/pause": Row("messages:write", 409),
    "POST /v1/campaigns/{campaign_id}/resume": Row("messages:write", 409),
    "POST /v1/campaigns/{campaign_id}/cancel": Row("messages:write"),
    # events: each caller hears what its scopes let it read
    "GET /v1/events": hearing("limit=500"),
    "GET /v1/events/stream": hearing("after=0&for_s=0"),
    # bots: they have no mode
    "GET /v1/consultations/bots": listing("admin"),
    "POST /v1/consultations/bots": Row("admin", 201, 201, 201, body=BOT),
    "GET /v1/consultations/bots/{bot_id}": shared("admin"),
    "PUT /v1/consultations/bots/{bot_id}": shared("admin", body={"state": "active"}),
    "POST /v1/consultations/bots/{bot_id}/try": shared("admin", body={"utterance": "네"}),
    "POST /v1/hooks/ars": Row("messages:write", 422, 422, 422, body=VOICE),  # it has no button
    # webhooks
    "GET /v1/webhooks": listing("admin"),
    "POST /v1/webhooks": Row("admin", 201, 201, 201, body=HOOK),
    "GET /v1/webhooks/{webhook_id}": Row("admin"),
    "DELETE /v1/webhooks/{webhook_id}": Row("admin"),
    "POST /v1/webhooks/{webhook_id}/rotate": Row("admin"),
    "POST /v1/webhooks/{webhook_id}/enable": Row("admin"),
    "POST /v1/webhooks/{webhook_id}/test": Row("admin", 202),
    "GET /v1/webhooks/{webhook_id}/deliveries": Row("admin"),
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": Row("admin", 202),
    "POST /v1/webhooks/{webhook_id}/replay": Row("admin", 202, body={"since": "{now}"}),
    **desk_rows.ROWS,
    **people_rows.ROWS,
    **hub_rows.ROWS,
}
MADE = {
    "POST /v1/messages": "message_id",
    "POST /v1/campaigns": "campaign_id",
    "POST /v1/consultations/bots": "bot_id",
}


@dataclass
class World:
    """A workspace with one of everything in both modes, and one that has nothing but keys."""

    runtime: Runtime
    shop: Shop
    stranger: dict[str, str] = field(default_factory=dict)  # keys by mode
    ids: dict[str, dict[str, str]] = field(default_factory=dict)  # by mode, by name
    made: int = 0

    def request(self, route: str, mode: str) -> tuple[str, str, Any]:
        """Method, path and body of a route, aimed at this workspace's objects of one mode."""
        method, path = route.split(" ")
        self.made += 1
        row = ROWS[route]
        path = path.format_map(self.ids[mode]) + (f"?{row.query}" if row.query else "")
        return method, path, self._filled(row.body, mode)

    def _filled(self, value: Any, mode: str) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one, mode) for name, one in value.items()}
        if isinstance(value, str) and value.startswith("{"):
            return value.format(**self.ids[mode], unique=f"unique-{self.made}")
        return value

    def key(self, mode: str) -> str:
        """The owner's key with every scope."""
        return self.shop.keys[KIND[mode]]

    def live_ids(self) -> set[str]:
        """Ids that no test key may ever see."""
        names = set(self.ids["live"]) - {"code", "name", "number", "bot_id", "person"}
        names -= {*SHARED, *desk_rows.SHARED}
        return {self.ids["live"][name] for name in names}


async def build(runtime: Runtime, client: httpx.AsyncClient) -> World:
    """Make the world, through the API where that is possible."""
    world = World(runtime, await open_shop(runtime))
    async with runtime.database.write() as tx:
        await _live_chat(tx, world)
        other = (await workspaces.create(tx, "stranger")).id
        for mode in MODES:
            _, world.stranger[mode] = await keys.create(
                tx, runtime.sealer, other, KIND[mode], mode, SCOPES
            )
    world.shop.accounts["chat sandbox"] = world.shop.accounts["chat"]
    world.shop.secrets["chat sandbox"] = world.shop.secrets["chat"]
    made = await client.post("/v1/templates", json=NOTICE, headers=bearer(world.key("live")))
    assert made.status_code == 201
    await approve(runtime, world.shop)
    for mode in MODES:
        own = {"code": NOTICE["code"], "number": "1", "name": f"{mode}.jpg"}
        world.ids[mode] = own | {"account_id": str(world.shop.accounts[mode].id)}
        path = f"/v1/pictures/{mode}.jpg"
        await client.put(path, content=jpeg(), headers=bearer(world.key(mode)))
        for add in (_add_made, _add_chat, _add_webhook, _add_receipt):
            await add(world, client, mode)
        await _add_parked(world, mode)
        await desk_rows.add_file(world, client, mode)
        await people_rows.add_person(world, client, mode)
    await desk_rows.add_words(world, client)
    return world


async def _live_chat(tx: Tx, world: World) -> None:
    shop = world.shop
    new = NewAccount(name="chat live", adapter="consult", mode="live", credentials=HUB)
    account, secret = await accounts.add(tx, world.runtime, shop.workspace_id, new)
    shop.accounts["chat live"], shop.secrets["chat live"] = account, secret
    await senders.add(tx, account, senders.NewSender(kind="chat", value="key-shop-chat"))


async def _add_made(world: World, client: httpx.AsyncClient, mode: str) -> None:
    """What the API itself makes of the row's body."""
    for route, name in MADE.items():
        method, path, body = world.request(route, mode)
        made = await client.request(method, path, json=body, headers=bearer(world.key(mode)))
        assert made.status_code == ROWS[route].own, made.text
        world.ids[mode][name] = made.json()["id"]


async def _add_webhook(world: World, client: httpx.AsyncClient, mode: str) -> None:
    headers = bearer(world.key(mode))
    made = await client.post("/v1/webhooks", json=HOOK, headers=headers)
    world.ids[mode]["webhook_id"] = made.json()["id"]
    sent = await client.post(f"/v1/webhooks/{made.json()['id']}/test", headers=headers)
    world.ids[mode] |= {"delivery_id": sent.json()["id"], "now": clock().isoformat()}


async def _add_receipt(world: World, client: httpx.AsyncClient, mode: str) -> None:
    """A callback in no documented form, found so by the scheduler."""
    account, secret = (getattr(world.shop, part)[mode] for part in ("accounts", "secrets"))
    taken = await client.post(f"/callbacks/nhn/{account.id}/{secret}", content=b"{}")
    assert taken.status_code == 200, taken.text
    async with world.runtime.database.write() as tx:
        row = update(ReceiptInbox).where(col(ReceiptInbox.account_id) == account.id)
        await tx.session.exec(row.values(error="BadCallback"))
        query = select(ReceiptInbox.id).where(col(ReceiptInbox.account_id) == account.id)
        world.ids[mode]["receipt_id"] = str((await tx.session.exec(query)).one())


async def _add_parked(world: World, mode: str) -> None:
    """A copy of the message's attempt, laid aside."""
    async with world.runtime.database.write() as tx:
        query = select(Attempt).where(
            col(Attempt.message_id) == UUID(world.ids[mode]["message_id"])
        )
        first = (await tx.session.exec(query)).one()
        parked = Attempt(**first.model_dump() | {"id": new_id(), "n": 2, "lot_id": None})
        tx.session.add(parked)
    world.ids[mode]["attempt_id"] = str(parked.id)


async def _add_chat(world: World, client: httpx.AsyncClient, mode: str) -> None:
    """A customer writes; the scheduler's part is done here."""
    account, secret = (
        getattr(world.shop, part)[f"chat {mode}"] for part in ("accounts", "secrets")
    )
    said = {
        "user_key": f"customer-{mode}"[:20],
        "sender_key": "key-shop-chat",
        "serial_number": "s1",
        "type": "text",
        "content": "안녕하세요",
    }
    path = f"/callbacks/consult/{account.id}/{secret}/message"
    taken = await client.post(path, content=orjson.dumps(said))
    assert taken.status_code == 200, taken.text
    async with outlet.connect() as outside:

        def adapters(one: Any) -> Adapter:
            return accounts.adapter_of(world.runtime, one, outside)

        await apply_due(world.runtime, adapters)
    async with world.runtime.database.read() as session:
        thread_id, case_id, line_id = (
            await session.exec(
                select(Thread.id, Case.id, ChatMessage.id)
                .join(Case, col(Case.thread_id) == col(Thread.id))
                .join(ChatMessage, col(ChatMessage.thread_id) == col(Thread.id))
                .where(col(Thread.account_id) == account.id)
            )
        ).one()
    found = {"thread_id": thread_id, "case_id": case_id, "line_id": line_id}
    world.ids[mode] |= {name: str(value) for name, value in found.items()}
    world.ids[mode] |= await add_staffing(world.runtime, account)

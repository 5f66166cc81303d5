"""What a round runs on: one workspace, one provider account of the class, one approved template."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.db import schema
from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import open_runtime
from app.services.senders import NewSender
from tests.crash.ledger import Rule
from tests.journeys.town import CALLER_NUMBER, NHN_CREDENTIALS, Town, ready

NAME = "나루 상점"
MIGRATING = asyncio.Lock()  # one migration at a time in one process
BATCH = 25
SETTLE_S = 3.0
DATABASES = ("sqlite", "postgres")
# class → what the relay promises (None: NHN, which can be looked up), the template's when_unknown,
# what may become of a lost answer
CLASSES: Mapping[str, tuple[dict[str, str] | None, str, Rule]] = {
    "look_up": (None, "hold", Rule.RESOLVED),
    "dedupe": ({"idempotency": "dedupe", "dedupe_ttl_s": "600"}, "hold", Rule.RESOLVED),
    "blind_hold": ({"idempotency": "blind"}, "hold", Rule.HOLD),
    "blind_resend": ({"idempotency": "blind"}, "resend", Rule.RESEND),
}


@dataclass(frozen=True)
class Variant:
    """One database and one class of route."""

    database: str
    kind: str  # of CLASSES

    def __str__(self) -> str:
        return f"{self.database} x {self.kind}"

    @property
    def rule(self) -> Rule:
        """What may become of a lost answer."""
        return CLASSES[self.kind][2]

    def template(self) -> dict[str, Any]:
        """Alimtalk, then SMS; the order number is how a copy is recognised on a phone."""
        return {
            "code": "order_test",
            "name": "주문 안내",
            "content": "[나루상점] 주문번호 #{주문번호} 상품이 출발했습니다.",
            "plan": [{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}],
            "when_unknown": CLASSES[self.kind][1],
        }

    async def settle_in(self, place: Town) -> None:
        """Migrate, make workspace, key, account and senders, and tell the sandbox of them."""
        promise = CLASSES[self.kind][0]
        given = _nhn() if promise is None else _relay(promise)
        adapter = "nhn" if promise is None else "relay"
        url = await _account(place, adapter, given)
        await ready(place.http, f"{place.sandbox_url}/health/ready", place.processes["sandbox"])
        channel = {"sender_key": place.sender_key, "channel_id": "@naru", "name": NAME}
        side: dict[str, Any] = {"senders": [channel], "caller_numbers": [CALLER_NUMBER]}
        if promise is None:
            side |= {**given, "webhook_url": url}
            await place.desk("PUT", f"/accounts/nhn/{side.pop('app_key')}", json=side)
        else:
            side |= {name: given[name] for name in ("signing_secret", "idempotency")}
            side["callback_url"] = f"{url}/results"
            await place.desk("PUT", f"/accounts/relay/{given['key']}", json=side)


def _nhn() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in NHN_CREDENTIALS}


def _relay(promise: Mapping[str, str]) -> dict[str, str]:
    return {"key": secrets.token_hex(16), "signing_secret": secrets.token_hex(16), **promise}


async def _account(place: Town, adapter: str, given: dict[str, str]) -> str:
    """Everything on our side; the address callbacks of the account come to."""
    async with open_runtime(place.settings()) as runtime:
        async with MIGRATING:
            await schema.migrate(runtime.database)
        async with runtime.database.write() as tx:
            shop = await workspaces.create(tx, NAME)
            _, place.key = await keys.create(tx, runtime.sealer, shop.id, "test", "test", SCOPES)
            new = NewAccount(
                name=adapter, adapter=adapter, mode="sandbox", credentials=given,
                batch=BATCH, settle_s=SETTLE_S,
            )  # fmt: skip
            account, _ = await accounts.add(tx, runtime, shop.id, new)
            for kind, value in (("alimtalk", place.sender_key), ("sms", CALLER_NUMBER)):
                await senders.add(tx, account, NewSender(kind=kind, value=value, name=NAME))
        return accounts.callback_url(runtime, account)

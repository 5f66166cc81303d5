"""A workspace with accounts, senders, keys and a template: what most API tests start from."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col, select, update

from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.db.session import Tx
from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import Runtime

NHN = {"app_key": "ak", "secret_key": "sk", "sms_app_key": "sak", "sms_secret_key": "ssk"}
HUB = {"client_id": "id", "client_secret": "cs", "hub_url": "https://hub.example"}
NOTICE: dict[str, Any] = {
    "code": "order_shipped",
    "name": "배송 시작",
    "content": "#{이름}님, 주문하신 #{상품}의 배송이 시작되었습니다.",
    "buttons": [{"kind": "DS", "name": "배송 조회"}],
}


@dataclass
class Shop:
    """One workspace; ``keys`` by kind have every scope, ``secrets`` are callback secrets."""

    workspace_id: UUID
    accounts: dict[str, ProviderAccount] = field(default_factory=dict)
    senders: dict[str, Sender] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


async def open_shop(runtime: Runtime, name: str = "shop") -> Shop:
    """A workspace with an NHN account per mode, a chat account, their senders, and keys."""
    async with runtime.database.write() as tx:
        shop = Shop((await workspaces.create(tx, name)).id)
        for mode in ("sandbox", "live"):
            await _add_account(tx, runtime, shop, mode, "nhn", NHN)
            await _add_sender(tx, shop, mode, "alimtalk", f"key-{name}-{mode}")
            await _add_sender(tx, shop, mode, "sms", "1588-1234")
        await _add_account(tx, runtime, shop, "chat", "consult", HUB)
        await _add_sender(tx, shop, "chat", "chat", f"key-{name}-chat")
        for kind in ("test", "live"):
            _, shop.keys[kind] = await keys.create(
                tx, runtime.sealer, shop.workspace_id, kind, kind, SCOPES
            )
    return shop


async def key_with(runtime: Runtime, shop: Shop, kind: str, *scopes: str) -> str:
    """The plain text of one more key."""
    async with runtime.database.write() as tx:
        _, plain = await keys.create(tx, runtime.sealer, shop.workspace_id, kind, "more", scopes)
    return plain


async def approve(runtime: Runtime, shop: Shop) -> None:
    """Every template of the workspace becomes approved everywhere, as a review would do it."""
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration)
            .where(col(TemplateRegistration.workspace_id) == shop.workspace_id)
            .values(inspection="approved", usage="normal", action="", due_at=None)
        )


async def registrations(runtime: Runtime, shop: Shop) -> list[TemplateRegistration]:
    """All of them, the oldest first."""
    async with runtime.database.read() as session:
        found = await session.exec(
            select(TemplateRegistration)
            .where(col(TemplateRegistration.workspace_id) == shop.workspace_id)
            .order_by(col(TemplateRegistration.id))
        )
        return list(found)


async def _add_account(
    tx: Tx, runtime: Runtime, shop: Shop, name: str, adapter: str, given: dict[str, str]
) -> None:
    mode = "live" if name == "live" else "sandbox"
    new = NewAccount(name=name, adapter=adapter, mode=mode, credentials=given)
    account, secret = await accounts.add(tx, runtime, shop.workspace_id, new)
    shop.accounts[name], shop.secrets[name] = account, secret


async def _add_sender(tx: Tx, shop: Shop, account: str, kind: str, value: str) -> None:
    new = senders.NewSender(kind=kind, value=value)
    shop.senders[f"{account} {kind}"] = await senders.add(tx, shop.accounts[account], new)

"""An account that carries pushes: what its callback address takes, and how it is added."""

from typing import Any

import httpx
import orjson
import pytest
from sqlmodel import select

from app.db.models import ReceiptInbox
from app.errors import Invalid
from app.services import accounts
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.service_accounts import key_file


def account(**changed: Any) -> NewAccount:
    given = {"service_account": key_file(**changed)}
    return NewAccount(name="app", adapter="fcm", mode="sandbox", credentials=given)


@pytest.mark.parametrize("kind", ["", "/app", "/receipts"])
async def test_nobody_reports_by_the_callback_address(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop, kind: str
) -> None:
    """Google calls nobody back, and what apps say is checked at an address of its own."""
    async with runtime.database.write() as tx:
        added, secret = await accounts.add(tx, runtime, shop.workspace_id, account())
    body = [{"ref": "0" * 26, "what": "acknowledged", "at": "2026-11-27T00:00:00+00:00"}]
    path = f"/callbacks/fcm/{added.id}/{secret}{kind}"
    answer = await client.post(path, content=orjson.dumps(body))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_callback")
    async with runtime.database.read() as session:
        assert list(await session.exec(select(ReceiptInbox))) == []


async def test_a_broken_key_file_is_refused_with_the_name_of_its_field(
    runtime: Runtime, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        with pytest.raises(Invalid) as refused:
            await accounts.add(tx, runtime, shop.workspace_id, account(private_key="x"))
    assert refused.value.code == "bad_credential"
    assert refused.value.field == "credentials.service_account"
    assert "service_account.private_key" in refused.value.detail

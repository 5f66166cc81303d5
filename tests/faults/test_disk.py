"""SQLite says that the disk is full: what was promised is kept, and goes on when there is room."""

from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db.models import Message, ReceiptInbox
from app.services.runtime import Runtime
from channels.contract import Answer, Call
from scheduler.recovery import look_up_unknown, recover_leases
from tests.app.api.shop import bearer
from tests.engine import engine, past_due
from tests.faults.shop import BODY, approved_shop, count, serving

NUMBERS = [f"0101234{i:04d}" for i in range(60)]


@pytest.fixture
def app_settings(tmp_path: Path, migrated: Path) -> Settings:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "naru.db").write_bytes(migrated.read_bytes())
    return Settings(data=folder, database_url="")


async def fill(runtime: Runtime, *, full: bool = True) -> None:
    """Let the file grow no further: SQLite then answers as on a full disk (SQLITE_FULL)."""
    async with runtime.database._writer.connect() as conn:
        pages = (await conn.execute(text("PRAGMA page_count"))).scalar_one()
        await conn.execute(text(f"PRAGMA max_page_count = {pages if full else 1_000_000_000}"))
        await conn.rollback()


async def test_full_while_it_accepts(app_settings: Settings, runtime: Runtime) -> None:
    """B04: 503 with Retry-After; exactly what was answered with 202 is stored."""
    shop = await approved_shop(runtime)
    headers = bearer(shop.keys["test"])
    callback = f"/callbacks/nhn/{shop.accounts['sandbox'].id}/{shop.secrets['sandbox']}"
    async with serving(app_settings) as (app, client):

        async def post(i: int) -> httpx.Response:
            named = {**headers, "Idempotency-Key": f"order-{i}"}
            return await client.post("/v1/messages", json=BODY, headers=named)

        await fill(app.state.runtime)
        answers = [await post(i) for i in range(40)]
        kept = [a for a in answers if a.status_code == 202]
        refused = [a for a in answers if a.status_code != 202]
        assert refused, "it was never full"
        assert {(a.status_code, a.json()["code"]) for a in refused} == {(503, "store_unavailable")}
        assert all(int(a.headers["Retry-After"]) > 0 for a in refused)
        assert await count(runtime, Message) == len(kept)
        said = [await client.post(callback, content=b'{"n": %d}' % i) for i in range(200)]
        assert {a.status_code for a in said} <= {200, 503}
        assert await count(runtime, ReceiptInbox) == sum(a.status_code == 200 for a in said)
        await fill(app.state.runtime, full=False)
        again = [await post(i) for i in range(40)]
        assert {a.status_code for a in again} == {202}
    assert await count(runtime, Message) == 40


@pytest.mark.parametrize("moment", ["before", "while it sends"])
async def test_full_while_it_sends(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """B04: nothing leaves whose row could not be written; what left is found by a look-up (R1)."""
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS)
    send = eng.provider.send

    async def then_full(call: Call) -> Answer:
        answer = await send(call)
        await fill(runtime)
        return answer

    if moment == "before":
        await fill(runtime)
    with monkeypatch.context() as patch:
        if moment != "before":
            patch.setattr(eng.provider, "send", then_full)
        with pytest.raises((SQLAlchemyError, BaseExceptionGroup)):
            await eng.run()
    sent = sum(eng.provider.people.values())
    assert sent == (0 if moment == "before" else len(NUMBERS))
    await fill(runtime, full=False)
    for _ in range(2):
        await past_due(eng)
        async with runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
        await recover_leases(runtime, eng.lanes)
        await past_due(eng)
        await look_up_unknown(runtime, eng.lanes)
        await eng.run()
    assert eng.provider.people == Counter(NUMBERS)
    assert {(await eng.message(i)).status for i in ids} == {"sent"}

"""Campaigns on PostgreSQL: several schedulers at once, cancelled in between, leftovers removed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import Settings
from app.db.models.fields import now as clock
from app.services import campaigns, expansion, export, progress, uploads
from app.services.export import Export
from app.services.runtime import open_runtime
from scheduler.campaigns import Campaigns
from tests import stores
from tests.app.services.lists_of import (
    HEADING,
    campaign,
    chunks,
    expand,
    fill,
    make,
    messages,
    mistakes,
    references,
    rows,
    running,
)
from tests.app.services.test_counters import sums_of
from tests.engine import Engine, engine

pytestmark = pytest.mark.long  # kills of real processes take their time


async def test_a_campaign_on_postgresql(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "CHUNK", 5)
    async with open_runtime(Settings(data=tmp_path, database_url=postgres)) as runtime:
        await stores.migrate(runtime.database)
        eng = await engine(runtime)
        await several_schedulers(eng)
        await cancelled_between(eng)
        await leftovers(eng)


async def several_schedulers(eng: Engine) -> None:
    id_ = await running(eng, HEADING + rows(60))
    await asyncio.gather(expand(eng), expand(eng), expand(eng), eng.run())
    await eng.run()
    assert sorted(references(await messages(eng)), key=str) == [
        f"R-{i}" for i in range(20_000_000, 20_000_060)
    ]
    assert (await campaign(eng, id_)).state == "done"
    assert set(eng.provider.people.values()) == {1}
    assert (await sums_of(eng))["sandbox.accepted"] == 60
    asked = Export(clock() - timedelta(hours=1), clock() + timedelta(hours=1))
    exported = [row async for page in export.pages(eng.runtime, eng.caller, asked) for row in page]
    assert {row["campaign_id"] for row in exported} == {str(id_)}
    assert len(exported) == 60


async def cancelled_between(eng: Engine) -> None:
    id_ = await running(eng, HEADING + rows(30, 100))
    turns = Campaigns(eng.runtime)
    await turns.turn()
    async with eng.runtime.database.write() as tx:
        await campaigns.cancel(tx, eng.caller, id_)
    await expand(eng)
    async with eng.runtime.database.read() as session:
        found = await campaigns.find(session, eng.caller, id_)
        shown = await progress.show(session, found, clock())
    assert (shown["accepted"], shown["ends"]["cancelled"], shown["open"]) == (5, 5, 0)


async def leftovers(eng: Engine) -> None:
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(7) + "1,a,\n")
    kept = await fill(eng, id_, HEADING + rows(9) + "2,a,\n")
    later = clock() + timedelta(hours=7)
    assert await expansion.forget(eng.runtime, later, limit=3) == 12 + 6 + 2
    assert {(chunk.upload, chunk.rows) for chunk in await chunks(eng)} == {
        (kept.id, 5),
        (kept.id, 4),
    }
    assert len(await mistakes(eng)) == 1

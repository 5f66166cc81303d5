"""The same promises on PostgreSQL, where schedulers and people really write at the same time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.config import Settings
from app.errors import GatewayError
from app.services import removal, reviews
from app.services.runtime import open_runtime
from scheduler.review import review_due
from tests import stores
from tests.review_desk import CODE, Desk, Office, open_office


@pytest.fixture
async def office(tmp_path: Path, postgres: str) -> AsyncIterator[Office]:
    desk = Desk()
    settings = Settings(data=tmp_path / "var", database_url=postgres)
    async with (
        open_runtime(settings) as runtime,
        httpx.AsyncClient(transport=httpx.MockTransport(desk.answer)) as client,
    ):
        await stores.migrate(runtime.database)
        yield await open_office(runtime, desk, client)


async def test_people_and_schedulers_do_not_wait_crosswise(office: Office) -> None:
    """Edits, stops, looks and a deletion at once: no deadlock, each thing once, and one end."""
    await office.create()
    await asyncio.gather(*(review_due(office.runtime, office.client) for _ in range(4)))
    assert office.desk.asked == [("submit", CODE)]
    office.desk.judge("rejected")
    await office.turn()

    async def stop(on: bool) -> None:
        await office.do(reviews.stop if on else reviews.resume)

    for round_ in range(3):
        await asyncio.gather(
            *(office.put(content=f"{round_} {i}번째") for i in range(3)),
            *(review_due(office.runtime, office.client) for _ in range(2)),
            *(stop(on) for on in (True, False, True)),
        )
        await office.turn(2)
        for code, row in office.desk.known.items():
            if row["inspection"] == "in_review":
                office.desk.judge("rejected", code)
        await office.turn()
    stored = await office.get()
    assert [one.version.number for one in stored.versions] == list(range(10, 0, -1))
    asked = await asyncio.gather(
        *(office.do(removal.remove) for _ in range(3)),
        office.put(content="또"),
        return_exceptions=True,
    )
    wrong = [one for one in asked if isinstance(one, BaseException)]
    assert all(isinstance(one, GatewayError) for one in wrong), wrong
    for _ in range(4):
        await asyncio.gather(*(review_due(office.runtime, office.client) for _ in range(2)))
        if await office.is_there():
            await office.turn()
            for code in list(office.desk.known):
                office.desk.judge("rejected", code)
            await office.turn()
            await office.do(removal.remove)
    assert not await office.is_there()
    assert office.desk.known == {}

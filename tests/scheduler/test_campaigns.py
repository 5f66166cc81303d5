"""K09: the real process is killed in the middle of a list; nothing is lost, nothing is doubled."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from app.db.models import Campaign
from app.services import uploads
from app.services.runtime import Runtime
from tests.app.services.lists_of import (
    HEADING,
    campaign,
    chunks,
    messages,
    references,
    rows,
    running,
)
from tests.engine import Engine, engine

pytestmark = pytest.mark.long  # kills of real processes take their time

ROOT = Path(__file__).parents[2]


async def scheduler(runtime: Runtime, **more: str) -> asyncio.subprocess.Process:
    """``python -m scheduler`` on the test's store."""
    environment = os.environ | {"NARU_DATA": str(runtime.settings.data), "NARU_DATABASE_URL": ""}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scheduler", cwd=ROOT, env=environment | more,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def until(eng: Engine, id_: UUID, happened: Callable[[Campaign], bool]) -> None:
    while not happened(await campaign(eng, id_)):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.02)


async def test_killed_in_the_middle_it_goes_on_at_the_chunk(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice right before the commit of a chunk, then at random moments, then left alone."""
    monkeypatch.setattr(uploads, "CHUNK", 20)
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(1_000))
    for kill in (1, 3):
        process = await scheduler(runtime, NARU_CRASH_AT=f"K09:{kill}")
        async with asyncio.timeout(30):
            assert await process.wait() == -signal.SIGKILL
        states = Counter(chunk.state for chunk in await chunks(eng))
        assert len(await messages(eng)) == 20 * states["done"] < 1_000
    process = await scheduler(runtime)
    async with asyncio.timeout(60):
        await until(eng, id_, lambda found: found.accepted >= 300)
        process.kill()
        await process.wait()
        assert 300 <= len(await messages(eng)) < 1_000
        process = await scheduler(runtime)
        await until(eng, id_, lambda found: found.state == "done")
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    made = references(await messages(eng))
    assert made == [f"R-{i}" for i in range(20_000_000, 20_001_000)]
    assert (await campaign(eng, id_)).accepted == 1_000

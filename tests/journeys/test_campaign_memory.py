"""I01: lists of any length through the real processes, whose memory stays small and flat."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import update

from app.db.models import ProviderAccount
from app.services import templates
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, approve, bearer, open_shop
from tests.journeys.town import ROOT, free_port

ROWS = int(os.environ.get("NARU_TEST_ROWS", "20000"))
MEGABYTE = 1 << 20
# the real scheduler, but for its patience with accounts that do not send: all rows become messages
PATIENT = (
    "from app.services import expansion; expansion.MOST_QUEUED = 10**9; "
    "from scheduler.__main__ import main; main()"
)


class Peak:
    """The most memory a process was seen to hold for itself, which would be free without it.

    Pages of libraries are not in it: the kernel may drop and read them again.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.bytes = 0

    async def watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, self._process.memory_full_info().uss)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def process(runtime: Runtime, *words: str, **more: str) -> AsyncIterator[Peak]:
    """A process on the test's store, watched while it works."""
    environment = os.environ | {"NARU_DATA": str(runtime.settings.data), "NARU_DATABASE_URL": ""}
    started = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, env=environment | more,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    peak = Peak(started.pid)
    watching = asyncio.create_task(peak.watch())
    try:
        if "NARU_PORT" in more:
            await answers(f"http://127.0.0.1:{more['NARU_PORT']}/health/live")
        yield peak
    finally:
        watching.cancel()
        started.terminate()
        await started.wait()


async def answers(url: str) -> None:
    """Wait until somebody does."""
    async with asyncio.timeout(30), httpx.AsyncClient() as http:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(0.05)


def scattered(i: int) -> str:
    """Eight digits, another for every row, all over the range."""
    return f"{i * 48_271 % 10**8:08d}"


async def people(count: int) -> AsyncIterator[bytes]:
    """A list nobody holds whole either: about 80 bytes a row."""
    yield "to,reference,이름,상품,비고\n".encode()
    for start in range(0, count, 500):
        lines = (
            f"010-{scattered(i)},R-{i},김나루{i},들기름 {i},비고란\n"
            for i in range(start, min(start + 500, count))
        )
        yield "".join(lines).encode()


async def prepare(runtime: Runtime) -> str:
    """A shop with an approved template, whose account sends nothing; its test key."""
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE)
        await tx.session.exec(update(ProviderAccount).values(state="paused"))
    await approve(runtime, shop)
    return shop.keys["test"]


async def upload(api: httpx.AsyncClient, count: int) -> str:
    """A campaign with that many rows; its path."""
    made = await api.post("/v1/campaigns", json={"name": "big", "template": "order_shipped"})
    path = f"/v1/campaigns/{made.json()['id']}"
    began = time.monotonic()
    told = await api.put(
        f"{path}/rows", content=people(count), headers={"Content-Type": "text/csv"}, timeout=900
    )
    assert told.status_code == 200, told.text
    assert (told.json()["rows"], told.json()["refused"]) == (count, 0)
    print(f"{count:,} rows in {time.monotonic() - began:.1f} s")  # noqa: T201 - a figure
    return path


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_ten_times_the_rows_need_no_more_memory(runtime: Runtime) -> None:
    key, port = await prepare(runtime), free_port()
    async with (
        process(runtime, "-m", "app", NARU_PORT=str(port)) as app,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=bearer(key)) as api,
    ):
        await upload(api, 10_000)
        small = app.bytes
        await upload(api, 100_000)
        assert app.bytes < 150 * MEGABYTE
        assert app.bytes - small < 15 * MEGABYTE


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_the_whole_way_of_a_list(runtime: Runtime) -> None:
    """Read, checked, kept, and made into messages; ``NARU_TEST_ROWS=1000000`` for a million."""
    key, port = await prepare(runtime), free_port()
    async with (
        process(runtime, "-m", "app", NARU_PORT=str(port)) as app,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=bearer(key)) as api,
    ):
        path = await upload(api, ROWS)
        print(f"app: {app.bytes / MEGABYTE:.0f} MB")  # noqa: T201 - a figure
        assert app.bytes < 150 * MEGABYTE
        async with process(runtime, "-c", PATIENT) as scheduler:
            await api.post(f"{path}/start")
            began, told, first = time.monotonic(), await show(api, path), 0
            while told["state"] == "running":
                await asyncio.sleep(1)
                told = await show(api, path)
                first = first or (told["accepted"] and scheduler.bytes)  # after the first chunks
            assert (told["state"], told["accepted"]) == ("done", ROWS), told
            taken = time.monotonic() - began
            seen = f"{first / MEGABYTE:.0f} to {scheduler.bytes / MEGABYTE:.0f} MB"
            print(f"scheduler: {seen}, {taken:.0f} s")  # noqa: T201 - a figure
            assert scheduler.bytes < 150 * MEGABYTE
            assert scheduler.bytes - first < 12 * MEGABYTE
        assert app.bytes < 150 * MEGABYTE


async def show(api: httpx.AsyncClient, path: str) -> dict[str, Any]:
    told: dict[str, Any] = (await api.get(path)).json()
    return told

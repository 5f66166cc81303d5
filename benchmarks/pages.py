"""How long the sandbox takes to make its pages when a hundred thousand messages have come."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import httpx

from benchmarks.end_to_end import AT_NHN, CODE, recipient
from benchmarks.harness import Benchmark, Measures
from sandbox.accounts import Channel, NhnKeys, put_nhn
from sandbox.delivery import deliver_due
from sandbox.main import create_app
from sandbox.moves import act
from sandbox.nhn.checks import check_full
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.reviews import get_template, register
from sandbox.store import Store

MESSAGES, AT_ONCE, TO_ONE = 100_000, 10_000, 5
KEY, APP = "p" * 40, "pages"
BUSY = "01000001001"  # gets every hundredth
TIMES = 15
PAGES = {"wall": "/", "phone": f"/phones/{BUSY}", "desk": "/desk"}


def fill(store: Store, messages: int) -> None:
    """Notices on phones, five on most and a thousand on one."""
    put_nhn(store, NhnKeys(APP, "s", "", "", "", ""), [Channel(KEY, "@pages", "나루상점")], [])
    register(store, KEY, AT_NHN)
    template = get_template(store, KEY, CODE)
    assert template
    act(store, template, "approve")
    store.change_settings({"result_delay_s": 0})
    for first in range(0, messages, AT_ONCE):
        drafts = [draft(n) for n in range(first, min(first + AT_ONCE, messages))]
        take(store, Batch(APP, "chat", "alimtalk", KEY, f"R{first}"), drafts, refused=0)
        while deliver_due(store):
            pass


def draft(n: int) -> Draft:
    """The n-th, checked as one that came over HTTP."""
    number = BUSY if n % 100 == 0 else recipient(n // TO_ONE)["recipientNo"]
    checked = check_full(AT_NHN, n + 1, {**recipient(n), "recipientNo": number})
    assert isinstance(checked, Draft)
    return checked


def measure(folder: Path, messages: int = MESSAGES) -> Measures:
    """Milliseconds of each page, the median of some times, without a network."""
    app = create_app(folder / "sandbox.db")
    store: Store = app.state.store
    try:
        fill(store, messages)
        return asyncio.run(_times(httpx.ASGITransport(app)))
    finally:
        store.close()


async def _times(transport: httpx.ASGITransport) -> Measures:
    async with httpx.AsyncClient(transport=transport, base_url="http://pages.test") as client:
        return {name: await _time(client, path) for name, path in PAGES.items()}


async def _time(client: httpx.AsyncClient, path: str) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text[:300]
    return statistics.median(times)


BENCHMARKS = [
    Benchmark(
        key="sandbox_page_ms",
        says=f"making a page of the sandbox after {MESSAGES:,} messages, the slowest of three",
        unit="ms",
        sides={"pages": measure},
        value=lambda measures: max(measures.values()),
    )
]

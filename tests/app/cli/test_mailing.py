"""Sending a list to the real application, over a way that loses things."""

import asyncio
import csv
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from app.cli import lists, mailing
from app.cli.api import Api
from app.cli.failures import Failed
from app.config import Settings
from app.db.models import Message
from app.main import create_app
from app.services import templates
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, open_shop

Fault = Callable[[httpx.Request, httpx.Response], httpx.Response]
QUICK_S = 5.0


class Road(httpx.AsyncBaseTransport):
    """The way to the application; ``fault`` may spoil the first answer to every row."""

    def __init__(self, inner: httpx.AsyncBaseTransport, fault: Fault | None) -> None:
        self.inner, self.fault = inner, fault
        self.seen: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        key = request.headers.get("Idempotency-Key", "")
        self.seen[key] += 1
        if self.fault is not None and self.seen[key] == 1:
            return self.fault(request, answer)
        return answer


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    made = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, made.workspace_id, NOTICE)
    await approve(runtime, made)
    return made


@asynccontextmanager
async def road(
    settings: Settings, key: str, fault: Fault | None = None
) -> AsyncIterator[tuple[Api, Road]]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        way = Road(httpx.ASGITransport(app), fault)
        async with httpx.AsyncClient(
            transport=way, base_url="http://naru", headers={"Authorization": f"Bearer {key}"}
        ) as client:
            yield Api(client), way


def write(tmp_path: Path, rows: Sequence[str]) -> lists.Layout:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["to,이름,상품,reference", *rows]) + "\n", "utf-8")
    return lists.open_list(path, None, None)


def people(count: int) -> list[str]:
    return [f"0101234{number:04},손님 {number},책,R-{number}" for number in range(count)]


async def run(
    api: Api, layout: lists.Layout, patience_s: float = QUICK_S
) -> tuple[Counter[str], list[list[str]]]:
    counts: Counter[str] = Counter()
    path = layout.path.with_name("list.csv.refused.csv")
    ticks = 0

    def tell() -> None:
        nonlocal ticks
        ticks += 1

    with mailing.RefusedRows(path) as refused:
        send = mailing.sender(api, "order_shipped", patience_s)
        rows = lists.recipients(layout, ["이름", "상품"])
        await mailing.mail(rows, send, counts, refused, tell)
    assert ticks == counts.total()
    if not path.exists():
        return counts, []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return counts, list(csv.reader(file))


async def references(runtime: Runtime) -> Counter[str | None]:
    async with runtime.database.read() as session:
        return Counter(await session.exec(select(col(Message.reference))))


async def test_every_row_is_accepted_once_however_often_it_runs(
    app_settings: Settings, runtime: Runtime, shop: Shop, tmp_path: Path
) -> None:
    layout = write(tmp_path, people(100))
    async with road(app_settings, shop.keys["test"]) as (api, _):
        assert await run(api, layout) == (Counter(accepted=100), [])
        assert await run(api, layout) == (Counter(replayed=100), [])
    assert await references(runtime) == Counter(f"R-{number}" for number in range(100))


@pytest.mark.long
async def test_a_killed_run_goes_on_where_it_was(
    app_settings: Settings, runtime: Runtime, shop: Shop, tmp_path: Path
) -> None:
    layout = write(tmp_path, people(300))
    counts: Counter[str] = Counter()
    async with road(app_settings, shop.keys["test"]) as (api, _):
        with mailing.RefusedRows(tmp_path / "refused.csv") as refused:
            send = mailing.sender(api, "order_shipped", QUICK_S)
            rows = lists.recipients(layout, ["이름", "상품"])
            enough = asyncio.Event()

            def tell() -> None:
                if counts["accepted"] >= 20:
                    enough.set()

            task = asyncio.create_task(mailing.mail(rows, send, counts, refused, tell))
            await enough.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert counts["accepted"] < 300
        again, _ = await run(api, layout)
        assert again.total() == 300
        assert again["replayed"] >= counts["accepted"]
    assert await references(runtime) == Counter(f"R-{number}" for number in range(300))


def _lost(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    raise httpx.ReadError("the answer was lost", request=request)


def _busy(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return httpx.Response(429, json={"code": "slow_down", "detail": "…"}, request=request)


def _broken(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return httpx.Response(502, text="<html>", request=request)


@pytest.mark.parametrize("fault", [_lost, _busy, _broken])
async def test_what_was_not_answered_is_asked_again_with_the_same_key(
    app_settings: Settings, runtime: Runtime, shop: Shop, tmp_path: Path, fault: Fault
) -> None:
    async with road(app_settings, shop.keys["test"], fault) as (api, way):
        counts, _ = await run(api, write(tmp_path, people(20)))
        assert counts == Counter(replayed=20)  # the first try had been accepted
        assert set(way.seen.values()) == {2}
    assert await references(runtime) == Counter(f"R-{number}" for number in range(20))


async def test_retry_after_is_kept(app_settings: Settings, shop: Shop, tmp_path: Path) -> None:
    def later(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(503, headers={"Retry-After": "1"}, json={}, request=request)

    began = asyncio.get_running_loop().time()
    async with road(app_settings, shop.keys["test"], later) as (api, _):
        counts, _ = await run(api, write(tmp_path, people(1)))
    assert counts.total() == 1
    assert asyncio.get_running_loop().time() - began >= 1.0


async def test_refused_rows_are_written_down(
    app_settings: Settings, runtime: Runtime, shop: Shop, tmp_path: Path
) -> None:
    rows = ["12,누구,책,R-0", *people(3)[1:], f"01012349999,{'가' * 2000},책,R-9"]
    async with road(app_settings, shop.keys["test"]) as (api, _):
        counts, refused = await run(api, write(tmp_path, rows))
        assert counts == Counter(accepted=2, refused=2)
        assert refused[0] == ["row", "code", "field", "detail"]
        assert sorted(line[0] for line in refused[1:]) == ["2", "5"]
        assert {line[1] for line in refused[1:] if line[0] == "2"} == {"bad_number"}
        # mended: nothing refused any more, and no old report is left
        counts, refused = await run(api, write(tmp_path, people(3)[1:]))
        assert (counts, refused) == (Counter(replayed=2), [])
    assert set(await references(runtime)) == {"R-1", "R-2"}


async def test_what_concerns_every_row_ends_the_run(
    app_settings: Settings, runtime: Runtime, shop: Shop, tmp_path: Path
) -> None:
    layout = write(tmp_path, people(200))
    async with road(app_settings, "naru_test_000000000000." + "x" * 43) as (api, way):
        with pytest.raises(Failed, match="bad_api_key"):
            await run(api, layout)
        assert way.seen.total() <= mailing.AT_ONCE
    async with road(app_settings, shop.keys["test"]) as (api, way):
        with pytest.raises(Failed, match="unknown_template"):
            await mailing.mail(
                lists.recipients(layout, []),
                mailing.sender(api, "no_such", QUICK_S),
                Counter(),
                mailing.RefusedRows(tmp_path / "refused.csv"),
                lambda: None,
            )
        assert way.seen.total() <= mailing.AT_ONCE
    assert not await references(runtime)


async def test_patience_ends(shop: Shop, tmp_path: Path) -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as client:
        with pytest.raises(Failed, match="nobody gets it twice"):
            await run(Api(client), write(tmp_path, people(3)), patience_s=0.3)

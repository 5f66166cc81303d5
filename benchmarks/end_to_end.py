"""How fast messages go all the way, through real processes, and what the sandbox takes of it.

Accepted in batches over the API, dispatched in lots through the NHN adapter to the sandbox, their
results back as webhooks, every one durably `delivered`. In the same round the same sandbox process
is asked alone what it takes: it shall not be what bounds the gateway.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil
from sqlalchemy import func
from sqlmodel import col, select

from app.config import Settings
from app.db.models import Message
from app.db.session import Database
from benchmarks import intake
from benchmarks.harness import Absent, Benchmark, Number
from tests.journeys.town import Town, approve, town
from tests.storm.cluster import cluster

MESSAGES = 30_000
BATCH = 1_000  # of a request to us, of a lot and of a request to the provider
LIMITS: Mapping[str, Any] = {
    "batch": BATCH,
    "deadline_s": 30.0,
    "settle_s": 120.0,
}  # a live account's at NHN
PATIENCE_S = 600.0  # a loaded machine is slow, not wrong
POLLS = ("receipt_poll_s", "review_poll_s")  # a town is more eager than the product
CODE = "bench_order"
CONTENT = (
    "[나루상점] 주문하신 상품이 출발했습니다.\n\n주문번호: #{주문번호}\n상품명: #{상품명}\n"
    "택배사: #{택배사}\n송장번호: #{송장번호}\n\n배송 조회는 아래 버튼에서 하실 수 있습니다."
)
LINK = "https://shop.example/orders/#{주문번호}"
TEMPLATE = {
    "code": CODE,
    "name": "출고 안내",
    "content": CONTENT,
    "buttons": [{"kind": "WL", "name": "주문 보기", "url_mobile": LINK}],
}
AT_NHN = {
    "templateCode": CODE,
    "templateName": "출고 안내",
    "templateContent": CONTENT,
    "buttons": [{"ordering": 1, "type": "WL", "name": "주문 보기", "linkMo": LINK}],
}
OURS = ("app", "scheduler", "sandbox")


def values(n: int) -> dict[str, str]:
    """Of the n-th order."""
    return {
        "주문번호": f"A-{n:06d}",
        "상품명": "국산 들기름 500ml 2병",
        "택배사": "한진택배",
        "송장번호": f"6{n:011d}",
    }


def number(prefix: int, n: int) -> str:
    """The n-th person's; none of the sandbox's magic endings."""
    return f"010{prefix + n // 5000:04d}{4000 + n % 5000:04d}"


def recipient(n: int) -> dict[str, Any]:
    """The n-th as the NHN adapter writes it."""
    text, link = CONTENT, LINK
    for name, value in values(n).items():
        text, link = (one.replace(f"#{{{name}}}", value) for one in (text, link))
    return {
        "recipientNo": number(6000, n),
        "content": text,
        "resendParameter": {"isResend": False},
        "recipientGroupingKey": f"bench-{n:012d}",
        "buttons": [{"ordering": 1, "type": "WL", "name": "주문 보기", "linkMo": link}],
    }


def batches(count: int, first: int = 0) -> list[bytes]:
    """Requests to our API, ready to leave."""
    return [
        orjson.dumps(
            {
                "template": CODE,
                "messages": [
                    {"to": number(2000, n), "variables": values(n), "reference": f"A-{n:06d}"}
                    for n in range(start, min(start + BATCH, first + count))
                ],
            }
        )
        for start in range(first, first + count, BATCH)
    ]


async def send(place: Town, database: Database, requests: list[bytes], wanted: int) -> float:
    """Have all accepted and wait until `wanted` messages are delivered; how many seconds."""
    began = time.perf_counter()
    for body in requests:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"b-{hash(body)}"}
        answer = await place.api("POST", "/v1/messages/batch", content=body, headers=headers)
        assert answer.status_code == 202, answer.text[:300]
    delivered = select(func.count()).where(col(Message.status) == "delivered")
    while True:
        async with database.read() as session:
            found = int(await session.scalar(delivered) or 0)
        if found >= wanted:
            return time.perf_counter() - began
        assert time.perf_counter() - began < PATIENCE_S, f"{found} of {wanted} delivered"
        await asyncio.sleep(0.1)


def busy(pid: int) -> float:
    """Seconds of processor a process and its children have used."""
    top = psutil.Process(pid)
    times = [top.cpu_times(), *(child.cpu_times() for child in top.children(recursive=True))]
    reaped = times[0].children_user + times[0].children_system
    return float(sum(one.user + one.system for one in times) + reaped)


async def one_round(
    folder: Path, messages: int, database_url: str = "", server: int | None = None
) -> Mapping[str, float]:
    """Start everything, measure the whole way, then the sandbox alone."""
    async with (
        town(folder, database_url=database_url, scheduler=False, **LIMITS) as place,
        intake.sink() as webhook_url,
    ):
        fields = Settings.model_fields
        shipped = {f"NARU_{name.upper()}": str(fields[name].default) for name in POLLS}
        place.start("scheduler", **shipped)
        await approve(place, TEMPLATE)
        await intake.settle_in(place, AT_NHN, webhook_url)
        database = Database(place.settings().database, folder)
        try:
            return await _measure(place, database, messages, server)
        finally:
            await database.close()


async def _measure(
    place: Town, database: Database, messages: int, server: int | None
) -> Mapping[str, float]:
    await send(place, database, batches(BATCH), BATCH)  # everything is loaded and compiled
    await intake.take(place, intake.bodies(BATCH, CODE, recipient))
    pids = {name: place.processes[name].pid for name in OURS}
    pids |= {"PostgreSQL": server} if server else {}
    requests = batches(messages, first=BATCH)
    before = {name: busy(pid) for name, pid in pids.items()}
    took_s = await send(place, database, requests, BATCH + messages)
    used = {name: busy(pid) - before[name] for name, pid in pids.items()}
    arrived = (await place.desk("GET", "/counters"))["arrived"]
    wanted = {"chat": messages + 2 * BATCH, "sms": 0, "push": 0}
    assert arrived == wanted, arrived  # none lost, none twice
    alone = await intake.take(place, intake.bodies(messages, CODE, recipient, first=BATCH))
    return {
        "end to end, messages/s": messages / took_s,
        "sandbox alone, accepted/s": alone.accepted,
        "sandbox alone, settled/s": alone.settled,
        **{f"CPU of {name}, us/message": used[name] / messages * 1e6 for name in pids},
    }


def rate(measures: Mapping[str, float]) -> float:
    """All the way."""
    return measures["end to end, messages/s"]


def sandbox_share(measures: Mapping[str, float]) -> float:
    """Of the processor that all of ours, and the database server, used on the way."""
    used = {name: figure for name, figure in measures.items() if name.startswith("CPU of ")}
    return used["CPU of sandbox, us/message"] / sum(used.values())


def intake_over(measures: Mapping[str, float]) -> float:
    """What the sandbox settles alone over what went all the way."""
    return measures["sandbox alone, settled/s"] / rate(measures)


def on_sqlite(messages: int) -> Callable[[Path], Mapping[str, float]]:
    """The side of a machine without a database server."""
    return lambda folder: asyncio.run(one_round(folder, messages))


def on_postgres(messages: int) -> Callable[[Path], Mapping[str, float]]:
    """The side with a PostgreSQL of its own, which writes to the disk before it says so."""

    def side(folder: Path) -> Mapping[str, float]:
        with postgres_server() as (url, pid):
            return asyncio.run(one_round(folder, messages, url, pid))

    return side


@contextmanager
def postgres_server() -> Iterator[tuple[str, int]]:
    """Address and process of a new PostgreSQL. Raises Absent where there is none."""
    started = cluster()
    try:
        own = started.__enter__()
    except (OSError, LookupError, RuntimeError) as problem:
        raise Absent(f"no PostgreSQL: {problem}") from None
    try:
        yield own.url, int((own.data / "postmaster.pid").read_text().split("\n", 1)[0])
    finally:
        started.__exit__(None, None, None)


def benchmarks(messages: int = MESSAGES) -> list[Benchmark]:
    """One of each database; each round takes both measurements, one after the other."""
    about = f"{messages:,} messages accepted, dispatched, delivered, receipts and all, a second"
    made = {"": ("SQLite", on_sqlite), "_postgres": ("PostgreSQL", on_postgres)}
    return [
        Benchmark(
            key=f"e2e{suffix}_messages_per_s",
            says=f"{about}, on {database}",
            unit="",
            sides={database: side(messages)},
            value=rate,
            more={
                f"sandbox_intake_over_e2e{suffix}": Number(intake_over, at_least=2),
                f"sandbox_cpu_share{suffix}": Number(sandbox_share),
            },
        )
        for suffix, (database, side) in made.items()
    ]


BENCHMARKS = benchmarks()

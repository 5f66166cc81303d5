"""A thousand orders while processes die: every customer gets exactly one notice.

Counted at the phones, over chat and SMS together. The run is only good when the kills really left
open calls behind and some attempt was unknown until a look-up resolved it.
"""

import asyncio
import csv
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app.db.models import Attempt, Call, Event, Message
from app.db.session import Database
from tests.journeys.town import ROOT, Town, approve, town

ORDERS = 1_000
MAGIC = ("3019", "3020", "3005", "0504", "0008")
POINTS = ("K03:1", "K04:1", "K05:1", "K06:2")
RANDOM_KILLS = 3
TEMPLATE = {
    "code": "order_test",
    "name": "주문 안내",
    "content": "[나루상점] 주문번호 #{주문번호} 상품이 출발했습니다.",
}
ORDER = re.compile(r"A-\d{6}")


def write_orders(path: Path) -> dict[str, str]:
    """1,000 rows, a tenth of them on magic numbers; order number → phone."""
    # no plain number may end like a magic one
    numbers = [f"0102{i:03d}7{i:03d}" for i in range(ORDERS)]
    for i in range(0, ORDERS, 10):
        numbers[i] = f"0103{i:03d}{MAGIC[i // 10 % len(MAGIC)]}"
    assert len(set(numbers)) == ORDERS
    orders = {f"A-{i:06d}": number for i, number in enumerate(numbers)}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["to", "주문번호", "reference"])
        rows.writerows([number, order, order] for order, number in orders.items())
    return orders


def send_csv(place: Town, path: Path) -> subprocess.Popen[bytes]:
    """``naru send --csv`` as its own process."""
    with (place.folder / "cli.log").open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "app.cli", "send", "--csv", str(path)),
                *("--template", TEMPLATE["code"], "--url", place.app_url, "--key", place.key),
            ],
            cwd=ROOT,
            env=place.environment,
            stdout=log,
            stderr=log,
        )


async def ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    """The exit code of a process that must end in time."""
    end = time.monotonic() + seconds
    while process.poll() is None:
        assert time.monotonic() < end, "still running"
        await asyncio.sleep(0.02)
    return int(process.returncode)


async def open_calls(database: Database) -> int:
    """Calls whose process died before it could write their end."""
    async with database.read() as session:
        return int(
            await session.scalar(select(func.count()).where(col(Call.ended_at).is_(None))) or 0
        )


async def all_ended(place: Town, database: Database) -> Counter[str]:
    """Switch phones on until nothing is under way any more; how many messages ended how."""
    end = time.monotonic() + 90
    while True:
        async with database.read() as session:
            rows = await session.exec(
                select(Message.status, func.count()).group_by(col(Message.status))
            )
            states = Counter(dict(rows.all()))
        if states["delivered"] + states["failed"] == ORDERS:
            return states
        await place.desk("POST", "/phones/on")  # also those whose notice left only now
        assert time.monotonic() < end, f"{states}\n{place.log('scheduler')[-4000:]}"
        await asyncio.sleep(0.5)


async def kill_at_every_point(place: Town, database: Database, orders: Path) -> list[int]:
    """Kill the scheduler at each named point, then at random, and the CLI once.

    How many calls each kill left open.
    """
    dice = random.Random(112)
    left_open = []
    cli = send_csv(place, orders)
    await asyncio.sleep(1.5)
    for point in POINTS:
        dying = place.start("scheduler", NARU_CRASH_AT=point)
        assert await ended(dying, 30) == -9, f"{point}\n{place.log('scheduler')[-3000:]}"
        left_open.append(await open_calls(database))
        if cli.poll() is None:
            cli.kill()
            cli.wait()
    again = send_csv(place, orders)
    for _ in range(RANDOM_KILLS):
        place.start("scheduler")
        await asyncio.sleep(dice.uniform(1.5, 3.5))
        place.kill("scheduler")
        left_open.append(await open_calls(database))
    place.start("scheduler")
    assert await ended(again, 60) == 0, (place.folder / "cli.log").read_text()[-2000:]
    return left_open


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_exactly_one_each(tmp_path: Path, database_url: str) -> None:
    """K03, K04, K05, K06, K09: those, random kills, and one of the CLI: one notice per order."""
    orders = write_orders(tmp_path / "orders.csv")
    async with town(tmp_path, database_url=database_url, batch=25) as place:
        await approve(place, TEMPLATE)
        await place.desk("PATCH", "/settings", json={"answer_delay_s": 0.3})
        place.kill("scheduler")
        database = Database(place.settings().database, tmp_path)
        left_open = await kill_at_every_point(place, database, tmp_path / "orders.csv")
        states = await all_ended(place, database)
        arrived = Counter(
            (row["number"], found.group())
            for row in await place.received()
            if (found := ORDER.search(row["text"]))
        )
        assert arrived == Counter({(number, order): 1 for order, number in orders.items()})
        assert states["delivered"] == ORDERS
        assert max(left_open) > 0, "no kill left an open call: nothing was tested"
        await _unknown_was_resolved(database)
        await database.close()


async def _unknown_was_resolved(database: Database) -> None:
    async with database.read() as session:
        kinds = await session.exec(
            select(Event.kind, func.count())
            .where(col(Event.kind).in_(["attempt.unknown", "attempt.absent", "attempt.accepted"]))
            .group_by(col(Event.kind))
        )
        counts = dict(kinds.all())
        looked_up = await session.scalar(
            select(func.count()).where(
                col(Event.kind) == "attempt.accepted", col(Event.data).contains("looked_up")
            )
        )
        stuck = await session.scalar(
            select(func.count()).where(col(Attempt.status).in_(["unknown", "sending"]))
        )
    assert counts.get("attempt.unknown", 0) > 0
    assert (looked_up or 0) > 0, "no unknown attempt was found by a look-up"
    assert counts.get("attempt.absent", 0) > 0, "none was found absent and sent again"
    assert stuck == 0

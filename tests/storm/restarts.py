"""PostgreSQL dies again and again under load: nothing is lost, nothing doubled, nobody helps.

A shop sends one order at a time under a key of its own and repeats what was refused with 503 or
cut off. Any other answer, a 503 without Retry-After, and a process that ended are failures.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.db.session import Database
from tests.journeys.town import Town, approve, town
from tests.storm import ledger
from tests.storm.cluster import Cluster
from tests.storm.orders import TEMPLATE, Book, Order, make_orders
from tests.storm.report import say

SENDERS = 12
PROBLEM = "application/problem+json"
PATIENCE_S = 120.0
MOST_ORDERS = 200_000


@dataclass(frozen=True)
class Storm:
    """`rate`: orders a second; `apart_s`: from one restart to the next, at least and at most."""

    restarts: int = 30
    rate: float = 60.0
    apart_s: tuple[float, float] = (2.0, 5.0)
    seed: int = 1


@dataclass
class Shop:
    """Sends until told to stop, then finishes what it has begun."""

    place: Town
    rate: float
    book: Book = field(default_factory=Book)
    answers: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)  # what a caller should never hear
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, orders: list[Order]) -> None:
        """One after the other, at its share of the rate."""
        for order in orders:
            began = time.monotonic()
            await self.send(order)
            if self.closing.is_set():
                return
            await asyncio.sleep(max(0.0, began + SENDERS / self.rate - time.monotonic()))

    async def send(self, order: Order) -> None:
        """Until it is promised; then it is looked at once."""
        body = {
            "template": TEMPLATE["code"],
            "to": order.number,
            "variables": {"주문번호": order.code},
            "reference": order.code,
        }
        key = {"Idempotency-Key": f"storm-{order.code}"}
        answer = await self._ask("POST", "/v1/messages", 202, json=body, headers=key)
        self.book.keep(order, answer.json()["id"])
        await self._ask("GET", f"/v1/messages/{answer.json()['id']}", 200)

    async def _ask(self, method: str, path: str, wanted: int, **more: Any) -> httpx.Response:
        while True:
            try:
                answer = await self.place.api(method, path, **more)
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
                await asyncio.sleep(0.3)
                continue
            self.answers[str(answer.status_code)] += 1
            if answer.status_code == wanted:
                return answer
            if not _is_later(answer):
                self.odd[f"{method} {answer.status_code} {answer.text[:200]}"] += 1
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))


def _is_later(answer: httpx.Response) -> bool:
    """Whether an answer is the documented "come again": 503, or a repeat while the first runs."""
    if answer.headers.get("Content-Type") != PROBLEM or "Retry-After" not in answer.headers:
        return False
    in_use = answer.status_code == 409 and answer.json()["code"] == "idempotency_key_in_use"
    return in_use or answer.status_code == 503


async def weather(folder: Path, own: Cluster, storm: Storm) -> dict[str, Any]:
    """Run it in a folder of its own; the figures."""
    began = time.monotonic()
    async with town(folder, database_url=own.url, batch=100) as place:
        await approve(place, TEMPLATE)
        await place.desk("PATCH", "/settings", json={"answer_delay_s": 0.2})
        shop = Shop(place, storm.rate)
        orders = make_orders(MOST_ORDERS, 0.01)
        async with asyncio.TaskGroup() as group:
            for i in range(SENDERS):
                group.create_task(shop.work(orders[i::SENDERS]))
            await _restart(own, storm)
            shop.closing.set()
        calm_s = time.monotonic() - began
        database = Database(place.settings().database, folder)
        try:
            await ledger.until_ended(database, len(shop.book.promised), PATIENCE_S, say)
            ended_s = time.monotonic() - began
            found = await ledger.balance(place, database, shop.book)
        finally:
            await database.close()
        gone = [name for name, process in place.processes.items() if process.poll() is not None]
    figures = found.figures()
    return {
        **figures,
        "exact": figures["exact"] and not shop.odd and not gone,
        "restarts": storm.restarts,
        "answers": dict(shop.answers),
        "odd": dict(shop.odd.most_common(10)),
        "ended_processes": gone,
        "after_last_restart_s": round(ended_s - calm_s, 1),
        "seconds": round(ended_s, 1),
        "wrong": {"lost": found.lost[:20], "doubled": found.doubled[:20]},
    }


async def _restart(own: Cluster, storm: Storm) -> None:
    dice = random.Random(storm.seed)
    for turn in range(1, storm.restarts + 1):
        await asyncio.sleep(dice.uniform(*storm.apart_s))
        began = time.monotonic()
        await asyncio.to_thread(own.restart_at_once)
        say(f"restart {turn} of {storm.restarts}, {time.monotonic() - began:.1f} s")

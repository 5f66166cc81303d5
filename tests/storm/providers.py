"""Providers that time out, fail and babble: every message still arrives exactly once.

30 % of the calls hear nothing (half of them were taken), 10 % get a status from 500 (half taken),
5 % get garbage (half taken); results come twice and in any order.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.db.session import Database
from tests.journeys.town import approve, town
from tests.storm import ledger
from tests.storm.orders import TEMPLATE, Book, make_orders, send_in_batches
from tests.storm.report import say

CALLS: Sequence[tuple[float, dict[str, Any]]] = (
    (0.15, {"effect": "timeout_before"}),
    (0.15, {"effect": "timeout_after"}),
    (0.05, {"effect": "http_status", "status": 503, "accepted": False}),
    (0.05, {"effect": "http_status", "status": 502, "accepted": True}),
    (0.025, {"effect": "garbage", "accepted": False}),
    (0.025, {"effect": "garbage", "accepted": True}),
)
RESULTS: Sequence[dict[str, Any]] = (
    {"effect": "receipt_duplicate", "probability": 0.2, "times": 2, "seconds": 2},
    {"effect": "receipt_shuffle", "seconds": 2},
)
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Storm:
    """`off_kakao`: share of the people an SMS must reach. `batch`: recipients of a request."""

    messages: int = 50_000
    batch: int = 100
    off_kakao: float = 0.01
    seed: int = 1


def rules() -> list[dict[str, Any]]:
    """As the dial wants them: each rule sees only what the earlier ones have left."""
    left, made = 1.0, []
    for share, rule in CALLS:
        made.append({**rule, "probability": share / left})
        left -= share
    return [*made, *RESULTS]


async def weather(folder: Path, database_url: str, storm: Storm) -> dict[str, Any]:
    """Run it in a folder of its own; the figures."""
    began = time.monotonic()
    book = Book()
    async with town(folder, database_url=database_url, batch=storm.batch) as place:
        await approve(place, TEMPLATE)
        await place.desk("PUT", "/chaos", json={"seed": storm.seed, "rules": rules()})
        database = Database(place.settings().database, folder)
        try:
            orders = make_orders(storm.messages, storm.off_kakao)
            await send_in_batches(place, orders, book)
            accepted_s = time.monotonic() - began
            await ledger.until_ended(database, len(orders), PATIENCE_S, say)
            ended_s = time.monotonic() - began
            found = await ledger.balance(place, database, book)
        finally:
            await database.close()
        dial = await place.desk("GET", "/chaos")
    return {
        **found.figures(),
        "batch": storm.batch,
        "accepted_s": round(accepted_s, 1),
        "seconds": round(ended_s, 1),
        "acted": {
            f"{one['effect']}{' taken' if one['accepted'] else ''}": one["acted"]
            for one in dial["rules"]
        },
        "wrong": {"lost": found.lost[:20], "doubled": found.doubled[:20]},
    }

"""Two accounts, and one goes down in the middle: traffic shifts, nothing is lost or doubled.

Down means that every send call of the account is refused with 503 or hears nothing, and none is
taken; its lists still answer. A third of the orders comes before, a third meanwhile, a third after.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.db.models import ProviderAccount
from app.db.session import Database
from app.services import accounts, senders
from app.services.credentials import NewAccount
from app.services.runtime import open_runtime
from app.services.senders import NewSender
from tests.journeys.town import NHN_CREDENTIALS, Town, town
from tests.storm import ledger
from tests.storm.orders import ONE_CALL, TEMPLATE, Book, Order, make_orders, send_in_batches
from tests.storm.report import say

SECOND, SECOND_CALLER = "nhn 2", "0220410200"
PHASES = ("before", "during", "after")
PATIENCE_S = 120.0
REFUSAL_S = 10.0  # a busy machine may send a third of a small storm only after it was made


@dataclass(frozen=True)
class Storm:
    """`pause_s`: from one call of some hundred orders to the next."""

    messages: int = 20_000
    batch: int = 100
    off_kakao: float = 0.005
    pause_s: float = 1.0
    seed: int = 1


async def add_second(place: Town, batch: int) -> str:
    """Another account at the same provider, with a channel and a number of its own; its channel."""
    keys = {name: secrets.token_hex(16) for name in NHN_CREDENTIALS}
    sender_key = secrets.token_hex(20)
    async with open_runtime(place.settings()) as runtime:
        async with runtime.database.write() as tx:
            first = (
                await tx.session.exec(
                    select(ProviderAccount).where(col(ProviderAccount.name) == "nhn")
                )
            ).one()
            new = NewAccount(
                name=SECOND, adapter="nhn", mode="sandbox", credentials=keys, batch=batch
            )
            account, _ = await accounts.add(tx, runtime, first.workspace_id, new)
            for kind, value in (("alimtalk", sender_key), ("sms", SECOND_CALLER)):
                await senders.add(tx, account, NewSender(kind=kind, value=value, name=SECOND))
        url = accounts.callback_url(runtime, account)
    app_key = keys.pop("app_key")
    side = {
        **keys,
        "senders": [{"sender_key": sender_key, "channel_id": "@naru2", "name": SECOND}],
        "caller_numbers": [SECOND_CALLER],
        "webhook_url": url,
    }
    await place.desk("PUT", f"/accounts/nhn/{app_key}", json=side)
    return sender_key


async def register(place: Town, count: int) -> None:
    """The template at every account, approved by the desk by itself."""
    await place.desk("PATCH", "/settings", json={"review": "auto", "auto_review_s": 0})
    made = await place.api("POST", "/v1/templates", json=TEMPLATE)
    assert made.is_success, made.text
    end = time.monotonic() + 90
    while True:
        shown = (await place.api("GET", f"/v1/templates/{TEMPLATE['code']}")).json()
        states = [one["inspection"] for one in shown["registrations"]]
        if states == ["approved"] * count:
            return
        assert time.monotonic() < end, shown
        await asyncio.sleep(0.1)


def down(app_key: str, seed: int) -> dict[str, Any]:
    """What the dial is told: nothing is taken at this account."""
    rules = [
        {"effect": "timeout_before", "account": app_key, "probability": 0.3},
        {"effect": "http_status", "status": 503, "account": app_key},
    ]
    return {"seed": seed, "rules": rules}


async def weather(folder: Path, database_url: str, storm: Storm) -> dict[str, Any]:
    """Run it in a folder of its own; the figures."""
    began = time.monotonic()
    book = Book()
    orders = make_orders(storm.messages, storm.off_kakao)
    third = storm.messages // 3
    parts = (orders[:third], orders[third : 2 * third], orders[2 * third :])
    phase: dict[str, str] = {}
    async with town(folder, database_url=database_url, batch=storm.batch) as place:
        second = await add_second(place, storm.batch)
        await register(place, 2)
        refused = 0
        for name, part in zip(PHASES, parts, strict=True):
            say(f"{name}: {len(part)} orders")
            phase |= {order.code: name for order in part}
            if name == "during":
                await place.desk("PUT", "/chaos", json=down(place.nhn[0], storm.seed))
            await _trickle(place, part, book, storm.pause_s)
            if name == "during":
                refused = await _refused(place)
                await place.desk("DELETE", "/chaos")
        database = Database(place.settings().database, folder)
        try:
            await ledger.until_ended(database, len(orders), PATIENCE_S, say)
            ended_s = time.monotonic() - began
            found = await ledger.balance(place, database, book)
        finally:
            await database.close()
        shares = await _shares(place, phase, {second, SECOND_CALLER})
    return {
        **found.figures(),
        "shares": shares,
        "shifted": shares["during"] > max(0.5, shares["before"]),
        "calls_refused": refused,
        "batch": storm.batch,
        "seconds": round(ended_s, 1),
        "wrong": {"lost": found.lost[:20], "doubled": found.doubled[:20]},
    }


async def _refused(place: Town) -> int:
    """How many calls met the account while it was down: at least one, where one comes in time."""
    end = time.monotonic() + REFUSAL_S
    while True:
        acted: int = sum(r["acted"] for r in (await place.desk("GET", "/chaos"))["rules"])
        if acted or time.monotonic() > end:
            return acted
        await asyncio.sleep(0.05)


async def _trickle(place: Town, orders: list[Order], book: Book, pause_s: float) -> None:
    for start in range(0, len(orders), ONE_CALL):
        await send_in_batches(place, orders[start : start + ONE_CALL], book)
        await asyncio.sleep(pause_s)


async def _shares(place: Town, phase: Mapping[str, str], second: set[str]) -> dict[str, float]:
    """Of the orders of each phase, the share that arrived through the second account."""
    every: Counter[str] = Counter()
    through: Counter[str] = Counter()
    for row in await place.received():
        if found := ledger.ORDER.search(row["text"]):
            every[phase[found.group()]] += 1
            through[phase[found.group()]] += row["sender"] in second
    return {name: round(through[name] / max(1, every[name]), 3) for name in PHASES}

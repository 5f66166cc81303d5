"""The time line of a message: what is due appears on its phone or fails, in batches.

Accepted messages wait until `due_at`. A notice for a phone that is off gets 3005 and is held for
three days, a text message is held for 25 hours; switching on releases both.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.arrivals import Line, appear
from sandbox.chaos.receipts import stir
from sandbox.nhn.webhooks import queue_results
from sandbox.relay_results import queue_relay_results
from sandbox.reviews import approve_due
from sandbox.store import MOST_MESSAGES, Store

BATCH = 1_000
PAUSE_S = 0.02  # results that fall due together leave together
LONGEST_SLEEP_S = 30.0
HOUR_MS = 3_600_000
HELD_MS = {"alimtalk": 72 * HOUR_MS, "sms": 25 * HOUR_MS, "lms": 25 * HOUR_MS}
KEPT_KEYS_MS = HOUR_MS
MOST_LOST = 10_000
OK = "1000"


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a due message. `code`: the result to report now, None for none."""

    code: str | None
    held: bool = False

    @property
    def arrives(self) -> bool:
        return self.code == OK


def decide(row: sqlite3.Row) -> Fate:
    """`row`: a due message with its phone's traits (`is_on`, `kakao`, `blocked`)."""
    expired = row["state"] == "held"
    if row["kind"] == "alimtalk":
        return _decide_notice(row, expired)
    if row["is_on"]:
        return Fate(OK)
    return Fate("2003") if expired and row["app"] == "sms" else Fate(None, held=True)


def _decide_notice(row: sqlite3.Row, expired: bool) -> Fate:
    if expired and not row["is_on"]:
        return Fate("3005")
    if row["result"] not in ("", "3005"):
        return Fate(row["result"])
    if not row["kakao"]:
        return Fate("3019")
    if row["blocked"]:
        return Fate("3020")
    return Fate(OK) if row["is_on"] else Fate("3005", held=True)


def deliver_due(store: Store, limit: int = BATCH) -> int:
    """Settle up to `limit` due messages in one transaction; returns how many there were."""
    now = store.now()
    due = store.all(
        "SELECT m.*, p.is_on, p.kakao, p.blocks_all OR coalesce(r.blocked, 0) AS blocked"
        " FROM message m JOIN phone p USING (number)"
        " LEFT JOIN room r ON r.number = m.number AND r.app = 'chat' AND r.sender = m.sender"
        " WHERE m.due_at <= ? ORDER BY m.due_at, m.id LIMIT ?",
        (now, limit),
    )
    if not due:
        return 0
    fates = [(row, decide(row)) for row in due]
    with store.tx():
        store.many(
            "UPDATE message SET state = ?, due_at = ?, result = coalesce(?, result),"
            " result_at = coalesce(?, result_at) WHERE id = ?",
            (
                (
                    "held" if fate.held else "done",
                    _held_until(row) if fate.held else None,
                    fate.code,
                    now if fate.code else None,
                    row["id"],
                )
                for row, fate in fates
            ),
        )
        appear(
            store,
            [
                Line(row["id"], row["number"], row["app"], row["sender"])
                for row, fate in fates
                if fate.arrives
            ],
        )
        reported = [(row, fate.code) for row, fate in fates if fate.code]
        for wait_ms, part in stir(store.chaos, reported):
            queue_results(store, part, wait_ms)
            queue_relay_results(store, part, wait_ms)
        store.changes.touch(row["number"] for row in due)
    return len(due)


def _held_until(row: sqlite3.Row) -> int | None:
    """A chat line waits without end."""
    wait = HELD_MS.get(row["kind"])
    return row["created_at"] + wait if wait else None


def next_due(store: Store) -> int | None:
    """When the next message falls due (ms), None when none waits."""
    return store.number("SELECT min(due_at) FROM message WHERE due_at IS NOT NULL") or None


def trim(store: Store, most: int = MOST_MESSAGES) -> int:
    """Drop settled messages beyond the newest `most`, with the automatic phones only they kept.

    Returns how many messages went. Counters stay.
    """
    cutoff = store.number("SELECT max(id) FROM message") - most
    now = store.now()
    with store.tx():
        store.run("DELETE FROM idempotency WHERE at < ?", (now - KEPT_KEYS_MS,))
        store.run(
            "DELETE FROM lost_answer WHERE rowid <= (SELECT max(rowid) FROM lost_answer) - ?",
            (MOST_LOST,),
        )
        gone = store.run("DELETE FROM message WHERE id <= ? AND due_at IS NULL", (cutoff,)).rowcount
        if gone:
            _drop_empty_phones(store, cutoff)
    return gone


def _drop_empty_phones(store: Store, cutoff: int) -> None:
    oldest = store.number("SELECT created_at FROM message ORDER BY id LIMIT 1")
    store.run(
        "DELETE FROM phone WHERE auto = 1 AND last_id <= ? AND created_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.number = phone.number)",
        (cutoff, oldest),
    )
    store.run(
        "DELETE FROM room WHERE last_id <= ? AND last_id > 0 AND blocked = 0"
        " AND NOT EXISTS (SELECT 1 FROM phone p WHERE p.number = room.number)",
        (cutoff,),
    )


async def run_delivery(store: Store) -> None:
    """Settle what is due, sleep until something is or comes. Runs until cancelled."""
    trimmed_at = 0
    while True:
        store.results_due.clear()
        review_due = approve_due(store)
        full = deliver_due(store) == BATCH
        if store.now() - trimmed_at > 60_000:
            trim(store)
            trimmed_at = store.now()
        await asyncio.sleep(0 if full else PAUSE_S)
        if not full:
            times = [at for at in (next_due(store), review_due) if at is not None]
            await sleep_until(store.results_due, times, store.now)


async def sleep_until(woken: asyncio.Event, times: list[int], now: Callable[[], int]) -> None:
    """Until the earliest of `times` (ms) or the event, at most half a minute."""
    wait_s = min([(at - now()) / 1000 for at in times], default=LONGEST_SLEEP_S)
    try:
        async with asyncio.timeout(max(0.0, min(wait_s, LONGEST_SLEEP_S))):
            await woken.wait()
    except TimeoutError:
        return

"""The time line of a message: what is due appears on its phone or fails, in batches.

Accepted messages wait until `due_at`. A notice for a phone that is off gets 3005 and is held for
three days, a text message is held for 25 hours, a push as long as it says; switching on releases
all of them.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from sandbox.arrivals import Line, appear
from sandbox.bounds import PORTION, trim
from sandbox.chaos.receipts import forge, stir
from sandbox.clock import Clock
from sandbox.fcm.receipts import tell_arrivals
from sandbox.moves import review_due
from sandbox.nhn.fallback import fall_back
from sandbox.nhn.webhooks import queue_results
from sandbox.relay_results import queue_relay_results
from sandbox.solapi import ledger as solapi
from sandbox.solapi.reports import queue_solapi_reports, settle
from sandbox.store import Store
from sandbox.tally import Sent

BATCH = 1_000
PAUSE_S = 0.02  # results that fall due together leave together
LONGEST_SLEEP_S = 30.0
HOUR_MS = 3_600_000
HELD_MS = {"alimtalk": 72 * HOUR_MS, **dict.fromkeys(("sms", "lms", "mms"), 25 * HOUR_MS)}
OK = "1000"
EXPIRED = "EXPIRED"  # the result of a push that was kept too long; nobody is told


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
    if row["kind"] == "push":
        return Fate(EXPIRED) if expired else Fate(None, held=True)
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
                if not fate.arrives
            ),
        )
        appear(
            store,
            [
                Line(row["id"], row["number"], row["app"], row["sender"], code=fate.code)
                for row, fate in fates
                if fate.arrives
            ],
            at=now,
        )
        tell_arrivals(store, [row for row, fate in fates if fate.arrives and row["app"] == "push"])
        fall_back(store, [row for row, fate in fates if _is_lost(row, fate)])
        _report(store, _reported(store, fates))
        store.changes.touch(row["number"] for row in due)
    if store.tally:
        for row, fate in ((row, fate) for row, fate in fates if row["app"] != "push"):
            own = f"{row['request_id']}-{row['recipient_seq']}"
            sent = Sent(row["number"], row["app"], row["ref"], own)
            store.tally.settle(sent, fate.arrives, fate.held)
    return len(due)


def _report(store: Store, reported: Sequence[tuple[sqlite3.Row, str]]) -> None:
    """Queue what the senders hear. What is forged goes ahead of the truth."""
    names = {}
    if store.chaos.receipts:  # rules call a SOLAPI account by its key
        rows = store.all("SELECT id, api_key FROM solapi_account")
        names = {row["id"]: row["api_key"] for row in rows}
    parts = [
        *forge(store.chaos, reported, names),
        *((wait_ms, "", part) for wait_ms, part in stir(store.chaos, reported, names)),
    ]
    for wait_ms, forged, part in parts:
        queue_results(store, part, wait_ms, forged)
        queue_relay_results(store, part, wait_ms, forged)
        queue_solapi_reports(store, part, wait_ms, forged)


def _reported(
    store: Store, fates: Sequence[tuple[sqlite3.Row, Fate]]
) -> list[tuple[sqlite3.Row, str]]:
    """What the senders hear of now. SOLAPI waits for the end, and may replace a notice.

    FCM tells nobody: the app itself does.
    """
    others = [
        (row, fate.code)
        for row, fate in fates
        if fate.code and row["provider"] not in ("solapi", "fcm")
    ]
    ended = [
        (row, fate.code)
        for row, fate in fates
        if fate.code and row["provider"] == "solapi" and not fate.held
    ]
    return [*others, *(settle(store, ended) if ended else [])]


def _is_lost(row: sqlite3.Row, fate: Fate) -> bool:
    """Whether it failed for good and NHN was asked to send a text message then."""
    return bool(row["resend"] and fate.code and not fate.held and not fate.arrives)


def _held_until(row: sqlite3.Row) -> int | None:
    """A chat line waits without end."""
    if row["kind"] == "push":
        kept_ms = int(orjson.loads(row["payload"])["ttl_s"] * 1000)
        return int(row["created_at"]) + kept_ms
    wait = HELD_MS.get(row["kind"])
    return row["created_at"] + wait if wait else None


def next_due(store: Store) -> int | None:
    """When the next message falls due (ms), None when none waits."""
    return store.number("SELECT min(due_at) FROM message WHERE due_at IS NOT NULL") or None


async def run_delivery(store: Store) -> None:
    """Settle what is due, sleep until something is or comes. Runs until cancelled."""
    trimmed_at = 0
    while True:
        store.results_due.clear()
        steps = (review_due(store), solapi.send_due(store))
        full = deliver_due(store) == BATCH
        sweeping = store.real() - trimmed_at > 60_000
        more = sweeping and trim(store) >= PORTION
        if sweeping and not more:
            trimmed_at = store.real()
        await asyncio.sleep(0 if full else PAUSE_S)
        if not full and not more:
            times = [at for at in (next_due(store), *steps) if at is not None]
            await sleep_until(store.results_due, times, store.clock)


async def sleep_until(woken: asyncio.Event, times: list[int], clock: Clock) -> None:
    """Until the earliest of `times` (ms, the sandbox's) or the event, at most half a minute."""
    wait_s = clock.real_s(min(times)) if times else None
    try:
        async with asyncio.timeout(
            LONGEST_SLEEP_S if wait_s is None else min(wait_s, LONGEST_SLEEP_S)
        ):
            await woken.wait()
    except TimeoutError:
        return

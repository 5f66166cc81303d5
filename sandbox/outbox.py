"""Webhooks leave: durable rows, at least once, retried with growing pauses.

Consultation webhooks are retried for about an hour and go out in order for one customer, and so is
what an app tells, for one push; result webhooks a few times within half a minute, in any order.
While `webhooks` is off, consultation webhooks and apps wait; `webhook_pause_s` makes their pauses
shorter, and their tries more.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Sequence

import httpx
import orjson

from sandbox.callbacks import Callback, origin_of
from sandbox.delivery import sleep_until
from sandbox.outbound import LAST_TRY
from sandbox.outside import refuse_outside
from sandbox.relay_results import relay_address
from sandbox.solapi.reports import report_address, report_body
from sandbox.store import FORGED, Store
from sandbox.talks import UNSENT

CONSULT_PAUSES_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1200)
RESULT_PAUSES_S = (1, 3, 8, 18)
TIMEOUT_S = 5.0
AT_ONCE = 16


def due_mail(store: Store, busy: set[int], limit: int) -> list[sqlite3.Row]:
    """Due rows that are not under way; of one customer only the oldest."""
    if limit <= 0:  # a body is large: none is read in vain
        return []
    return store.all(
        "SELECT * FROM outbox o WHERE due_at <= ? AND (kind NOT IN ('consult', 'app') OR ?)"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " AND (lane = '' OR NOT EXISTS"
        " (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id))"
        " ORDER BY due_at, id LIMIT ?",
        (
            store.now(),
            store.settings.webhooks,
            orjson.dumps(sorted(busy)).decode(),
            limit,
        ),
    )


def address(store: Store, row: sqlite3.Row) -> tuple[str, dict[str, str]]:
    """Where a row goes now and its headers; the address is "" when the account has none (left)."""
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if row["kind"] == "consult":
        found = store.one(
            "SELECT receive_domain FROM consult_account WHERE client_id = ?", (row["account"],)
        )
        domain = found["receive_domain"].rstrip("/") if found else ""
        return (domain + row["path"] if domain else ""), headers
    if row["kind"] == "app":  # the address came with the push
        return row["path"], headers
    if row["kind"] == "relay":
        url, signature = relay_address(store, row)
        return url, headers | signature
    if row["kind"] == "solapi":
        return report_address(store, row), headers
    found = store.one("SELECT * FROM nhn_account WHERE app_key = ?", (row["account"],))
    if found is None:
        return "", headers
    if found["webhook_signature"]:
        forged = row["path"] == FORGED
        shown = secrets.token_hex(8) if forged else found["webhook_signature"]
        headers["X-Toast-Webhook-Signature"] = shown
    return found["webhook_url"], headers


def settle(store: Store, row: sqlite3.Row, delivered: bool) -> None:
    """Delivered and given up rows leave; others are tried again later.

    What shows a wrong signature is expected to be refused: it is tried once.
    """
    pause = _next_pause(store, row)
    with store.tx():
        if row["path"] == FORGED:
            store.run("DELETE FROM outbox WHERE id = ?", (row["id"],))
            store.count("webhooks forged")
            return
        store.count("webhooks sent" if delivered else "webhooks failed")
        store.changes.touch_desk()
        if row["line"] and not (delivered and row["tries"] == 0):
            _mark_line(store, row["line"], "" if delivered or pause is not None else UNSENT)
        if delivered or pause is None:
            store.run("DELETE FROM outbox WHERE id = ?", (row["id"],))
            if not delivered:
                store.count("webhooks given up")
            return
        store.run(
            "UPDATE outbox SET tries = tries + 1, due_at = ? WHERE id = ?",
            (store.now() + int(pause * 1000), row["id"]),
        )


def _next_pause(store: Store, row: sqlite3.Row) -> float | None:
    """Seconds until this row is tried again, None when this was its last try.

    With shorter pauses there are many more tries: an app that was killed has time to come back.
    """
    tries, longest = int(row["tries"]), store.settings.webhook_pause_s
    if row["kind"] not in ("consult", "app"):
        return RESULT_PAUSES_S[tries] if tries < len(RESULT_PAUSES_S) else None
    if longest >= CONSULT_PAUSES_S[-1]:
        return CONSULT_PAUSES_S[tries] if tries < len(CONSULT_PAUSES_S) else None
    if tries >= LAST_TRY:
        return None
    return min(CONSULT_PAUSES_S[min(tries, len(CONSULT_PAUSES_S) - 1)], longest)


def tries_of(store: Store, lines: Sequence[int]) -> dict[int, int]:
    """How often each of these lines was tried in vain, of those that are still to go."""
    if not lines:
        return {}
    marks = ",".join("?" * len(lines))
    rows = store.all(f"SELECT line, tries FROM outbox WHERE line IN ({marks})", lines)  # noqa: S608
    return {row["line"]: row["tries"] for row in rows}


def _mark_line(store: Store, line: int, result: str) -> None:
    """What the customer sees beside a line that does not go at once."""
    marked = store.one(
        "UPDATE message SET result = ? WHERE id = ? RETURNING number", (result, line)
    )
    if marked:
        store.changes.touch([marked["number"]])


async def post(client: httpx.AsyncClient, store: Store, row: sqlite3.Row) -> None:
    """One try. Any 2xx is a delivery, of SOLAPI only 200; redirects are not followed."""
    url, headers = address(store, row)
    strict = row["kind"] == "solapi"
    body = report_body(row) if strict else row["body"]
    status, delivered = None, False
    if url:
        try:
            answer = await client.post(url, content=body, headers=headers)
            status = answer.status_code
            delivered = status == 200 if strict else answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL):
            delivered = False
        tried = (bytes(body), status, row["tries"] + 1, delivered)
        to = origin_of(url)
        store.callbacks.append(Callback(store.now(), row["kind"], row["account"], to, *tried))
    settle(store, row, delivered)


async def run_outbox(store: Store) -> None:
    """Send what is due, many at once. Runs until cancelled."""
    under_way: dict[int, asyncio.Task[None]] = {}
    hooks = {"request": [refuse_outside]}
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, event_hooks=hooks) as client:
        try:
            while True:
                store.mail_due.clear()
                for row in due_mail(store, set(under_way), AT_ONCE - len(under_way)):
                    task = asyncio.create_task(post(client, store, row))
                    under_way[row["id"]] = task
                    task.add_done_callback(lambda _: store.mail_due.set())
                await sleep_until(store.mail_due, _next(store, set(under_way)), store.clock)
                for row_id in [key for key, task in under_way.items() if task.done()]:
                    under_way.pop(row_id).result()
        finally:
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)


def _next(store: Store, busy: set[int]) -> list[int]:
    """When a row falls due that is not due yet; what is due already waits for a free place."""
    if len(busy) >= AT_ONCE:
        return []
    at = store.number("SELECT min(due_at) FROM outbox WHERE due_at > ?", (store.now(),))
    return [at] if at else []

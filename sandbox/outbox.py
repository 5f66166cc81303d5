"""Webhooks leave: durable rows, at least once, retried with growing pauses.

Consultation webhooks are retried for about an hour and go out in order for one customer; result
webhooks a few times within half a minute, in any order. While `webhooks` is off, consultation
webhooks wait.
"""

import asyncio
import sqlite3

import httpx

from sandbox.delivery import sleep_until
from sandbox.relay_results import relay_address
from sandbox.store import Store

CONSULT_PAUSES_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1200)
RESULT_PAUSES_S = (1, 3, 8, 18)
TIMEOUT_S = 5.0
AT_ONCE = 16


def due_mail(store: Store, busy: set[int], limit: int) -> list[sqlite3.Row]:
    """Due rows that are not under way; of one customer only the oldest."""
    rows = store.all(
        "SELECT * FROM outbox o WHERE due_at <= ? AND (kind <> 'consult' OR ?)"
        " AND (lane = '' OR NOT EXISTS"
        " (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id))"
        " ORDER BY due_at, id LIMIT ?",
        (store.now(), store.settings.webhooks, limit + len(busy)),
    )
    return [row for row in rows if row["id"] not in busy][:limit]


def address(store: Store, row: sqlite3.Row) -> tuple[str, dict[str, str]]:
    """Where a row goes now and its headers; the address is "" when the account has none (left)."""
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if row["kind"] == "consult":
        found = store.one(
            "SELECT receive_domain FROM consult_account WHERE client_id = ?", (row["account"],)
        )
        domain = found["receive_domain"].rstrip("/") if found else ""
        return (domain + row["path"] if domain else ""), headers
    if row["kind"] == "relay":
        url, signature = relay_address(store, row)
        return url, headers | signature
    found = store.one("SELECT * FROM nhn_account WHERE app_key = ?", (row["account"],))
    if found is None:
        return "", headers
    if found["webhook_signature"]:
        headers["X-Toast-Webhook-Signature"] = found["webhook_signature"]
    return found["webhook_url"], headers


def settle(store: Store, row: sqlite3.Row, delivered: bool) -> None:
    """Delivered and given up rows leave; others are tried again later."""
    pauses = CONSULT_PAUSES_S if row["kind"] == "consult" else RESULT_PAUSES_S
    with store.tx():
        store.count("webhooks sent" if delivered else "webhooks failed")
        if delivered or row["tries"] >= len(pauses):
            store.run("DELETE FROM outbox WHERE id = ?", (row["id"],))
            if not delivered:
                store.count("webhooks given up")
            return
        store.run(
            "UPDATE outbox SET tries = tries + 1, due_at = ? WHERE id = ?",
            (store.now() + int(pauses[row["tries"]] * 1000), row["id"]),
        )


async def post(client: httpx.AsyncClient, store: Store, row: sqlite3.Row) -> None:
    """One try. Any 2xx is a delivery; redirects are not followed."""
    url, headers = address(store, row)
    delivered = False
    if url:
        try:
            answer = await client.post(url, content=row["body"], headers=headers)
            delivered = answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL):
            delivered = False
    settle(store, row, delivered)


async def run_outbox(store: Store) -> None:
    """Send what is due, many at once. Runs until cancelled."""
    under_way: dict[int, asyncio.Task[None]] = {}
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        try:
            while True:
                store.mail_due.clear()
                for row in due_mail(store, set(under_way), AT_ONCE - len(under_way)):
                    task = asyncio.create_task(post(client, store, row))
                    under_way[row["id"]] = task
                    task.add_done_callback(lambda _: store.mail_due.set())
                await sleep_until(store.mail_due, _next(store, set(under_way)), store.now)
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

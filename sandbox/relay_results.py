"""What the relay under `/relay` reports: rows of its lists, and signed callbacks."""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.store import FORGED, Store

# delivery code → (status, code) in the relay's words
WORDS = {
    "": ("accepted", ""),
    "1000": ("delivered", "delivered"),
    "3005": ("uncertain", "uncertain"),
    "3019": ("undelivered", "not_reachable"),
    "3020": ("undelivered", "opted_out"),
    "2003": ("undelivered", "phone_off"),
}


def row_out(row: sqlite3.Row, result: str) -> dict[str, Any]:
    """One message as the relay lists it."""
    status, code = WORDS.get(result, ("undelivered", "request_refused"))
    at = datetime.fromtimestamp((row["result_at"] or row["created_at"]) / 1000, UTC)
    return {
        "event_id": f"{row['id']}-{result}",
        "ref": row["ref"],
        "id": f"{row['request_id']}-{row['recipient_seq']}",
        "route": row["kind"],
        "to": row["number"],
        "text": row["text"],
        "status": status,
        "code": code,
        "at": at.isoformat(),
    }


def taken(
    store: Store, account: str, span: tuple[int, int], start: int, most: int
) -> list[dict[str, Any]]:
    """What this account handed over in a span of time, the oldest first."""
    rows = store.all(
        "SELECT * FROM message WHERE account = ? AND provider = 'relay'"
        " AND created_at BETWEEN ? AND ? ORDER BY created_at, id LIMIT ? OFFSET ?",
        (account, *span, most, start),
    )
    return [
        {**row_out(row, row["result"] if row["result_at"] else ""), "taken_at": _iso(row)}
        for row in rows
    ]


def _iso(row: sqlite3.Row) -> str:
    return datetime.fromtimestamp(row["created_at"] / 1000, UTC).isoformat()


def queue_relay_results(
    store: Store,
    results: Iterable[tuple[sqlite3.Row, str]],
    wait_ms: int = 0,
    forged: str = "",
) -> None:
    """Queue callbacks, to leave after `wait_ms`, of accounts with an address. In a transaction.

    forged: "reference" speaks of messages nobody sent, "signature" is signed with another secret.
    """
    if not store.settings.webhooks:
        return
    rows = store.all("SELECT id FROM relay_account WHERE callback_url <> ''")
    listening = {row["id"] for row in rows}
    by_account: dict[str, list[dict[str, Any]]] = {}
    for row, result in results:
        if row["provider"] == "relay" and row["account"] in listening:
            out = {k: v for k, v in row_out(row, result).items() if k not in ("to", "text")}
            out |= _unknown() if forged == "reference" else {}
            by_account.setdefault(row["account"], []).append(out)
    now, path = store.now(), FORGED if forged == "signature" else ""
    for account, found in by_account.items():
        store.run(
            "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
            " VALUES ('relay', ?, ?, '', ?, ?, ?)",
            (account, path, orjson.dumps({"results": found}), now + wait_ms, now),
        )
        store.mail_due.set()


def _unknown() -> dict[str, str]:
    """References of a message that nobody sent."""
    event, ref, id_ = (secrets.token_hex(13) for _ in range(3))
    return {"event_id": event, "ref": ref, "id": id_}


def relay_address(store: Store, row: sqlite3.Row) -> tuple[str, dict[str, str]]:
    """Where a queued callback goes, and its signature of this moment."""
    found = store.one("SELECT * FROM relay_account WHERE id = ?", (row["account"],))
    if found is None:
        return "", {}
    stamp = str(store.real() // 1000)  # whom we call checks it against real time
    signed = f"{stamp}.".encode() + row["body"]
    secret = secrets.token_hex(16) if row["path"] == FORGED else found["signing_secret"]
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return found["callback_url"], {"X-Relay-Timestamp": stamp, "X-Relay-Signature": f"v1={mac}"}

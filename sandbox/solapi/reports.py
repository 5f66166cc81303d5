"""What becomes of sent messages: final codes, replacements of failed notices, reports as webhooks.

Shapes of the reports: models of PyPI solapi 5.0.3 (wrapped), example of npm solapi 6.0.1 (flat).
"""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import orjson

from sandbox.nhn.intake import Batch, Draft, place
from sandbox.solapi import ledger
from sandbox.solapi.checks import replacement_of
from sandbox.solapi.shapes import group_out, message_out
from sandbox.solapi.wire import new_id
from sandbox.solapi.words import KINDS, PRICES, STATUS
from sandbox.store import Store

DELIVERED = "4000"
# what happens on a phone, in SOLAPI's codes; others are its own already
FINALS = {"1000": DELIVERED, "3005": "3040", "3019": "3104", "3020": "3107", "2003": "3043"}
MOST = 500  # reports a request
TOLD = (
    "messageId",
    "groupId",
    "type",
    "to",
    "from",
    "statusCode",
    "dateProcessed",
    "dateReported",
    "dateReceived",
    "networkCode",
    "kakaoOptions",
    "rcsOptions",
    "naverOptions",
    "customFields",
    "replacement",
)
Result = tuple[sqlite3.Row, str]


def settle(store: Store, results: Iterable[Result]) -> list[Result]:
    """Write final codes down and replace failed notices; returns what there is to report.

    results: rows of `message` and codes of their phones. Inside a transaction.
    """
    told: list[Result] = []
    groups: set[str] = set()
    for row, code in results:
        final = FINALS.get(code, code)
        mine = store.one(
            "SELECT * FROM solapi_message WHERE grp = ? AND seq = ?",
            (row["request_id"], row["recipient_seq"]),
        )
        if mine is None or (final != DELIVERED and _replace(store, row, mine)):
            continue
        _finish(store, mine, final)
        groups.add(mine["grp"])
        told.append((row, final))
    for group_id in groups:
        _complete(store, group_id)
    return told


def _replace(store: Store, row: sqlite3.Row, mine: sqlite3.Row) -> bool:
    """Send the text of a notice that failed as a text message, when that was not turned off."""
    if row["kind"] != "alimtalk":
        return False
    body = orjson.loads(mine["body"])
    kind = replacement_of(body)
    if kind is None:
        return False
    batch = Batch(
        account=row["account"],
        app="sms",
        kind=KINDS[kind],
        sender=mine["sender"],
        request_id=row["request_id"],
        template_code=row["template_code"],
        provider="solapi",
    )
    title = str(body.get("subject") or "")
    draft = Draft(mine["seq"], mine["number"], body["text"], title, ref=row["ref"])
    place(store, batch, [draft])
    ledger.pay(store, mine["account"], PRICES[kind])
    store.run(
        "UPDATE solapi_message SET replacement = 1, extra = ?, updated_at = ? WHERE id = ?",
        (PRICES[kind], store.now(), mine["id"]),
    )
    return True


def _finish(store: Store, mine: sqlite3.Row, final: str) -> None:
    now = store.now()
    spent = mine["cost"] + mine["extra"]
    # of a replaced notice only the text message is paid
    refund = mine["cost"] if mine["replacement"] else 0.0
    refund = refund if final == DELIVERED else spent
    ledger.pay(store, mine["account"], -refund)
    store.run(
        "UPDATE solapi_message SET status_code = ?, refund = ?, updated_at = ?, result_at = ?"
        " WHERE id = ?",
        (final, refund, now, now, mine["id"]),
    )


def _complete(store: Store, group_id: str) -> None:
    """A group without anything under way is complete, and reported as a whole."""
    waiting = store.one(
        "SELECT 1 FROM solapi_message WHERE grp = ? AND sent_at IS NOT NULL AND result_at IS NULL",
        (group_id,),
    )
    if waiting:
        return
    ledger.set_status(store, group_id, "COMPLETE", completed_at=store.now())
    group = store.one("SELECT * FROM solapi_group WHERE id = ?", (group_id,))
    if group is not None:
        shown = group_out(store, group)
        _queue(store, group["account"], "group_webhook_url", [shown], 0)


def queue_solapi_reports(
    store: Store, results: Sequence[Result], wait_ms: int = 0, forged: str = ""
) -> None:
    """Queue reports, to leave after `wait_ms`, of accounts with an address. In a transaction.

    forged: "reference" speaks of messages nobody sent.
    """
    by_account: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, code in results:
        if row["provider"] == "solapi" and (report := _report(store, row, code)):
            report |= _unknown(store) if forged == "reference" else {}
            by_account[row["account"]].append(report)
    for account_id, found in by_account.items():
        rest = iter(found)
        while batch := list(islice(rest, MOST)):
            _queue(store, account_id, "webhook_url", batch, wait_ms)


def _unknown(store: Store) -> dict[str, Any]:
    """References of a message that nobody sent."""
    ids = {"messageId": new_id("M4V", store.now()), "groupId": new_id("G4V", store.now())}
    return {**ids, "customFields": {}}


def _report(store: Store, row: sqlite3.Row, code: str) -> dict[str, Any] | None:
    mine = store.one(
        "SELECT * FROM solapi_message WHERE grp = ? AND seq = ?",
        (row["request_id"], row["recipient_seq"]),
    )
    if mine is None:
        return None
    shown = message_out(mine)
    told = {name: shown[name] for name in TOLD}
    return {**told, "statusCode": code, "statusMessage": STATUS[code]}


def _queue(
    store: Store, account_id: str, address: str, found: list[dict[str, Any]], wait_ms: int
) -> None:
    """address: the column of the account that says where to."""
    account = store.one("SELECT * FROM solapi_account WHERE id = ?", (account_id,))
    if account is None or not account[address] or not store.settings.webhooks:
        return
    body: list[dict[str, Any]] = found
    if account["report_shape"] == "wrapped":
        body = [
            {"eventDataId": secrets.token_hex(12), "data": one, "retryCount": 0} for one in found
        ]
    now = store.now()
    store.run(
        "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
        " VALUES ('solapi', ?, ?, '', ?, ?, ?)",
        (account_id, address, orjson.dumps(body), now + wait_ms, now),
    )
    store.mail_due.set()


def report_address(store: Store, row: sqlite3.Row) -> str:
    """Where a queued report goes now, "" when its account has no address any more."""
    account = store.one("SELECT * FROM solapi_account WHERE id = ?", (row["account"],))
    return str(account[row["path"]]) if account else ""


def report_body(row: sqlite3.Row) -> bytes:
    """What a queued report says now: which try it is."""
    found = orjson.loads(row["body"])
    if row["tries"] and "eventDataId" in found[0]:
        found = [{**one, "retryCount": row["tries"]} for one in found]
    return orjson.dumps(found)

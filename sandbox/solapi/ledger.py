"""What SOLAPI writes down: groups and the messages in them, from intake to their last report."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sandbox.nhn.intake import Batch, Draft, take
from sandbox.solapi import alimtalk
from sandbox.solapi.checks import Checked
from sandbox.solapi.files import find_file
from sandbox.solapi.wire import new_id
from sandbox.solapi.words import KINDS, PRICES
from sandbox.store import Store

# codes of messages that are not sent any more. "2000": accepted, and handed to nobody yet
CANCELLED, BROKE = "2024", "2230"


def make_group(store: Store, account_id: str, body: Mapping[str, Any]) -> str:
    """A group without messages; returns its id."""
    group_id, now = new_id("G4V", store.now()), store.now()
    store.run(
        "INSERT INTO solapi_group (id, account, status, body, created_at, updated_at)"
        " VALUES (?, ?, 'PENDING', ?, ?, ?)",
        (group_id, account_id, orjson.dumps(dict(body)).decode(), now, now),
    )
    note(store, group_id, "메시지 그룹이 생성되었습니다")
    return group_id


def get_group(store: Store, account_id: str, group_id: str) -> sqlite3.Row | None:
    return store.one(
        "SELECT * FROM solapi_group WHERE id = ? AND account = ?", (group_id, account_id)
    )


def note(store: Store, group_id: str, text: str) -> None:
    """One more line of a group's log, and its time of change."""
    line = orjson.dumps({"createAt": store.now(), "message": text}).decode()
    store.run(
        "UPDATE solapi_group SET updated_at = ?, log = json_insert(log, '$[#]', json(?))"
        " WHERE id = ?",
        (store.now(), line, group_id),
    )


def set_status(store: Store, group_id: str, status: str, **times: int | None) -> None:
    """times: columns of the group to change with it."""
    columns = "".join(f", {name} = ?" for name in times)
    store.run(
        f"UPDATE solapi_group SET status = ?, updated_at = ?{columns} WHERE id = ?",  # noqa: S608
        (status, store.now(), *times.values(), group_id),
    )


def known_numbers(store: Store, group_id: str) -> set[str]:
    rows = store.all(
        "SELECT number FROM solapi_message WHERE grp = ? AND status_code = '2000'",
        (group_id,),
    )
    return {row["number"] for row in rows}


def add(store: Store, group: sqlite3.Row, found: Sequence[Checked]) -> list[sqlite3.Row]:
    """Write messages down, refused ones too; the rows in the same order."""
    now, first = store.now(), group["last_seq"] + 1
    store.many(
        "INSERT INTO solapi_message (id, grp, seq, account, type, number, sender, status_code,"
        " body, cost, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                new_id("M4V", now),
                group["id"],
                first + place,
                group["account"],
                one.type,
                one.number,
                one.body["from"],
                one.code,
                orjson.dumps(one.body).decode(),
                PRICES[one.type] if one.code == "2000" else 0,
                now,
                now,
            )
            for place, one in enumerate(found)
        ),
    )
    store.run(
        "UPDATE solapi_group SET last_seq = last_seq + ?, updated_at = ? WHERE id = ?",
        (len(found), now, group["id"]),
    )
    return store.all(
        "SELECT * FROM solapi_message WHERE grp = ? AND seq >= ? ORDER BY seq",
        (group["id"], first),
    )


def price_of(store: Store, group_id: str) -> float:
    """What the accepted messages of a group cost."""
    row = store.one(
        "SELECT sum(cost) FROM solapi_message WHERE grp = ? AND status_code = '2000'",
        (group_id,),
    )
    return float(row[0] or 0) if row else 0.0


def can_pay(store: Store, account_id: str, won: float) -> bool:
    sql = "SELECT 1 FROM solapi_account WHERE id = ? AND balance >= ?"
    return bool(store.one(sql, (account_id, won)))


def pay(store: Store, account_id: str, won: float) -> None:
    store.run("UPDATE solapi_account SET balance = balance - ? WHERE id = ?", (won, account_id))


def send(store: Store, group: sqlite3.Row) -> bool:
    """Hand the accepted messages of a group to the phones, and take their price.

    True when the answer to this request must be lost.
    """
    rows = store.all(
        "SELECT * FROM solapi_message WHERE grp = ? AND status_code = '2000' ORDER BY seq",
        (group["id"],),
    )
    now = store.now()
    with store.tx():
        pay(store, group["account"], sum(row["cost"] for row in rows))
        store.run(
            "UPDATE solapi_message SET status_code = '3000', sent_at = ?, updated_at = ?"
            " WHERE grp = ? AND status_code = '2000'",
            (now, now, group["id"]),
        )
        done = {} if rows else {"completed_at": now}
        set_status(store, group["id"], "SENDING" if rows else "COMPLETE", sent_at=now, **done)
        note(store, group["id"], "메시지를 발송했습니다")
    batches: dict[tuple[str, str, str], list[Draft]] = defaultdict(list)
    lookup = alimtalk.Lookup(store, group["account"])
    for row in rows:
        body = orjson.loads(row["body"])
        batches[_shared(row, body)].append(_draft(lookup, row, body))
    lost = [take(store, _batch(group, key), drafts, 0) for key, drafts in batches.items()]
    return any(lost)


def _shared(row: sqlite3.Row, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """Type, sender, template code."""
    options = body.get("kakaoOptions") or {}
    sender = options["pfId"] if row["type"] == "ATA" else row["sender"]
    return row["type"], sender, str(options.get("templateId") or "")


def _batch(group: sqlite3.Row, key: tuple[str, str, str]) -> Batch:
    kind, sender, template = key
    return Batch(
        account=group["account"],
        app="chat" if kind == "ATA" else "sms",
        kind=KINDS[kind],
        sender=sender,
        request_id=group["id"],
        template_code=template,
        provider="solapi",
    )


def _draft(lookup: alimtalk.Lookup, row: sqlite3.Row, body: Mapping[str, Any]) -> Draft:
    """A message for a phone. A template that changed since intake fails it at delivery."""
    title, parts, fails = body.get("subject") or "", {}, ""
    if row["type"] == "ATA":
        options = body["kakaoOptions"]
        template = lookup.template(options)
        if isinstance(template, str):
            fails = "3106" if template == "1041" else "3105"
        elif alimtalk.check(template, body["text"], options):
            fails = "3103"
        else:
            parts = alimtalk.bubble(template, options)
            title = parts.get("templateTitle") or ""
    elif file := find_file(lookup.store, row["account"], body.get("imageId") or ""):
        parts = {"attachFileList": [file]}
    payload = orjson.dumps(parts).decode()
    return Draft(row["seq"], row["number"], body["text"], title, payload, reference(body), fails)


def reference(body: Mapping[str, Any]) -> str:
    """The first custom field: what the desk shows as the sender's own reference."""
    return next(iter((body.get("customFields") or {}).values()), "")


def fail_open(store: Store, group_id: str, code: str) -> None:
    """Nothing of a group was sent, and nothing of it will be. Inside a transaction."""
    now = store.now()
    store.run(
        "UPDATE solapi_message SET status_code = ?, updated_at = ?, result_at = ?"
        " WHERE grp = ? AND status_code = '2000'",
        (code, now, now, group_id),
    )
    set_status(store, group_id, "FAILED", completed_at=now)


def send_due(store: Store) -> int | None:
    """Send the reservations that have fallen due; returns when the next one does (ms)."""
    due = store.all(
        "SELECT * FROM solapi_group WHERE status = 'SCHEDULED' AND scheduled_at <= ?",
        (store.now(),),
    )
    for group in due:
        if can_pay(store, group["account"], price_of(store, group["id"])):
            send(store, group)
            continue
        with store.tx():
            fail_open(store, group["id"], BROKE)
            note(store, group["id"], "잔액이 부족합니다")
    sql = "SELECT min(scheduled_at) FROM solapi_group WHERE status = 'SCHEDULED'"
    return store.number(sql) or None


def trim(store: Store, bounds: tuple[int, int], portion: int) -> int:
    """Drop the oldest messages, with the groups that lost all; at most `portion` of them.

    bounds: how many of finished groups are kept, and how many at all. Empty groups count, too.
    Returns how many messages went. In a transaction.
    """
    newest = store.number("SELECT max(rowid) FROM solapi_message")
    gone = store.run(
        "DELETE FROM solapi_message WHERE rowid IN (SELECT rowid FROM solapi_message"
        " WHERE rowid <= ? AND (rowid <= ? OR grp IN (SELECT id FROM solapi_group WHERE status IN"
        " ('COMPLETE', 'FAILED', 'DELETED'))) ORDER BY rowid LIMIT ?)",
        (newest - bounds[0], newest - bounds[1], portion),
    ).rowcount
    where = "NOT EXISTS (SELECT 1 FROM solapi_message m WHERE m.grp = solapi_group.id)"
    if newest > bounds[0] and gone < portion:
        store.run(f"DELETE FROM solapi_group WHERE last_seq > 0 AND {where}")  # noqa: S608
    store.run(
        "DELETE FROM solapi_group WHERE rowid <="  # noqa: S608
        f" (SELECT max(rowid) FROM solapi_group) - ? AND {where}",
        (bounds[0],),
    )
    return gone

"""A company's own relay under `/relay`, by the interface of docs/relay.md.

What it promises about repeated references is the account's `idempotency`, set at the desk. Phones,
magic numbers, delays and lost answers are those of the other providers.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import Sending, acted_of, pass_through
from sandbox.moves import state_of
from sandbox.nhn.checks import FIXED
from sandbox.nhn.intake import Batch, Draft, respond, take
from sandbox.nhn.matching import mismatch, title_fits
from sandbox.phones import normal_number
from sandbox.relay_parts import misshapen, parts_of
from sandbox.relay_results import row_out, taken
from sandbox.relay_wire import Refusal, answer, caller, has_sender, parse_ms, read_body
from sandbox.reviews import get_template
from sandbox.store import Store

MOST, PAGE = 1_000, 500
KINDS = {"alimtalk": "chat", "sms": "sms", "lms": "sms"}
Json = Mapping[str, Any]

router = APIRouter(prefix="/relay", include_in_schema=False)


@router.post("/messages")
async def send(request: Request) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    sending = _sending(request, account, body)
    return await pass_through(store.chaos, sending, lambda: _take(request, store, account, body))


async def _take(request: Request, store: Store, account: sqlite3.Row, body: Json) -> Response:
    await asyncio.sleep(store.settings.accept_delay_s)
    route, rows = body.get("route"), body.get("messages")
    if route not in KINDS or not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        raise Refusal(400, "request_refused", "route or messages")
    if not all(isinstance(row, dict) for row in rows):
        raise Refusal(400, "request_refused", "messages: not in the documented shape")
    request_id = secrets.token_hex(8)
    results, lost = [], False
    for seq, row in enumerate(rows, 1):
        refusal = _known(store, account, row) or _refuse(store, account, route, row)
        ref = str(row.get("ref"))
        if refusal:
            results.append({"ref": ref, "status": "rejected", **refusal})
            continue
        batch = Batch(
            account=account["id"], app=KINDS[route], kind=route, sender=row["sender"],
            request_id=request_id, template_code=row.get("template") or "", provider="relay",
        )  # fmt: skip
        number, title = str(normal_number(row["to"])), row.get("title") or ""
        draft = Draft(seq, number, row["text"], title, _parts(store, route, row), ref)
        lost = take(store, batch, [draft], 0) or lost
        _remember(store, account, ref)
        results.append({"ref": ref, "status": "accepted", "id": f"{request_id}-{seq}"})
    response = answer({"request_id": request_id, "results": results})
    return await respond(request, store, response, lost)


def _sending(request: Request, account: sqlite3.Row, body: Json) -> Sending:
    """What the rules of chaos compare of a request that nobody has checked yet."""
    given = body.get("messages")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    return Sending(
        "relay",
        account["id"],
        str(body.get("route")),
        str(rows[0].get("template") or "") if rows else "",
        lambda: [row.get("to") for row in rows],
        lambda code: Refusal(422, code, "refused by the chaos dial"),
        acted_of(request),
    )


@router.get("/messages")
async def look_up(request: Request) -> Response:
    """By references, or by route, number and time, or everything of a span of time.

    What this relay is not able to is a 404.
    """
    store, account = caller(request)
    query = request.query_params
    if "since" in query and not {"ref", "route", "to"} & set(query):
        return _list_taken(store, account, query)
    shown_until = store.now() - int(store.settings.list_lag_s * 1000)
    sql = "SELECT * FROM message WHERE account = ? AND provider = 'relay' AND created_at <= ? "
    args: tuple[str | int, ...] = (account["id"], shown_until)
    if account["idempotency"] in ("look_up", "dedupe"):
        refs = orjson.dumps(query.getlist("ref")).decode()
        where = "AND ref <> '' AND ref IN (SELECT value FROM json_each(?))"
        rows = store.all(sql + where, (*args, refs))
    elif account["idempotency"] == "window_look_up":
        times = (parse_ms(query.get("since")), parse_ms(query.get("until")))
        where = "AND kind = ? AND number = ? AND created_at BETWEEN ? AND ?"
        who = (query.get("route", ""), query.get("to", ""))
        rows = store.all(sql + where, (*args, *who, *times))
    else:
        raise Refusal(404, "request_refused", "this relay cannot be asked")
    listed = [row_out(row, row["result"]) for row in rows]
    if account["idempotency"] == "window_look_up":
        for one in listed:
            del one["ref"]  # a relay of this class keeps no reference of ours
    return answer({"messages": listed, "complete": True})


def _list_taken(store: Store, account: sqlite3.Row, query: Mapping[str, str]) -> Response:
    if account["idempotency"] == "blind":
        raise Refusal(404, "request_refused", "this relay keeps no list")
    since, until = parse_ms(query.get("since")), parse_ms(query.get("until"))
    until = min(until, store.now() - int(store.settings.list_lag_s * 1000))
    start = query.get("cursor") or "0"
    if not start.isascii() or not start.isdigit():
        raise Refusal(400, "request_refused", "a cursor that is none")
    rows = taken(store, account["id"], (since, until), int(start), PAGE)
    if account["idempotency"] == "window_look_up":
        for one in rows:
            del one["ref"]
    cursor = str(int(start) + PAGE) if len(rows) == PAGE else None
    return answer({"messages": rows, "cursor": cursor, "complete": True})


@router.get("/results")
async def results(request: Request) -> Response:
    store, account = caller(request)
    query = request.query_params
    start = int(query.get("cursor") or 0)
    rows = store.all(
        "SELECT * FROM message WHERE account = ? AND provider = 'relay'"
        " AND result_at BETWEEN ? AND ? ORDER BY result_at, id LIMIT ? OFFSET ?",
        (account["id"], parse_ms(query.get("since")), parse_ms(query.get("until")), PAGE, start),
    )
    cursor = str(start + PAGE) if len(rows) == PAGE else None
    return answer({"results": [row_out(row, row["result"]) for row in rows], "cursor": cursor})


def _known(store: Store, account: sqlite3.Row, row: Json) -> dict[str, str] | None:
    """Asked before anything else: a reference taken within the ttl is that very message."""
    if account["idempotency"] != "dedupe":
        return None
    since = store.real() - account["dedupe_ttl_s"] * 1000
    known = store.one(
        "SELECT 1 FROM idempotency WHERE account = ? AND key = ? AND at > ?",
        (account["id"], str(row.get("ref")), since),
    )
    return {"code": "duplicate", "text": "taken before"} if known else None


def _remember(store: Store, account: sqlite3.Row, ref: str) -> None:
    store.run(
        "INSERT INTO idempotency VALUES (?, ?, ?)"
        " ON CONFLICT (account, key) DO UPDATE SET at = excluded.at",
        (account["id"], ref, store.real()),
    )


def _refuse(store: Store, account: sqlite3.Row, route: str, row: Json) -> dict[str, str] | None:
    """Why this message is not taken."""
    if not all(isinstance(row.get(name), str) for name in ("ref", "to", "sender", "text")):
        return {"code": "request_refused", "text": "a field is missing"}
    if not isinstance(row.get("template") or "", str):
        return {"code": "request_refused", "text": "template: not in the documented shape"}
    if normal_number(row["to"]) is None:
        return {"code": "bad_address", "text": row["to"]}
    if not has_sender(account, row["sender"]):
        return {"code": "sender_state", "text": "unknown sender"}
    if part := misshapen(row):
        return {"code": "request_refused", "text": f"{part}: not in the documented shape"}
    return _unlike(store, row) if route == "alimtalk" else None


def _unlike(store: Store, row: Json) -> dict[str, str] | None:
    """Why a notice is not what was approved."""
    found = get_template(store, row["sender"], str(row.get("template")))
    if found is None or not found.can_send:
        state = state_of(found) if found else "no such template"
        return {"code": "template_state", "text": f"not approved: {state}"}
    part = mismatch(found.body, {**parts_of(row), "content": row["text"]})
    if not part and not title_fits(found.body, row.get("title") or ""):
        part = "templateTitle"
    return {"code": "template_mismatch", "text": f"not the template's: {part}"} if part else None


def _parts(store: Store, route: str, row: Json) -> str:
    """What the phones draw: what was sent, and what is kept with the template."""
    found = get_template(store, row["sender"], str(row.get("template")))
    kept = found.body if found and route == "alimtalk" else {}
    fixed = {name: kept[name] for name in FIXED if kept.get(name)}
    return orjson.dumps({**fixed, **parts_of(row)}).decode()

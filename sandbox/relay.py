"""A company's own relay under `/relay`, by the interface of docs/relay.md.

What it promises about repeated references is the account's `idempotency`, set at the desk. Phones,
magic numbers, delays and lost answers are those of the other providers.
"""

import asyncio
import hmac
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import Sending, pass_through
from sandbox.nhn.intake import Batch, Draft, respond, take
from sandbox.nhn.matching import fits
from sandbox.phones import normal_number
from sandbox.relay_results import row_out, taken
from sandbox.reviews import get_template, register
from sandbox.store import Store

MOST, PAGE = 1_000, 500
KINDS = {"alimtalk": "chat", "sms": "sms", "lms": "sms"}
INSPECTIONS = {"TSC01": "registered", "TSC02": "in_review", "TSC03": "approved"}
Json = Mapping[str, Any]

router = APIRouter(prefix="/relay", include_in_schema=False)


class Refusal(Exception):
    """A request refused as a whole."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


async def tell_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _answer({"code": error.code, "text": error.text}, error.status)


@router.post("/messages")
async def send(request: Request) -> Response:
    store, account = _caller(request)
    body = await _body(request)
    sending = _sending(account, body)
    return await pass_through(store.chaos, sending, lambda: _take(request, store, account, body))


async def _take(request: Request, store: Store, account: sqlite3.Row, body: Json) -> Response:
    await asyncio.sleep(store.settings.accept_delay_s)
    route, rows = body.get("route"), body.get("messages")
    if route not in KINDS or not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        raise Refusal(400, "request_refused", "route or messages")
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
            request_id=request_id, template_code=row.get("template", ""), provider="relay",
        )  # fmt: skip
        draft = Draft(
            seq, str(normal_number(row["to"])), row["text"], row.get("title", ""), _parts(row), ref
        )
        lost = take(store, batch, [draft], 0) or lost
        _remember(store, account, ref)
        results.append({"ref": ref, "status": "accepted", "id": f"{request_id}-{seq}"})
    answer = _answer({"request_id": request_id, "results": results})
    return await respond(request, store, answer, lost)


def _sending(account: sqlite3.Row, body: Json) -> Sending:
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
    )


@router.get("/messages")
async def look_up(request: Request) -> Response:
    """By references, or by route, number and time, or everything of a span of time.

    What this relay is not able to is a 404.
    """
    store, account = _caller(request)
    query = request.query_params
    if "since" in query and not {"ref", "route", "to"} & set(query):
        return _list_taken(store, account, query)
    shown_until = store.now() - int(store.settings.list_lag_s * 1000)
    sql = "SELECT * FROM message WHERE account = ? AND provider = 'relay' AND created_at <= ? "
    args: tuple[str | int, ...] = (account["id"], shown_until)
    if account["idempotency"] in ("look_up", "dedupe"):
        refs = orjson.dumps(query.getlist("ref")).decode()
        where = "AND ref IN (SELECT value FROM json_each(?))"
        rows = store.all(sql + where, (*args, refs))
    elif account["idempotency"] == "window_look_up":
        times = (_ms(query.get("since")), _ms(query.get("until")))
        where = "AND kind = ? AND number = ? AND created_at BETWEEN ? AND ?"
        who = (query.get("route", ""), query.get("to", ""))
        rows = store.all(sql + where, (*args, *who, *times))
    else:
        raise Refusal(404, "request_refused", "this relay cannot be asked")
    listed = [row_out(row, row["result"]) for row in rows]
    if account["idempotency"] == "window_look_up":
        for one in listed:
            del one["ref"]  # a relay of this class keeps no reference of ours
    return _answer({"messages": listed, "complete": True})


def _list_taken(store: Store, account: sqlite3.Row, query: Mapping[str, str]) -> Response:
    if account["idempotency"] == "blind":
        raise Refusal(404, "request_refused", "this relay keeps no list")
    since, until = _ms(query.get("since")), _ms(query.get("until"))
    until = min(until, store.now() - int(store.settings.list_lag_s * 1000))
    start = query.get("cursor") or "0"
    if not start.isascii() or not start.isdigit():
        raise Refusal(400, "request_refused", "a cursor that is none")
    rows = taken(store, account["id"], (since, until), int(start), PAGE)
    if account["idempotency"] == "window_look_up":
        for one in rows:
            del one["ref"]
    cursor = str(int(start) + PAGE) if len(rows) == PAGE else None
    return _answer({"messages": rows, "cursor": cursor, "complete": True})


@router.get("/results")
async def results(request: Request) -> Response:
    store, account = _caller(request)
    query = request.query_params
    start = int(query.get("cursor") or 0)
    rows = store.all(
        "SELECT * FROM message WHERE account = ? AND provider = 'relay'"
        " AND result_at BETWEEN ? AND ? ORDER BY result_at, id LIMIT ? OFFSET ?",
        (account["id"], _ms(query.get("since")), _ms(query.get("until")), PAGE, start),
    )
    cursor = str(start + PAGE) if len(rows) == PAGE else None
    return _answer({"results": [row_out(row, row["result"]) for row in rows], "cursor": cursor})


@router.post("/templates")
async def add_template(request: Request) -> Response:
    store, account = _caller(request)
    body = await _body(request)
    sender, code = str(body.get("sender")), str(body.get("code"))
    _need_sender(store, account, sender)
    form = {
        "templateCode": code,
        "templateName": str(body.get("name") or code),
        "templateContent": str(body.get("content")),
    }
    if not register(store, sender, form):
        raise Refusal(409, "request_refused", "this code or name is taken")
    return _template(store, sender, code)


@router.get("/templates")
async def show_template(request: Request) -> Response:
    store, account = _caller(request)
    sender, code = (request.query_params.get(name, "") for name in ("sender", "code"))
    _need_sender(store, account, sender)
    return _template(store, sender, code)


def _template(store: Store, sender: str, code: str) -> Response:
    found = get_template(store, sender, code)
    if found is None:
        raise Refusal(404, "template_state", "no such template")
    return _answer(
        {
            "code": found.code,
            "inspection": INSPECTIONS.get(found.status, "rejected"),
            "stopped": found.block,
            "dormant": found.dormant,
            "comments": [one["content"] for one in found.comments],
        }
    )


def _caller(request: Request) -> tuple[Store, sqlite3.Row]:
    """Whose key it is. Raises Refusal 401."""
    store: Store = request.app.state.store
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    for row in store.all("SELECT * FROM relay_account"):
        if hmac.compare_digest(given.encode(), row["key"].encode()):
            return store, row
    raise Refusal(401, "misconfigured", "unknown key")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "request_refused", "no JSON object")
    return body


def _known(store: Store, account: sqlite3.Row, row: Json) -> dict[str, str] | None:
    """Asked before anything else: a reference taken within the ttl is that very message."""
    if account["idempotency"] != "dedupe":
        return None
    since = store.now() - account["dedupe_ttl_s"] * 1000
    known = store.one(
        "SELECT 1 FROM idempotency WHERE account = ? AND key = ? AND at > ?",
        (account["id"], str(row.get("ref")), since),
    )
    return {"code": "duplicate", "text": "taken before"} if known else None


def _remember(store: Store, account: sqlite3.Row, ref: str) -> None:
    store.run(
        "INSERT INTO idempotency VALUES (?, ?, ?)"
        " ON CONFLICT (account, key) DO UPDATE SET at = excluded.at",
        (account["id"], ref, store.now()),
    )


def _refuse(store: Store, account: sqlite3.Row, route: str, row: Json) -> dict[str, str] | None:
    """Why this message is not taken."""
    if not all(isinstance(row.get(name), str) for name in ("ref", "to", "sender", "text")):
        return {"code": "request_refused", "text": "a field is missing"}
    if normal_number(row["to"]) is None:
        return {"code": "bad_address", "text": row["to"]}
    if not _has_sender(store, account, row["sender"]):
        return {"code": "sender_state", "text": "unknown sender"}
    if route != "alimtalk":
        return None
    found = get_template(store, row["sender"], str(row.get("template")))
    if found is None or found.status != "TSC03" or found.block or found.dormant:
        return {"code": "template_state", "text": "not approved"}
    if not fits(found.body["templateContent"], row["text"]):
        return {"code": "template_mismatch", "text": "the text is not the template's"}
    return None


def _has_sender(store: Store, account: sqlite3.Row, sender: str) -> bool:
    return sender in orjson.loads(account["senders"])


def _need_sender(store: Store, account: sqlite3.Row, sender: str) -> None:
    if not _has_sender(store, account, sender):
        raise Refusal(400, "sender_state", "unknown sender")


def _parts(row: Json) -> str:
    """Buttons as the phones draw them."""
    names = {"kind": "type", "name": "name", "url_mobile": "linkMo", "url_pc": "linkPc"}
    names |= {"scheme_android": "schemeAndroid", "scheme_ios": "schemeIos", "token": "chatExtra"}
    buttons = [
        {"ordering": n, **{names[k]: v for k, v in one.items() if k in names}}
        for n, one in enumerate(row.get("buttons") or [], 1)
    ]
    return orjson.dumps({"buttons": buttons}).decode()


def _ms(value: str | None) -> int:
    """Milliseconds of an ISO time with zone. Raises Refusal 400."""
    try:
        return int(datetime.fromisoformat(value or "").timestamp() * 1000)
    except ValueError:
        raise Refusal(400, "request_refused", "a time that is none") from None


def _answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")

"""Alimtalk v2.3: GET /messages, one message, /message-results and its count.

Authentication messages have lists of their own and share the results.
"""

import sqlite3
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import alimtalk_account, store_of
from sandbox.nhn.fallback import resend_of
from sandbox.nhn.searching import Limits, Search, hide_fresh
from sandbox.nhn.wire import MINUTE, answer, biz, stamp
from sandbox.nhn.words import DELIVERED
from sandbox.phones import normal_number
from sandbox.store import Store

MONTH_MS = 31 * 24 * 3600 * 1000
PLAIN = {
    "requestId": "request_id",
    "senderKey": "sender",
    "templateCode": "template_code",
    "senderGroupingKey": "sender_ref",
    "recipientGroupingKey": "ref",
    "createUser": "author",
}
TYPES = {"NORMAL": 0, "AUTH": 1}
STATUS = {
    "COMPLETED": "state = 'done' AND result = '1000'",
    "FAILED": "state = 'done' AND result <> '1000'",
    "CANCEL": "state = 'cancelled'",
    "MRC01": "result_at IS NOT NULL AND result = '1000'",
    "MRC02": "result_at IS NOT NULL AND result NOT IN ('', '1000')",
}

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.get("/messages")
async def list_messages(request: Request, app_key: str) -> Response:
    return _list(request, app_key, auth=False)


@router.get("/auth/messages")
async def list_auth_messages(request: Request, app_key: str) -> Response:
    return _list(request, app_key, auth=True)


@router.get("/messages/{request_id}/{recipient_seq}")
async def get_message(
    request: Request, app_key: str, request_id: str, recipient_seq: str
) -> Response:
    return _get(request, app_key, (request_id, recipient_seq, False))


@router.get("/auth/messages/{request_id}/{recipient_seq}")
async def get_auth_message(
    request: Request, app_key: str, request_id: str, recipient_seq: str
) -> Response:
    return _get(request, app_key, (request_id, recipient_seq, True))


def _list(request: Request, app_key: str, auth: bool) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    query = request.query_params
    search = Search(account.app_key, ("alimtalk",))
    limits = Limits(MINUTE, MONTH_MS, biz(-4103), biz(-4003))
    by_request = search.between(query, ("startRequestDate", "endRequestDate"), "request_at", limits)
    by_creation = search.between(query, ("startCreateDate", "endCreateDate"), "created_at", limits)
    if not (query.get("requestId") or by_request or by_creation):
        raise biz(-4103)
    search.match(query, PLAIN)
    search.add("auth = ?", auth)
    if query.get("recipientNo"):
        search.add("number = ?", normal_number(query["recipientNo"]) or "")
    for name in ("messageStatus", "resultCode"):
        if query.get(name):
            search.add(STATUS.get(query[name], "0"))
    hide_fresh(search, store)
    search.turn_to(query, biz(-4103))
    rows = search.rows(store)
    found = [_item(store, row) for row in rows]
    return answer(
        {"messageSearchResultResponse": {"messages": found, "totalCount": search.total(store)}}
    )


def _get(request: Request, app_key: str, place: tuple[str, str, bool]) -> Response:
    """place: request, recipient, whether of the authentication messages. Raises -1016."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    search = Search(account.app_key, ("alimtalk",))
    search.add("request_id = ? AND recipient_seq = ? AND auth = ?", *place)
    hide_fresh(search, store)
    rows = search.rows(store)
    if not rows:
        raise biz(-1016)
    row, payload = rows[0], orjson.loads(rows[0]["payload"])
    resend = resend_of(store, row)
    more = {
        "templateTitle": payload.get("templateTitle"),
        "templateSubtitle": payload.get("templateSubtitle"),
        "templateExtra": payload.get("templateExtra"),
        "templateAd": payload.get("templateAd"),
        "templateHeader": payload.get("templateHeader"),
        "templateItem": payload.get("templateItem"),
        "templateItemHighlight": payload.get("templateItemHighlight"),
        "templateRepresentLink": payload.get("templateRepresentLink"),
        "buttons": payload.get("buttons", []),
        "quickReplies": payload.get("quickReplies", []),
        "messageOption": None,
        "resendResultCode": resend.code,
        "resendRequestId": resend.request_id,
    }
    return answer({"message": {**_item(store, row), **more}})


@router.get("/message-results")
async def list_results(request: Request, app_key: str) -> Response:
    store, search = store_of(request), _results(request, app_key)
    search.turn_to(request.query_params, biz(-4103))
    found = [_result_item(store, row) for row in search.rows(store)]
    return answer({"messages": found})


@router.get("/message-results/count")
async def count_results(request: Request, app_key: str) -> Response:
    return answer({"totalCount": _results(request, app_key).total(store_of(request))})


def _results(request: Request, app_key: str) -> Search:
    account = alimtalk_account(request, app_key)
    search = Search(account.app_key, ("alimtalk",), order="result_at, id")
    limits = Limits(MINUTE, MONTH_MS, biz(-4103), biz(-4003))
    query = request.query_params
    if not search.between(query, ("startUpdateDate", "endUpdateDate"), "result_at", limits):
        raise biz(-4103)
    if wanted := query.get("alimtalkMessageType"):
        search.add("auth = ?", TYPES.get(wanted, -1))
    return search


def status_of(row: sqlite3.Row) -> str:
    if row["state"] == "cancelled":
        return "CANCEL"
    if row["state"] != "done":
        return "READY"
    return "COMPLETED" if row["result"] == "1000" else "FAILED"


def _result_item(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    code = (row["result"] or None) if row["result_at"] is not None else None
    resend = resend_of(store, row)
    return {
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "requestDate": stamp(row["request_at"]),
        "createDate": stamp(row["created_at"]),
        "receiveDate": stamp(row["arrived_at"]),
        "resendStatus": resend.status,
        "resendStatusName": resend.name,
        "resendResultCode": resend.code,
        "resendRequestId": resend.request_id,
        "messageStatus": status_of(row),
        "resultCode": code,
        "resultCodeName": DELIVERED["alimtalk"].get(code or ""),
    }


def _item(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    parts = _result_item(store, row)
    del parts["resendResultCode"], parts["resendRequestId"]
    return {
        **parts,
        "plusFriendId": _plus_friend(store, row),
        "senderKey": row["sender"],
        "templateCode": row["template_code"],
        "recipientNo": row["number"],
        "content": row["text"],
        "createUser": row["author"] or None,
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }


def _plus_friend(store: Store, row: sqlite3.Row) -> str:
    found = store.one("SELECT channel_id FROM sender WHERE sender_key = ?", (row["sender"],))
    return found["channel_id"] if found else ""

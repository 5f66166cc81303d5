"""Alimtalk v2.3: GET /messages, one message, /message-results and its count."""

import sqlite3
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import alimtalk_account, store_of
from sandbox.nhn.searching import Limits, Search, hide_fresh
from sandbox.nhn.wire import DELIVERED, MINUTE, answer, biz, stamp
from sandbox.phones import normal_number

MONTH_MS = 31 * 24 * 3600 * 1000
PLAIN = {
    "requestId": "request_id",
    "senderKey": "sender",
    "templateCode": "template_code",
    "senderGroupingKey": "sender_ref",
    "recipientGroupingKey": "ref",
}
STATUS = {
    "COMPLETED": "state = 'done' AND result = '1000'",
    "FAILED": "state = 'done' AND result <> '1000'",
    "CANCEL": "0",
    "MRC01": "result_at IS NOT NULL AND result = '1000'",
    "MRC02": "result_at IS NOT NULL AND result <> '1000'",
}

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.get("/messages")
async def list_messages(request: Request, app_key: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    query = request.query_params
    search = Search(account.app_key, ("alimtalk",))
    limits = Limits(MINUTE, MONTH_MS, biz(-4103), biz(-4003))
    by_request = search.between(query, ("startRequestDate", "endRequestDate"), "request_at", limits)
    by_creation = search.between(query, ("startCreateDate", "endCreateDate"), "created_at", limits)
    if not (query.get("requestId") or by_request or by_creation):
        raise biz(-4103)
    search.match(query, PLAIN)
    if query.get("recipientNo"):
        search.add("number = ?", normal_number(query["recipientNo"]) or "")
    for name in ("messageStatus", "resultCode"):
        if query.get(name):
            search.add(STATUS.get(query[name], "0"))
    hide_fresh(search, store)
    search.turn_to(query, biz(-4103))
    rows = search.rows(store)
    found = [_item(row, _plus_friend(request, row)) for row in rows]
    return answer(
        {"messageSearchResultResponse": {"messages": found, "totalCount": search.total(store)}}
    )


@router.get("/messages/{request_id}/{recipient_seq}")
async def get_message(
    request: Request, app_key: str, request_id: str, recipient_seq: str
) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    search = Search(account.app_key, ("alimtalk",))
    search.add("request_id = ? AND recipient_seq = ?", request_id, recipient_seq)
    hide_fresh(search, store)
    rows = search.rows(store)
    if not rows:
        raise biz(-1016)
    row, payload = rows[0], orjson.loads(rows[0]["payload"])
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
        "resendResultCode": None,
        "resendRequestId": None,
    }
    return answer({"message": {**_item(row, _plus_friend(request, row)), **more}})


@router.get("/message-results")
async def list_results(request: Request, app_key: str) -> Response:
    search = _results(request, app_key)
    search.turn_to(request.query_params, biz(-4103))
    found = [_result_item(row) for row in search.rows(store_of(request))]
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
    if query.get("alimtalkMessageType", "NORMAL") != "NORMAL":
        search.add("0")
    return search


def status_of(row: sqlite3.Row) -> str:
    if row["state"] != "done":
        return "READY"
    return "COMPLETED" if row["result"] == "1000" else "FAILED"


def _result_item(row: sqlite3.Row) -> dict[str, Any]:
    code = row["result"] if row["result_at"] is not None else None
    return {
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "requestDate": stamp(row["request_at"]),
        "createDate": stamp(row["created_at"]),
        "receiveDate": stamp(row["arrived_at"]),
        "resendStatus": "RSC01",
        "resendStatusName": "대체 발송 미대상",
        "resendResultCode": None,
        "resendRequestId": None,
        "messageStatus": status_of(row),
        "resultCode": code,
        "resultCodeName": DELIVERED["alimtalk"].get(code or ""),
    }


def _item(row: sqlite3.Row, plus_friend_id: str) -> dict[str, Any]:
    parts = _result_item(row)
    del parts["resendResultCode"], parts["resendRequestId"]
    return {
        **parts,
        "plusFriendId": plus_friend_id,
        "senderKey": row["sender"],
        "templateCode": row["template_code"],
        "recipientNo": row["number"],
        "content": row["text"],
        "createUser": None,
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }


def _plus_friend(request: Request, row: sqlite3.Row) -> str:
    found = store_of(request).one(
        "SELECT channel_id FROM sender WHERE sender_key = ?", (row["sender"],)
    )
    return found["channel_id"] if found else ""

"""SMS v3.0: GET /sender/sms and /sender/mms (list and one), GET /message-results."""

import sqlite3
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import sms_account, store_of
from sandbox.nhn.searching import Limits, Search, hide_fresh
from sandbox.nhn.wire import DELIVERED, SECOND, answer, sms, stamp
from sandbox.phones import normal_number

DAY_MS = 24 * 3600 * 1000
PLAIN = {
    "requestId": "request_id",
    "sendNo": "sender",
    "senderGroupingKey": "sender_ref",
    "recipientGroupingKey": "ref",
}
STATUS = {
    "0": "state = 'done' AND result <> '1000'",
    "2": "state <> 'done'",
    "3": "state = 'done' AND result = '1000'",
    "MTR1": "state = 'done' AND result = '1000'",
    "MTR2": "state = 'done' AND result <> '1000'",
}
STATUS_NAMES = {"0": "실패", "2": "처리 중", "3": "성공"}
TYPES = {"SMS": "sms", "LMS": "lms"}

router = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}")


@router.get("/sender/sms")
async def list_sms(request: Request, app_key: str) -> Response:
    return _list(request, app_key, "sms")


@router.get("/sender/mms")
async def list_lms(request: Request, app_key: str) -> Response:
    return _list(request, app_key, "lms")


@router.get("/sender/sms/{request_id}")
async def get_sms(request: Request, app_key: str, request_id: str) -> Response:
    return _get(request, app_key, "sms", request_id)


@router.get("/sender/mms/{request_id}")
async def get_lms(request: Request, app_key: str, request_id: str) -> Response:
    return _get(request, app_key, "lms", request_id)


@router.get("/message-results")
async def list_results(request: Request, app_key: str) -> Response:
    account, query = sms_account(request, app_key), request.query_params
    wanted = query.get("messageType")
    kinds = tuple(TYPES.values()) if not wanted else (TYPES.get(wanted, ""),)
    search = Search(account.app_key, kinds, order="result_at, id")
    limits = Limits(SECOND, DAY_MS, sms(-2000), sms(-4000))
    if not search.between(query, ("startUpdateDate", "endUpdateDate"), "result_at", limits):
        raise sms(-1005)
    return _page(request, search, [*map(_result_item, _turn(request, search))])


def _list(request: Request, app_key: str, kind: str) -> Response:
    account, query = sms_account(request, app_key), request.query_params
    search = Search(account.app_key, (kind,))
    limits = Limits(SECOND, 31 * DAY_MS, sms(-2000), sms(-4000))
    # the creation range wins when both are given
    created = search.between(query, ("startCreateDate", "endCreateDate"), "created_at", limits)
    ranged = created or search.between(
        query, ("startRequestDate", "endRequestDate"), "request_at", limits
    )
    if not (query.get("requestId") or ranged):
        raise sms(-2011)
    search.between(query, ("startResultDate", "endResultDate"), "result_at", limits)
    search.match(query, PLAIN)
    if query.get("recipientNo"):
        search.add("number = ?", normal_number(query["recipientNo"]) or "")
    for name in ("msgStatus", "resultCode"):
        if query.get(name):
            search.add(STATUS.get(query[name], "0"))
    hide_fresh(search, store_of(request))
    return _page(request, search, [*map(_item, _turn(request, search))])


def _get(request: Request, app_key: str, kind: str, request_id: str) -> Response:
    account = sms_account(request, app_key)
    search = Search(account.app_key, (kind,))
    seq = request.query_params.get("recipientSeq", "")
    search.add("request_id = ? AND recipient_seq = ?", request_id, seq)
    hide_fresh(search, store_of(request))
    rows = search.rows(store_of(request))
    if not rows:
        raise sms(-2008)
    more = {"originCode": None, "dlr": None}
    return answer({"body": {"data": {**_item(rows[0]), **more}}})


def _turn(request: Request, search: Search) -> list[sqlite3.Row]:
    search.turn_to(request.query_params, sms(-1005))
    return search.rows(store_of(request))


def _page(request: Request, search: Search, data: list[dict[str, Any]]) -> Response:
    body = {
        "pageNum": search.page,
        "pageSize": search.size,
        "totalCount": search.total(store_of(request)),
        "data": data,
    }
    return answer({"body": body})


def _status(row: sqlite3.Row) -> str:
    if row["state"] != "done":
        return "2"
    return "3" if row["result"] == "1000" else "0"


def _code(row: sqlite3.Row) -> str | None:
    return row["result"] if row["result_at"] is not None else None


def _result_item(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "messageType": row["kind"].upper(),
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "resultCode": _code(row),
        "resultCodeName": DELIVERED["sms"].get(_code(row) or ""),
        "requestDate": stamp(row["request_at"]),
        "resultDate": stamp(row["result_at"]),
        "updateDate": stamp(row["result_at"]),
        "telecomCode": "10002",
        "telecomCodeName": "KT",
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }


def _item(row: sqlite3.Row) -> dict[str, Any]:
    status = _status(row)
    return {
        "requestId": row["request_id"],
        "requestDate": stamp(row["request_at"]),
        "resultDate": stamp(row["result_at"]),
        "templateId": None,
        "templateName": None,
        "categoryId": None,
        "categoryName": None,
        "title": row["title"] or None,
        "body": row["text"],
        "sendNo": row["sender"],
        "countryCode": "82",
        "recipientNo": row["number"],
        "msgStatus": status,
        "msgStatusName": STATUS_NAMES[status],
        "resultCode": _code(row),
        "resultCodeName": DELIVERED["sms"].get(_code(row) or ""),
        "telecomCode": 10002,
        "telecomCodeName": "KT",
        "recipientSeq": row["recipient_seq"],
        "sendType": "0" if row["kind"] == "sms" else "1",
        "messageType": row["kind"].upper(),
        "messageCount": 1,
        "userId": None,
        "adYn": "N",
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }

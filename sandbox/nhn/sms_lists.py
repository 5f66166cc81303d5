"""SMS v3.0: GET /sender/sms, /sender/auth/sms and /sender/mms (list and one), /message-results."""

import sqlite3
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import sms_account, store_of
from sandbox.nhn.searching import Limits, Search, hide_fresh
from sandbox.nhn.wire import SECOND, answer, sms, stamp
from sandbox.nhn.words import DELIVERED
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
    "1": "state = 'waiting' AND request_at > :now",
    "2": "state IN ('waiting', 'held') AND request_at <= :now",
    "3": "state = 'done' AND result = '1000'",
    "4": "state = 'cancelled'",
    "MTR1": "state = 'done' AND result = '1000'",
    "MTR2": "state = 'done' AND result <> '1000'",
}
STATUS_NAMES = {"0": "실패", "1": "요청", "2": "처리 중", "3": "성공", "4": "예약 취소"}
TYPES = {
    "SMS": "kind = 'sms' AND auth = 0",
    "AUTH": "auth = 1",
    "LMS": "kind = 'lms'",
    "MMS": "kind = 'mms'",
}
TEXTS = ("sms", "lms", "mms")
LONG = ("lms", "mms")

router = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}")


@router.get("/sender/sms")
async def list_sms(request: Request, app_key: str) -> Response:
    return _list(request, app_key, ("sms",))


@router.get("/sender/auth/sms")
async def list_auth(request: Request, app_key: str) -> Response:
    return _list(request, app_key, ("sms",), auth=True)


@router.get("/sender/auth/sms/{request_id}")
async def get_auth(request: Request, app_key: str, request_id: str) -> Response:
    return _get(request, app_key, ("sms",), request_id, auth=True)


@router.get("/sender/mms")
async def list_mms(request: Request, app_key: str) -> Response:
    return _list(request, app_key, LONG)


@router.get("/sender/sms/{request_id}")
async def get_sms(request: Request, app_key: str, request_id: str) -> Response:
    return _get(request, app_key, ("sms",), request_id)


@router.get("/sender/mms/{request_id}")
async def get_mms(request: Request, app_key: str, request_id: str) -> Response:
    return _get(request, app_key, LONG, request_id)


@router.get("/message-results")
async def list_results(request: Request, app_key: str) -> Response:
    account, query = sms_account(request, app_key), request.query_params
    search = Search(account.app_key, TEXTS, order="result_at, id")
    search.add("state <> 'cancelled'")  # this list has no word for it
    if wanted := query.get("messageType"):
        search.add(TYPES.get(wanted, "0"))
    limits = Limits(SECOND, DAY_MS, sms(-2000), sms(-4000))
    if not search.between(query, ("startUpdateDate", "endUpdateDate"), "result_at", limits):
        raise sms(-1005)
    return _page(request, search, [*map(_result_item, _turn(request, search))])


def _list(request: Request, app_key: str, kinds: tuple[str, ...], auth: bool = False) -> Response:
    account, query = sms_account(request, app_key), request.query_params
    search = Search(account.app_key, kinds)
    search.add("auth = ?", auth)
    now = store_of(request).now()
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
            search.add(STATUS.get(query[name], "0").replace(":now", str(now)))
    hide_fresh(search, store_of(request))
    return _page(request, search, [_item(row, now) for row in _turn(request, search)])


def _get(
    request: Request, app_key: str, kinds: tuple[str, ...], request_id: str, auth: bool = False
) -> Response:
    account = sms_account(request, app_key)
    search = Search(account.app_key, kinds)
    seq = request.query_params.get("recipientSeq", "")
    search.add("request_id = ? AND recipient_seq = ? AND auth = ?", request_id, seq, auth)
    hide_fresh(search, store_of(request))
    rows = search.rows(store_of(request))
    if not rows:
        raise sms(-2008)
    more = {"originCode": None, **({} if rows[0]["kind"] in LONG else {"dlr": None})}
    return answer({"body": {"data": {**_item(rows[0], store_of(request).now()), **more}}})


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


def _status(row: sqlite3.Row, now: int) -> str:
    if row["state"] == "cancelled":
        return "4"
    if row["state"] != "done":
        return "1" if row["state"] == "waiting" and row["request_at"] > now else "2"
    return "3" if row["result"] == "1000" else "0"


def _code(row: sqlite3.Row) -> str | None:
    return (row["result"] or None) if row["result_at"] is not None else None


def type_of(row: sqlite3.Row) -> str:
    """messageType of a stored text."""
    return "AUTH" if row["auth"] else str(row["kind"].upper())


def send_type(row: sqlite3.Row) -> str:
    """0 SMS, 1 LMS and MMS, 2 authentication."""
    if row["auth"]:
        return "2"
    return "0" if row["kind"] == "sms" else "1"


def _result_item(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "messageType": type_of(row),
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


def _of_long(row: sqlite3.Row) -> dict[str, Any]:
    """What only long texts have."""
    if row["kind"] not in LONG:
        return {}
    files = orjson.loads(row["payload"]).get("attachFileList", [])
    return {"title": row["title"] or None, "attachFileList": files}


def _item(row: sqlite3.Row, now: int) -> dict[str, Any]:
    status = _status(row, now)
    return {
        "requestId": row["request_id"],
        "requestDate": stamp(row["request_at"]),
        "resultDate": stamp(row["result_at"]),
        "templateId": None,
        "templateName": None,
        "categoryId": None,
        "categoryName": None,
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
        "sendType": send_type(row),
        "messageType": type_of(row),
        "messageCount": 1,
        "userId": row["author"] or None,
        "adYn": "N",
        "resultMessage": "",
        **_of_long(row),
        "senderGroupingKey": row["sender_ref"] or None,
        "recipientGroupingKey": row["ref"] or None,
    }

"""Reservations: Alimtalk's DELETE /messages, and SMS's /reservations (list, one, cancel).

After NHN Cloud's guides of 2026-06. What has left, or was never reserved, cannot be cancelled.
"""

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import alimtalk_account, sms_account, store_of
from sandbox.nhn.searching import Limits, Search
from sandbox.nhn.sms_lists import TEXTS, send_type, type_of
from sandbox.nhn.wire import SECOND, answer, biz, read_json, sms, stamp
from sandbox.phones import normal_number
from sandbox.store import Store

MONTH_MS = 31 * 24 * 3600 * 1000
LONGEST_ID = 25
SEQUENCES = re.compile(r"[0-9]{1,9}(,[0-9]{1,9})*")
# reserved ones are those asked for a later time than they came
RESERVED = "request_at > created_at"
STATUS = {
    "RESERVED": "state = 'waiting' AND request_at > :now",
    "SENDING": "state IN ('waiting', 'held') AND request_at <= :now",
    "COMPLETED": "state = 'done' AND result = '1000'",
    "FAILED": "state = 'done' AND result <> '1000'",
    "CANCEL": "state = 'cancelled'",
}
SEND_TYPES = {"0": "kind = 'sms' AND auth = 0", "1": "kind IN ('lms', 'mms')", "2": "auth = 1"}
PLAIN = {"requestId": "request_id", "sendNo": "sender"}
CHOSEN = " AND recipient_seq IN (SELECT value FROM json_each(?))"
CANCEL = (
    "UPDATE message SET state = 'cancelled', due_at = NULL, result = '', result_at = ?"
    " WHERE account = ? AND app = ? AND request_id = ? AND state = 'waiting' AND request_at > ?"
)

alimtalk = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")
texts = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}/reservations")


@alimtalk.delete("/messages/{request_id}")
async def cancel_notices(request: Request, app_key: str, request_id: str) -> Response:
    """Of normal and authentication messages; all of a request unless `recipientSeq` names some.

    Raises -2028, 4, -2029.
    """
    store, account = store_of(request), alimtalk_account(request, app_key)
    if len(request_id) > LONGEST_ID:
        raise biz(-2028)
    wanted = request.query_params.get("recipientSeq")
    if wanted is not None and not SEQUENCES.fullmatch(wanted):
        raise biz(4, "recipientSeq")
    chosen = None if wanted is None else [int(one) for one in wanted.split(",")]
    place = (account.app_key, "chat", request_id)
    if not (_cancel_all(store, place) if chosen is None else _cancel(store, place, chosen)):
        raise biz(-2029)
    return answer({})


@texts.get("")
async def list_reservations(request: Request, app_key: str) -> Response:
    """Raises -2000, -4000, -1005."""
    store, account, query = store_of(request), sms_account(request, app_key), request.query_params
    search = Search(account.app_key, TEXTS)
    search.add(RESERVED)
    limits = Limits(SECOND, MONTH_MS, sms(-2000), sms(-4000))
    search.between(query, ("startRequestDate", "endRequestDate"), "request_at", limits)
    search.between(query, ("startCreateDate", "endCreateDate"), "created_at", limits)
    search.match(query, PLAIN)
    if query.get("recipientNo"):
        search.add("number = ?", normal_number(query["recipientNo"]) or "")
    if query.get("sendType"):
        search.add(SEND_TYPES.get(query["sendType"], "0"))
    if query.get("messageStatus"):
        search.add(STATUS.get(query["messageStatus"], "0").replace(":now", str(store.now())))
    search.turn_to(query, sms(-1005))
    body = {
        "pageNum": search.page,
        "pageSize": search.size,
        "totalCount": search.total(store),
        "data": [_item(row, store.now()) for row in search.rows(store)],
    }
    return answer({"body": body})


@texts.get("/{request_id}/{recipient_seq}")
async def get_reservation(
    request: Request, app_key: str, request_id: str, recipient_seq: str
) -> Response:
    """Raises -2008."""
    store, account = store_of(request), sms_account(request, app_key)
    search = Search(account.app_key, TEXTS)
    search.add(f"request_id = ? AND recipient_seq = ? AND {RESERVED}", request_id, recipient_seq)
    rows = search.rows(store)
    if not rows:
        raise sms(-2008)
    files = orjson.loads(rows[0]["payload"]).get("attachFileList", [])
    shown = [{name: one[name] for name in ("fileId", "filePath", "fileName")} for one in files]
    return answer({"body": {"data": {**_item(rows[0], store.now()), "attachFileList": shown}}})


@texts.put("/cancel")
async def cancel_texts(request: Request, app_key: str) -> Response:
    """How many were asked for and how many were cancelled. Raises -9997."""
    store, account = store_of(request), sms_account(request, app_key)
    body = await read_json(request, sms(-9996), sms(-9997))
    wanted = _wanted(body)
    done = 0
    for request_id, seq in wanted:
        done += _cancel(store, (account.app_key, "sms", request_id), [seq])
    return answer({"body": {"data": {"requestedCount": len(wanted), "canceledCount": done}}})


def _wanted(body: Mapping[str, Any]) -> list[tuple[str, int]]:
    rows, user = body.get("reservationList"), body.get("updateUser")
    if not isinstance(rows, list) or not rows or not isinstance(user, str) or not user:
        raise sms(-9997)
    found = [(one.get("requestId"), one.get("recipientSeq")) for one in rows if _is_row(one)]
    if len(found) != len(rows):
        raise sms(-9997)
    return found


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("requestId"), str)
        and type(row.get("recipientSeq")) is int
    )


def _cancel_all(store: Store, place: tuple[str, str, str]) -> int:
    """How many of this account, app and request were cancelled."""
    now = store.now()
    return store.run(CANCEL, (now, *place, now)).rowcount


def _cancel(store: Store, place: tuple[str, str, str], chosen: list[int]) -> int:
    now, names = store.now(), orjson.dumps(chosen).decode()
    return store.run(CANCEL + CHOSEN, (now, *place, now, names)).rowcount


def _status(row: sqlite3.Row, now: int) -> str:
    if row["state"] == "cancelled":
        return "CANCEL"
    if row["state"] == "done":
        return "COMPLETED" if row["result"] == "1000" else "FAILED"
    return "RESERVED" if row["state"] == "waiting" and row["request_at"] > now else "SENDING"


def _item(row: sqlite3.Row, now: int) -> dict[str, Any]:
    return {
        "requestId": row["request_id"],
        "recipientSeq": row["recipient_seq"],
        "requestDate": stamp(row["request_at"]),
        "sendNo": row["sender"],
        "recipientNo": row["number"],
        "countryCode": "82",
        "sendType": send_type(row),
        "messageType": type_of(row),
        "adYn": "N",
        "templateId": None,
        "templateParameter": None,
        "templateName": None,
        "title": row["title"] or None,
        "body": row["text"],
        "messageStatus": _status(row, now),
        "createUser": row["author"] or None,
        "createDate": stamp(row["created_at"]),
        "updateDate": stamp(row["result_at"]),
    }

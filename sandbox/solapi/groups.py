"""Groups: made, filled, sent or scheduled, asked for, deleted."""

import asyncio
import re
import sqlite3
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.intake import respond
from sandbox.solapi import ledger
from sandbox.solapi.checks import recipients
from sandbox.solapi.searching import find, page_of
from sandbox.solapi.sending import (
    ASKED,
    MOST_IN_GROUP,
    look,
    need_group,
    need_money,
    schedule,
    scheduled_at,
    through_chaos,
)
from sandbox.solapi.shapes import added_out, group_out, message_out
from sandbox.solapi.signing import Account, caller
from sandbox.solapi.wire import Json, Refused, answer, invalid, read_body
from sandbox.store import Store

GROUP_ID = re.compile(r"G4V[0-9A-Z]{29}")
# why a group that is not PENDING takes nothing any more
CLOSED = {
    "SCHEDULED": ("ScheduledGroup", "예약된 그룹입니다 (scheduled)"),
    "SENDING": ("AlreadySent", "이미 발송한 그룹입니다 (already sent)"),
    "COMPLETE": ("AlreadySent", "이미 발송한 그룹입니다 (already sent)"),
    "FAILED": ("FailedGroup", "실패한 그룹입니다 (failed)"),
    "DELETED": ("DeletedGroup", "삭제된 그룹입니다 (deleted)"),
}
COLUMNS = {
    "groupId": "id",
    "status": "status",
    "dateCreated": "created_at",
    "dateUpdated": "updated_at",
    "scheduledDate": "scheduled_at",
}

router = APIRouter(prefix="/solapi/messages/v4/groups", include_in_schema=False)


@router.post("")
async def create(request: Request) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    with store.tx():
        kept = {name: body[name] for name in ASKED if name in body}
        group_id = ledger.make_group(store, account.id, kept)
    return _shown(store, account, group_id)


@router.get("")
async def list_all(request: Request) -> Response:
    store, account = caller(request)
    page = find(store, request.query_params, ("solapi_group", account.id), COLUMNS)
    shown = {row["id"]: group_out(store, row) for row in page.rows}
    return answer({**page.keys, "groupList": shown})


@router.get("/{group_id}")
async def show(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    return _shown(store, account, _id(group_id))


@router.delete("/{group_id}")
async def delete(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    group = need_group(store, account, _id(group_id))
    if group["status"] in ("SENDING", "SCHEDULED"):
        raise Refused("NotOperationalStatus", f"지울 수 없는 상태입니다 ({group['status']})")
    with store.tx():
        ledger.set_status(store, group_id, "DELETED")
    return _shown(store, account, group_id)


@router.get("/{group_id}/messages")
async def list_messages(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    group = need_group(store, account, _id(group_id))
    page = page_of(store, request.query_params, group["id"])
    shown = {row["id"]: message_out(row) for row in page.rows}
    return answer({**page.keys, "messageList": shown})


@router.put("/{group_id}/messages")
async def add(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    group = _open(store, account, group_id)
    rows = _messages(body)
    if group["last_seq"] + len(rows) > MOST_IN_GROUP:
        raise Refused("RecipientsTooMany", f"그룹에 {MOST_IN_GROUP:,}건까지 (at most in a group)")
    repeats = orjson.loads(group["body"]).get("allowDuplicates") is True
    known = set() if repeats else ledger.known_numbers(store, group["id"])
    found = look(store, account, (rows, repeats), known)
    with store.tx():
        added = ledger.add(store, group, found)
    shown = [added_out(row) for row in added]
    errors = sum(row["status_code"] != "2000" for row in added)
    return answer({"errorCount": errors, "resultList": shown})


@router.delete("/{group_id}/messages")
async def remove(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    group = _open(store, account, group_id)
    wanted = body.get("messageIds")
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise invalid("messageIds는 배열이어야 합니다 (messageIds: an array of texts)")
    with store.tx():
        results = [_remove(store, group, one) for one in wanted]
    errors = sum(one["resultCode"] != "Success" for one in results)
    return answer({"groupId": group["id"], "errorCount": errors, "resultList": results})


@router.post("/{group_id}/send")
async def send(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    group = _open(store, account, group_id)
    rows = [orjson.loads(row["body"]) for row in _accepted(store, group)]

    async def take() -> Response:
        await asyncio.sleep(store.settings.accept_delay_s)
        # a second call may have come while the first one waited
        now_open = _open(store, account, group_id)
        need_money(store, account, ledger.price_of(store, group_id))
        lost = ledger.send(store, now_open)
        return await respond(request, store, _shown(store, account, group_id), lost)

    return await through_chaos(request, account, rows, take)


@router.post("/{group_id}/schedule")
async def reserve(request: Request, group_id: str) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    group = _open(store, account, group_id)
    at = scheduled_at(store, body)
    with store.tx():
        schedule(store, group["id"], at)
    return _shown(store, account, group_id)


@router.delete("/{group_id}/schedule")
async def cancel(request: Request, group_id: str) -> Response:
    """The group fails with all its messages."""
    store, account = caller(request)
    group = need_group(store, account, _id(group_id))
    if group["status"] != "SCHEDULED":
        code, message = CLOSED.get(group["status"], ("InvalidStatus", "예약이 없습니다 (no date)"))
        raise Refused(code, message)
    with store.tx():
        ledger.fail_open(store, group_id, ledger.CANCELLED)
        ledger.note(store, group_id, "예약이 취소되었습니다")
    return _shown(store, account, group_id)


def _id(group_id: str) -> str:
    """Raises ValidationError."""
    if not GROUP_ID.fullmatch(group_id):
        raise invalid(f"groupId 형식이 아닙니다 (not a groupId): {group_id}")
    return group_id


def _open(store: Store, account: Account, group_id: str) -> sqlite3.Row:
    """A group that still takes messages. Raises what its state says."""
    group = need_group(store, account, _id(group_id))
    if group["status"] in CLOSED:
        raise Refused(*CLOSED[group["status"]])
    return group


def _shown(store: Store, account: Account, group_id: str) -> Response:
    return answer(group_out(store, need_group(store, account, group_id)))


def _messages(body: Json) -> list[dict[str, Any]]:
    rows = recipients(body.get("messages"))
    if not rows:
        raise invalid("messages가 비어 있습니다 (messages: at least one)")
    return rows


def _accepted(store: Store, group: sqlite3.Row) -> list[sqlite3.Row]:
    return store.all(
        "SELECT body FROM solapi_message WHERE grp = ? AND status_code = '2000' ORDER BY seq",
        (group["id"],),
    )


def _remove(store: Store, group: sqlite3.Row, message_id: str) -> dict[str, str]:
    gone = store.run(
        "DELETE FROM solapi_message WHERE id = ? AND grp = ?", (message_id, group["id"])
    )
    return {"messageId": message_id, "resultCode": "Success" if gone.rowcount else "1021"}

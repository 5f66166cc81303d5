"""kakao v2: the account's channels, and the categories of templates."""

import sqlite3
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.profiles import CATEGORIES
from sandbox.solapi.signing import Account, caller
from sandbox.solapi.wire import answer, not_found

# the real list is Kakao's and long
CHANNEL_CATEGORIES = {"00100010001": "건강,병원,종합병원", "00200010001": "교육,학원,학원일반"}

router = APIRouter(prefix="/solapi/kakao/v2", include_in_schema=False)


@router.get("/channels/categories")
async def list_channel_categories(request: Request) -> Response:
    caller(request)
    return answer([{"code": code, "name": name} for code, name in CHANNEL_CATEGORIES.items()])


@router.get("/templates/categories")
async def list_template_categories(request: Request) -> Response:
    caller(request)
    rows = [
        {"code": code, "name": f"{group},{name}"}
        for group, names in CATEGORIES.items()
        for code, name in names.items()
    ]
    return answer(rows)


@router.get("/channels")
async def list_channels(request: Request) -> Response:
    store, account = caller(request)
    query = request.query_params
    rows = store.all(
        "SELECT * FROM sender WHERE solapi_id = ? AND (? = '' OR sender_key = ?)"
        " AND (? = '' OR channel_id = ?) ORDER BY sender_key",
        (account.id, *[query.get("channelId", "")] * 2, *[query.get("searchId", "")] * 2),
    )
    shown = [_channel(account, row) for row in rows]
    return answer(
        {"limit": max(20, len(shown)), "startKey": None, "nextKey": None, "channelList": shown}
    )


@router.get("/channels/{channel_id}")
async def show_channel(request: Request, channel_id: str) -> Response:
    store, account = caller(request)
    row = store.one(
        "SELECT * FROM sender WHERE sender_key = ? AND solapi_id = ?", (channel_id, account.id)
    )
    if row is None:
        raise not_found("channel")
    return answer(_channel(account, row))


def _channel(account: Account, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "channelId": row["sender_key"],
        "searchId": row["channel_id"],
        "channelName": row["name"],
        "accountId": account.id,
        "phoneNumber": "",
        "sharedAccountIds": [],
    }

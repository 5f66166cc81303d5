"""Alimtalk v2.3: sender profiles, and the categories of templates."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import Account, alimtalk_account, need_sender, store_of
from sandbox.nhn.searching import turn_of
from sandbox.nhn.wire import answer, seoul
from sandbox.store import Store

# A few of the real categories; the codes are the ones the guides use in examples.
CATEGORIES = {
    "회원": {"001001": "회원가입", "001002": "인증/비밀번호/로그인"},
    "구매": {"002001": "구매완료", "002003": "구매취소"},
    "예약": {"003001": "예약완료/예약내역"},
    "배송": {"006001": "배송상태", "006002": "배송예정"},
    "기타": {"999999": "기타"},
}

HOUR_MS = 3_600_000
SEOUL_MS, DAY_MS = 9 * HOUR_MS, 24 * HOUR_MS
NO_LIMIT = {"dailyMaxCount": 0, "sentCount": 0}
NO_FALLBACK = {
    "resendAppKey": None,
    "isResend": False,
    "resendSendNo": None,
    "resendUnsubscribeNo": None,
}
OF_KAKAO = (
    "kakaoStatus",
    "kakaoStatusName",
    "kakaoProfileStatus",
    "kakaoProfileStatusName",
    "profileSpamLevel",
    "profileMessageSpamLevel",
)

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.get("/template/categories")
async def list_categories(request: Request, app_key: str) -> Response:
    alimtalk_account(request, app_key)
    categories = [
        {
            "name": group,
            "subCategories": [
                {"code": code, "name": name, "groupName": group, "inclusion": "", "exclusion": ""}
                for code, name in names.items()
            ],
        }
        for group, names in CATEGORIES.items()
    ]
    return answer({"categories": categories})


@router.get("/senders")
async def list_senders(request: Request, app_key: str) -> Response:
    """Registered ones by sender key, then those that wait for their token."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    query = request.query_params
    found = [*_registered(store, account, query), *_pending(store, account, query)]
    page, size = turn_of(query)
    return answer({"senders": found[(page - 1) * size : page * size], "totalCount": len(found)})


@router.get("/senders/{sender_key}")
async def get_sender(request: Request, app_key: str, sender_key: str) -> Response:
    """Raises -2017."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    return answer({"sender": _profile(store, need_sender(store, account, sender_key))})


def _registered(store: Store, account: Account, query: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = store.all(
        "SELECT * FROM sender WHERE app_key = ? AND (? = '' OR channel_id = ?)"
        " AND (? = '' OR sender_key = ?) AND ? IN ('', 'YSC03') ORDER BY sender_key",
        (
            account.app_key,
            *[query.get("plusFriendId", "")] * 2,
            *[query.get("senderKey", "")] * 2,
            query.get("status", ""),
        ),
    )
    return [_profile(store, row) for row in rows]


def _pending(store: Store, account: Account, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """They have no sender key yet, and nothing of Kakao's."""
    rows = store.all(
        "SELECT * FROM nhn_profile_request WHERE app_key = ? AND (? = '' OR channel_id = ?)"
        " AND ? = '' AND ? IN ('', 'YSC02') ORDER BY channel_id",
        (
            account.app_key,
            *[query.get("plusFriendId", "")] * 2,
            query.get("senderKey", ""),
            query.get("status", ""),
        ),
    )
    return [_request(row) for row in rows]


def _profile(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    blocked = bool(row["blocked"])
    linked = store.one(
        "SELECT resend_app_key FROM nhn_account WHERE app_key = ?", (row["app_key"],)
    )
    resends = {
        "resendAppKey": (linked["resend_app_key"] or None) if linked else None,
        "isResend": bool(row["resends"]),
        "resendSendNo": row["resend_no"] or None,
    }
    return {
        "plusFriendId": row["channel_id"],
        "senderKey": row["sender_key"],
        "categoryCode": row["category"] or None,
        "status": "YSC03",
        "statusName": "정상 등록",
        "kakaoStatus": "S" if blocked else "A",
        "kakaoStatusName": "차단" if blocked else "정상",
        "kakaoProfileStatus": "B" if blocked else "A",
        "kakaoProfileStatusName": "차단" if blocked else "활성화",
        "profileSpamLevel": "정상",
        "profileMessageSpamLevel": "정상",
        "alimtalk": {**resends, **NO_LIMIT, "sentCount": _sent_today(store, row)},
        "friendtalk": {**NO_FALLBACK, **NO_LIMIT},
        "dormant": False,
        "block": blocked,
        "createDate": seoul(row["created_at"]),
        "initialUserRestriction": False,
    }


def _request(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "plusFriendId": row["channel_id"],
        "senderKey": None,
        "categoryCode": row["category"],
        "status": "YSC02",
        "statusName": "등록 대기 중",
        **dict.fromkeys(OF_KAKAO),
        "alimtalk": {"resendAppKey": None, "isResend": False, "resendSendNo": None, **NO_LIMIT},
        "friendtalk": {**NO_FALLBACK, **NO_LIMIT},
        "dormant": False,
        "block": False,
        "createDate": seoul(row["created_at"]),
        "initialUserRestriction": False,
    }


def _sent_today(store: Store, row: sqlite3.Row) -> int:
    now = store.now()
    midnight = now - (now + SEOUL_MS) % DAY_MS
    return store.number(
        "SELECT count(*) FROM message WHERE account = ? AND created_at >= ? AND sender = ?"
        " AND kind = 'alimtalk' AND state <> 'cancelled'",
        (row["app_key"], midnight, row["sender_key"]),
    )

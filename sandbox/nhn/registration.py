"""Alimtalk v2.3: a channel becomes a sender profile, by a token its administrator gets.

After NHN Cloud's guide "Sender v2.3" (2026-06). The token arrives on the administrator's phone.
"""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.arrivals import write_line
from sandbox.nhn.accounts import Account, alimtalk_account, need_sender, store_of
from sandbox.nhn.fields import need_text
from sandbox.nhn.wire import answer, biz, read_json
from sandbox.phones import make_phones, normal_number
from sandbox.store import Store

TOKEN_MS = 7 * 24 * 3600 * 1000  # as in github.com/lunasoft-org/kakao-bzm (2025-12)
KAKAO = "kakaotalk-channel"  # the room the token arrives in
# A few of the real categories: eleven digits in three steps; the first is the guide's example.
CATEGORIES: dict[str, dict[str, tuple[str, ...]]] = {
    "건강": {"병원": ("종합병원", "의원"), "약국": ("약국",)},
    "쇼핑": {"종합쇼핑": ("온라인쇼핑몰", "백화점"), "식품": ("식품",)},
    "교육": {"학원": ("입시학원", "어학원")},
}

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}")


@router.get("/sender/categories")
async def list_categories(request: Request, app_key: str) -> Response:
    """A tree of three steps."""
    alimtalk_account(request, app_key)
    return answer({"categories": _tree()})


@router.post("/senders")
async def register(request: Request, app_key: str) -> Response:
    """Ask for a profile; asking again sends another token. Raises -5000, -4000."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read_json(request, biz(-9996), biz(-3002))
    channel = need_text(body, "plusFriendId", 30)
    number = normal_number(need_text(body, "phoneNo", 15))
    category = need_text(body, "categoryCode", 11)
    if number is None:
        raise biz(-5000)
    if category not in _codes() or _is_registered(store, account, channel):
        raise biz(-4000)
    token = secrets.randbelow(900_000) + 100_000
    with store.tx():
        store.run(
            "INSERT INTO nhn_profile_request VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (app_key, channel_id) DO UPDATE SET category = excluded.category,"
            " token = excluded.token, created_at = excluded.created_at",
            (account.app_key, channel, category, token, store.now()),
        )
        make_phones(store, [number])
        write_line(
            store, (number, KAKAO, "alimtalk"), f"[카카오톡 채널] {channel}의 인증 토큰: {token}"
        )
    return answer({})


@router.post("/sender/token")
async def confirm(request: Request, app_key: str) -> Response:
    """The token makes the profile. Raises -2017 without a request, -4000 for a wrong token."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read_json(request, biz(-9996), biz(-3002))
    channel, token = need_text(body, "plusFriendId", 30), body.get("token")
    if type(token) is not int:
        raise biz(4 if token is not None else -2002, "token")
    asked = store.one(
        "SELECT * FROM nhn_profile_request WHERE app_key = ? AND channel_id = ?",
        (account.app_key, channel),
    )
    if asked is None:
        raise biz(-2017)
    if asked["token"] != token or asked["created_at"] < store.now() - TOKEN_MS:
        raise biz(-4000)
    sender_key = secrets.token_hex(20)
    with store.tx():
        store.run(
            "DELETE FROM nhn_profile_request WHERE app_key = ? AND channel_id = ?",
            (account.app_key, channel),
        )
        store.run(
            "INSERT INTO sender (sender_key, channel_id, name, app_key, category, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (sender_key, channel, channel, account.app_key, asked["category"], store.now()),
        )
    sender = {"plusFriendId": channel, "senderKey": sender_key}
    return answer({"sender": {**sender, "categoryCode": asked["category"], "status": "YSC03"}})


@router.delete("/senders/{sender_key}")
async def delete(request: Request, app_key: str, sender_key: str) -> Response:
    """The profile goes, with all its templates. Raises -2017."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    need_sender(store, account, sender_key)
    with store.tx():
        store.run("DELETE FROM template WHERE sender_key = ?", (sender_key,))
        store.run("UPDATE sender SET app_key = NULL WHERE sender_key = ?", (sender_key,))
    return answer({})


def _is_registered(store: Store, account: Account, channel: str) -> bool:
    row = store.one(
        "SELECT 1 FROM sender WHERE app_key = ? AND channel_id = ?", (account.app_key, channel)
    )
    return row is not None


def _tree() -> list[dict[str, Any]]:
    tree = []
    for first, (name, below) in enumerate(CATEGORIES.items(), 1):
        branches = []
        for second, (title, leaves) in enumerate(below.items(), 1):
            branch = f"{first:03}{second:04}"
            ends = [
                _node(f"{branch}{third:04}", leaf, 3, branch)
                for third, leaf in enumerate(leaves, 1)
            ]
            branches.append({**_node(branch, title, 2, f"{first:03}"), "subCategories": ends})
        tree.append({**_node(f"{first:03}", name, 1, None), "subCategories": branches})
    return tree


def _node(code: str, name: str, depth: int, parent: str | None) -> dict[str, Any]:
    return {"parentCode": parent, "depth": depth, "code": code, "name": name}


def _codes() -> set[str]:
    return {
        leaf["code"]
        for first in _tree()
        for second in first["subCategories"]
        for leaf in second["subCategories"]
    }

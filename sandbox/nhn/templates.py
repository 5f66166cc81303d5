"""Alimtalk v2.3: template registration and reading, categories, sender profiles."""

import sqlite3
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import Account, alimtalk_account, need_sender, store_of
from sandbox.nhn.searching import LARGEST_PAGE
from sandbox.nhn.shapes import LONGEST, fault_of
from sandbox.nhn.wire import answer, biz, read_json, seoul
from sandbox.reviews import Template, get_template, list_templates, register
from sandbox.store import Store

# A few of the real categories; the codes are the ones the guides use in examples.
CATEGORIES = {
    "회원": {"001001": "회원가입", "001002": "인증/비밀번호/로그인"},
    "구매": {"002001": "구매완료", "002003": "구매취소"},
    "예약": {"003001": "예약완료/예약내역"},
    "배송": {"006001": "배송상태", "006002": "배송예정"},
    "기타": {"999999": "기타"},
}
TEXT_PARTS = (
    "templateExtra",
    "templateTitle",
    "templateSubtitle",
    "templateHeader",
    "templateItem",
    "templateItemHighlight",
    "templateRepresentLink",
    "templateImageName",
    "templateImageUrl",
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


@router.post("/senders/{sender_key}/templates")
async def register_template(request: Request, app_key: str, sender_key: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    need_sender(store, account, sender_key)
    body = await read_json(request, biz(-9996), biz(-3002))
    _check_fields(body)
    if code := fault_of(body):
        raise biz(code)
    if not register(store, sender_key, body):
        raise biz(-3001)
    return answer({})


def _check_fields(body: dict[str, Any]) -> None:
    """Raises -2002, -2001, -2000, -2018 or 4."""
    for name, most in LONGEST.items():
        value = body.get(name)
        if value is None:
            raise biz(-2002, name)
        if not isinstance(value, str):
            raise biz(4, name)
        if not value.strip():
            raise biz(-2001, name)
        if len(value) > most:
            raise biz(-2000, name, most)
    for name in ("buttons", "quickReplies"):
        items = body.get(name) or []
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise biz(-2018)


@router.get("/senders/{sender_key}/templates")
async def list_all(request: Request, app_key: str, sender_key: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    sender = need_sender(store, account, sender_key)
    query = request.query_params
    found = list_templates(store, query.get("templateStatus", ""), sender_key)
    for name, read in (("templateCode", "code"), ("templateName", "name")):
        if query.get(name):
            found = [one for one in found if getattr(one, read) == query[name]]
    page, size = _paging(request)
    shown = [_shape(one, sender) for one in found[(page - 1) * size : page * size]]
    for one in shown:
        del one["block"], one["dormant"]
    return answer({"templateListResponse": {"templates": shown, "totalCount": len(found)}})


@router.get("/senders/{sender_key}/templates/{code}")
async def get_one(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    sender = need_sender(store, account, sender_key)
    template = get_template(store, sender_key, code)
    if template is None:
        raise biz(-3003)
    return answer({"templates": _shape(template, sender)})


@router.get("/senders")
async def list_senders(request: Request, app_key: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    query = request.query_params
    rows = store.all(
        "SELECT * FROM sender WHERE app_key = ? AND (? = '' OR channel_id = ?)"
        " AND (? = '' OR sender_key = ?) ORDER BY sender_key",
        (
            account.app_key,
            *[query.get("plusFriendId", "")] * 2,
            *[query.get("senderKey", "")] * 2,
        ),
    )
    page, size = _paging(request)
    shown = [_profile(store, account, row) for row in rows[(page - 1) * size : page * size]]
    return answer({"senders": shown, "totalCount": len(rows)})


@router.get("/senders/{sender_key}")
async def get_sender(request: Request, app_key: str, sender_key: str) -> Response:
    store, account = store_of(request), alimtalk_account(request, app_key)
    return answer({"sender": _profile(store, account, need_sender(store, account, sender_key))})


def _paging(request: Request) -> tuple[int, int]:
    query = request.query_params
    try:
        page, size = int(query.get("pageNum") or 1), int(query.get("pageSize") or 15)
    except ValueError:
        raise biz(4, "pageNum") from None
    return max(page, 1), min(max(size, 1), LARGEST_PAGE)


def _shape(template: Template, sender: sqlite3.Row) -> dict[str, Any]:
    body = template.body
    comments = [
        {**one, "createdAt": seoul(one["createdAt"]), "attachment": []} for one in template.comments
    ]
    return {
        "plusFriendId": sender["channel_id"],
        "senderKey": template.sender_key,
        "plusFriendType": "NORMAL",
        "templateCode": template.code,
        "kakaoTemplateCode": template.kakao_code,
        "templateName": template.name,
        "templateMessageType": body.get("templateMessageType") or "BA",
        "templateEmphasizeType": body.get("templateEmphasizeType") or "NONE",
        "templateContent": body["templateContent"],
        **{part: body.get(part) for part in TEXT_PARTS},
        "templateAd": body.get("templateAd"),
        "buttons": body.get("buttons") or [],
        "quickReplies": body.get("quickReplies") or [],
        "comments": comments,
        "status": template.status,
        "statusName": template.status_name,
        "securityFlag": bool(body.get("securityFlag")),
        "categoryCode": body.get("categoryCode") or "999999",
        "block": template.block,
        "dormant": template.dormant,
        "createDate": seoul(template.created_at),
        "updateDate": seoul(template.updated_at),
    }


def _profile(store: Store, account: Account, row: sqlite3.Row) -> dict[str, Any]:
    blocked = bool(row["blocked"])
    fallback = {
        "resendAppKey": None,
        "isResend": False,
        "resendSendNo": None,
        "dailyMaxCount": 0,
        "sentCount": 0,
    }
    return {
        "plusFriendId": row["channel_id"],
        "senderKey": row["sender_key"],
        "status": "YSC03",
        "statusName": "정상 등록",
        "kakaoStatus": "S" if blocked else "A",
        "kakaoProfileStatus": "B" if blocked else "A",
        "profileSpamLevel": "정상",
        "profileMessageSpamLevel": "정상",
        "dormant": False,
        "block": blocked,
        "initialUserRestriction": False,
        "alimtalk": fallback,
    }

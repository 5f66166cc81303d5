"""Alimtalk v2.3: templates registered, read, edited and deleted.

After NHN Cloud's guide of 2026-06. Registering submits; what is edited keeps its approved text
until the new one passes, and then has another `kakaoTemplateCode`.
"""

import sqlite3
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox import moves, reviews
from sandbox.nhn.accounts import alimtalk_account, need_sender, store_of
from sandbox.nhn.fields import need_text
from sandbox.nhn.searching import turn_of
from sandbox.nhn.shapes import CHOICES, LONGEST, LONGEST_OPTIONAL, fault_of
from sandbox.nhn.shapes_buttons import is_readable
from sandbox.nhn.template_hooks import comment_of
from sandbox.nhn.wire import answer, biz, read_json, seoul
from sandbox.reviews import Template, Text
from sandbox.store import Store

SENT_LATELY_MS = 3 * 24 * 3600 * 1000
KINDS: dict[str, type] = {"securityFlag": bool, "categoryCode": str}
AD_LINE = "채널 추가하고 이 채널의 소식을 카카오톡으로 받기"
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
Json = dict[str, Any]

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}/senders/{sender_key}/templates")


@router.post("")
async def register_template(request: Request, app_key: str, sender_key: str) -> Response:
    store, _ = sender_of(request, app_key, sender_key)
    body = await _form(request)
    if not reviews.register(store, sender_key, body):
        raise biz(-3001)
    return answer({})


@router.get("")
async def list_all(request: Request, app_key: str, sender_key: str) -> Response:
    store, sender = sender_of(request, app_key, sender_key)
    query = request.query_params
    found = reviews.list_templates(store, query.get("templateStatus", ""), sender_key)
    for name, read in (("templateCode", "code"), ("templateName", "name")):
        if query.get(name):
            found = [one for one in found if getattr(one, read) == query[name]]
    page, size = turn_of(query)
    shown = [_listed(one, sender) for one in found[(page - 1) * size : page * size]]
    return answer({"templateListResponse": {"templates": shown, "totalCount": len(found)}})


@router.get("/{code}")
async def get_one(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    store, sender = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    beside = {"block": template.block, "dormant": template.dormant}
    return answer({"templates": {**_listed(template, sender), **beside}})


@router.put("/{code}")
async def edit_template(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    store, _ = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    body = await _form(request, code)
    if template.status not in (reviews.APPROVED, reviews.REJECTED):
        raise biz(-3012)
    if template.edit and template.edit.status == reviews.IN_REVIEW:
        raise biz(-3013)
    if reviews.is_taken(store, sender_key, body["templateName"], code):
        raise biz(-3001)
    moves.edit(store, template, body)
    return answer({})


@router.delete("/{code}")
async def delete_template(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    store, _ = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    if request_id := _sent_lately(store, app_key, template):
        raise biz(-3034, request_id)
    reviews.delete(store, template)
    return answer({})


@router.get("/{code}/modifications")
async def list_texts(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    """Every text of a template, the newest first; `activated` is the one in use."""
    store, sender = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    page, size = turn_of(request.query_params)
    texts = template.texts
    shown = [_modification(template, one, sender) for one in texts[(page - 1) * size : page * size]]
    body = {"templates": shown, "totalCount": len(texts)}
    return answer({"templateModificationsResponse": body})


def sender_of(request: Request, app_key: str, sender_key: str) -> tuple[Store, sqlite3.Row]:
    """The channel of the caller's account. Raises -1000, -1001, -2017."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    return store, need_sender(store, account, sender_key)


def need_template(store: Store, sender_key: str, code: str) -> Template:
    """Raises -3003."""
    template = reviews.get_template(store, sender_key, code)
    if template is None:
        raise biz(-3003)
    return template


async def _form(request: Request, code: str = "") -> Json:
    """A registration that keeps the rules; the code of an edit is in its path."""
    body = await read_json(request, biz(-9996), biz(-3002))
    if code:
        body["templateCode"] = code
    check_form(body)
    return body


def check_form(body: Json) -> None:
    """Raises -2002, -2001, -2000, -3103, 4 or the code of the first broken rule."""
    given = {name: most for name, most in LONGEST_OPTIONAL.items() if body.get(name)}
    for name, most in {**LONGEST, **given}.items():
        need_text(body, name, most)
    if stray := next((name for name in (*CHOICES, *KINDS) if not _is_sound(body, name)), ""):
        raise biz(4, stray)
    if not is_readable(body):
        raise biz(-3103)
    if fault := fault_of(body):
        raise biz(fault)


def _is_sound(body: Json, name: str) -> bool:
    """One of its choices, or a value of its kind, or nothing."""
    value = body.get(name)
    if name in CHOICES:
        return not value or value in CHOICES[name]
    return not value or isinstance(value, KINDS[name])


def _sent_lately(store: Store, app_key: str, template: Template) -> str:
    """The request that sent with a template in the last three days, or none."""
    row = store.one(
        "SELECT request_id FROM message WHERE account = ? AND account <> '' AND created_at > ?"
        " AND sender = ? AND template_code = ? ORDER BY created_at DESC LIMIT 1",
        (app_key, store.now() - SENT_LATELY_MS, template.sender_key, template.code),
    )
    return str(row["request_id"]) if row else ""


def _listed(template: Template, sender: sqlite3.Row) -> Json:
    """A template as the list has it; the talk of all its texts."""
    return {
        **_shape(template, template.current, sender),
        "kakaoTemplateCode": template.kakao_code,
        "comments": [comment_of(one) for one in template.comments],
    }


def _modification(template: Template, text: Text, sender: sqlite3.Row) -> Json:
    in_use = text.version == template.version and template.status == reviews.APPROVED
    mine = [one for one in template.comments if one.get("version", 1) == text.version]
    return {
        **_shape(template, text, sender),
        "comments": [comment_of(one) for one in mine],
        "activated": in_use,
    }


def _shape(template: Template, text: Text, sender: sqlite3.Row) -> Json:
    body = text.body
    invites = body.get("templateMessageType") in ("AD", "MI")
    return {
        "plusFriendId": sender["channel_id"],
        "senderKey": template.sender_key,
        "plusFriendType": "NORMAL",
        "templateCode": template.code,
        "templateName": text.name,
        "templateMessageType": body.get("templateMessageType") or "BA",
        "templateEmphasizeType": body.get("templateEmphasizeType") or "NONE",
        "templateContent": body["templateContent"],
        **{part: body.get(part) for part in TEXT_PARTS},
        "templateAd": AD_LINE if invites else None,
        "buttons": body.get("buttons") or [],
        "quickReplies": body.get("quickReplies") or [],
        "status": text.status,
        "statusName": reviews.STATUS_NAMES[text.status],
        "securityFlag": bool(body.get("securityFlag")),
        "categoryCode": body.get("categoryCode") or "999999",
        "createDate": seoul(text.created_at),
        "updateDate": seoul(text.updated_at),
    }

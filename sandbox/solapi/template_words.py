"""A template in SOLAPI's words, and in those it is kept in."""

from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.nhn.matching import variables
from sandbox.nhn.templates import AD_LINE
from sandbox.reviews import Template
from sandbox.solapi.alimtalk import buttons_of, has_texts
from sandbox.solapi.wire import invalid, iso

STATUSES = {"TSC01": "PENDING", "TSC02": "INSPECTING", "TSC03": "APPROVED", "TSC04": "REJECTED"}
TEXTS = {
    "content": "templateContent",
    "categoryCode": "categoryCode",
    "messageType": "templateMessageType",
    "emphasizeType": "templateEmphasizeType",
    "header": "templateHeader",
    "extra": "templateExtra",
    "emphasizeTitle": "templateTitle",
    "emphasizeSubTitle": "templateSubtitle",
    "emphasizeSubtitle": "templateSubtitle",
    "imageId": "templateImageName",
}
LINKS = {
    "linkMo": "linkMo",
    "linkPc": "linkPc",
    "linkAnd": "schemeAndroid",
    "linkIos": "schemeIos",
}
MESSAGE_TYPES = ("BA", "EX", "AD", "MI")
EMPHASES = ("NONE", "TEXT", "IMAGE", "ITEM_LIST")
LONGEST_NAME, LONGEST_CONTENT, MOST_BUTTONS, MOST_REPLIES = 150, 1_000, 5, 10
Json = Mapping[str, Any]


def form_of(body: Json, template_id: str) -> dict[str, Any]:
    """A registration in the words it is kept in. Raises ValidationError."""
    name, content = body.get("name"), body.get("content")
    for field, value, most in (
        ("name", name, LONGEST_NAME),
        ("content", content, LONGEST_CONTENT),
    ):
        if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= most:
            raise invalid(f"{field}: 1~{most}자여야 합니다 (1 to {most} characters)")
    if field := _misshapen(body):
        raise invalid(f"{field}: 형식이 올바르지 않습니다 (not in the documented shape)")
    form: dict[str, Any] = {"templateCode": template_id, "templateName": name}
    form |= {ours: body[name] for name, ours in TEXTS.items() if body.get(name)}
    form["buttons"] = buttons_of(body.get("buttons") or [])
    form["quickReplies"] = buttons_of(body.get("quickReplies") or [])
    if body.get("item"):
        form["templateItem"] = body["item"]
    if highlight := body.get("highlight"):
        plain = {name: highlight.get(name) for name in ("title", "description")}
        form["templateItemHighlight"] = {**plain, "imageId": highlight.get("imageId")}
    return {**form, "securityFlag": bool(body.get("securityFlag"))}


def _misshapen(body: Json) -> str:
    """The first field that is not as documented."""
    choices = {"messageType": MESSAGE_TYPES, "emphasizeType": EMPHASES}
    lists = {"buttons": MOST_BUTTONS, "quickReplies": MOST_REPLIES}
    wrong = [name for name in TEXTS if not isinstance(body.get(name) or "", str)]
    wrong += [name for name, among in choices.items() if (body.get(name) or among[0]) not in among]
    wrong += [name for name, most in lists.items() if not _are_buttons(body.get(name) or [], most)]
    wrong += [] if _is_item(body.get("item") or {}) else ["item"]
    wrong += [] if _is_flat(body.get("highlight") or {}) else ["highlight"]
    return wrong[0] if wrong else ""


def _are_buttons(rows: object, most: int) -> bool:
    if not isinstance(rows, list) or len(rows) > most:
        return False
    return all(isinstance(one, dict) and has_texts(one) for one in rows)


def _is_item(item: object) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("list") or [], list):
        return False
    return all(map(_is_flat, [item.get("summary") or {}, *(item.get("list") or [])]))


def _is_flat(part: object) -> bool:
    """An object of texts."""
    if not isinstance(part, dict):
        return False
    return all(value is None or isinstance(value, str) for value in part.values())


def shown(template: Template, account_id: str) -> dict[str, Any]:
    """A template as kakao v2 answers it."""
    body = template.body
    invites = body.get("templateMessageType") in ("AD", "MI")
    texts = {name: body.get(ours) for name, ours in TEXTS.items() if name != "emphasizeSubTitle"}
    return {
        **texts,
        "templateId": template.code,
        "name": template.name,
        "channelId": template.sender_key,
        "channelGroupId": None,
        "accountId": account_id,
        "messageType": body.get("templateMessageType") or "BA",
        "emphasizeType": body.get("templateEmphasizeType") or "NONE",
        "ad": AD_LINE if invites else None,
        "securityFlag": bool(body.get("securityFlag")),
        "isHidden": False,
        "assignType": "CHANNEL",
        "buttons": [_button(one) for one in body.get("buttons") or []],
        "quickReplies": [_reply(one) for one in body.get("quickReplies") or []],
        "highlight": _highlight(body.get("templateItemHighlight")),
        "item": _item(body.get("templateItem")),
        "code": template.kakao_code,
        "status": STATUSES[template.newest.status],
        "variables": [{"name": name} for name in sorted(_names(body))],
        "comments": [_comment(one) for one in template.comments],
        "commentable": template.newest.status in ("TSC02", "TSC04"),
        "dateCreated": iso(template.created_at),
        "dateUpdated": iso(template.updated_at),
    }


def _names(body: Json) -> set[str]:
    return variables(orjson.dumps(dict(body)).decode())


def _button(button: Json) -> dict[str, Any]:
    links = {name: button[ours] for name, ours in LINKS.items() if button.get(ours)}
    return {"buttonName": button.get("name"), "buttonType": button.get("type"), **links}


def _reply(button: Json) -> dict[str, Any]:
    links = {name: button[ours] for name, ours in LINKS.items() if button.get(ours)}
    return {"name": button.get("name"), "linkType": button.get("type"), **links}


def _highlight(part: Json | None) -> dict[str, Any] | None:
    if not part:
        return None
    return {name: part.get(name) for name in ("title", "description", "imageId")}


def _item(part: Json | None) -> dict[str, Any] | None:
    return {"list": part.get("list") or [], "summary": part.get("summary") or {}} if part else None


def _comment(line: Json) -> dict[str, Any]:
    return {
        "isAdmin": line["status"] != "INQ",
        "memberId": line["userName"],
        "content": line["content"],
        "dateCreated": iso(line["createdAt"]),
    }

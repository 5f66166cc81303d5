"""The parts of a bubble in the relay's words, as they are kept here: in those of Kakao."""

from collections.abc import Mapping
from typing import Any

LINKS = {
    "url_mobile": "linkMo",
    "url_pc": "linkPc",
    "scheme_android": "schemeAndroid",
    "scheme_ios": "schemeIos",
}
BUTTON = {
    "kind": "type",
    "name": "name",
    **LINKS,
    "token": "chatExtra",
    "event": "chatEvent",
    "target": "target",
    "form_id": "bizFormId",
    "plugin_id": "pluginId",
    "relay_id": "relayId",
    "oneclick_id": "oneClickId",
    "product_id": "productId",
    "phone": "telNumber",
}
TEXTS = {
    "title": "templateTitle",
    "subtitle": "templateSubtitle",
    "header": "templateHeader",
    "extra": "templateExtra",
    "message_type": "templateMessageType",
    "emphasis": "templateEmphasizeType",
    "category": "categoryCode",
}
LISTS, OBJECTS = ("buttons", "quick_replies", "items"), ("highlight", "summary", "link", "image")
Json = Mapping[str, Any]


def misshapen(body: Json) -> str:
    """The name of a part that is not as the interface says, or none."""
    for name in LISTS:
        rows = body.get(name) or []
        if not isinstance(rows, (list, tuple)) or not all(_is_flat(row) for row in rows):
            return name
    for name in OBJECTS:
        if not _is_flat(body.get(name) or {}):
            return name
    for name in TEXTS:
        if not isinstance(body.get(name) or "", str):
            return name
    return ""


def parts_of(body: Json) -> dict[str, Any]:
    """The parts a bubble has, of a template or of a message that is not misshapen."""
    parts: dict[str, Any] = {ours: body[name] for name, ours in TEXTS.items() if body.get(name)}
    for name, ours in (("buttons", "buttons"), ("quick_replies", "quickReplies")):
        if rows := body.get(name):
            parts[ours] = [_button(n, row) for n, row in enumerate(rows, 1)]
    if body.get("items") or body.get("summary"):
        parts["templateItem"] = {"list": body.get("items") or []}
        if body.get("summary"):
            parts["templateItem"]["summary"] = body["summary"]
    if highlight := body.get("highlight"):
        plain = {name: highlight.get(name) for name in ("title", "description")}
        parts["templateItemHighlight"] = {**plain, "imageUrl": highlight.get("image")}
    if link := body.get("link"):
        parts["templateRepresentLink"] = {LINKS[k]: v for k, v in link.items() if k in LINKS}
    if image := body.get("image"):
        parts["templateImageName"], parts["templateImageUrl"] = image.get("name"), image.get("url")
    return {**parts, "securityFlag": True} if body.get("security") else parts


def _button(place: int, row: Json) -> dict[str, Any]:
    """Without the fields that are empty."""
    given = {BUTTON[name]: value for name, value in row.items() if name in BUTTON and value}
    return {"ordering": place, **given}


def _is_flat(part: Any) -> bool:
    """An object of texts."""
    if not isinstance(part, Mapping):
        return False
    return all(value is None or isinstance(value, str) for value in part.values())

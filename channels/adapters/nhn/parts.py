"""The parts of a bubble as NHN writes them; only fields its guide names, none of them empty.

Source: docs.nhncloud.com, "KakaoTalk Bizmessage > Alimtalk v2.3", 메시지 전문 발송 and 템플릿 등록
(2026-06-23). A template keeps less of a button than a message carries, and of a quick reply less
than of a button.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from channels.bubble import Button, Highlight, Item, Links
from channels.contract import Outgoing
from channels.management import TemplateForm

Fields: TypeAlias = Mapping[str, str]  # NHN's name → ours

_LINKS: Fields = {
    "linkMo": "url_mobile",
    "linkPc": "url_pc",
    "schemeIos": "scheme_ios",
    "schemeAndroid": "scheme_android",
}
# beside ordering, type, name and bizFormId
QUICK_IN_TEMPLATE: Fields = _LINKS
BUTTON_IN_TEMPLATE: Fields = {**_LINKS, "pluginId": "plugin_id", "telNumber": "phone"}
_TALK: Fields = {"chatExtra": "token", "chatEvent": "event", "target": "target"}
QUICK: Fields = {**_LINKS, **_TALK}
BUTTON: Fields = {
    **BUTTON_IN_TEMPLATE,
    **_TALK,
    "relayId": "relay_id",
    "oneClickId": "oneclick_id",
    "productId": "product_id",
}


def bubble(shown: Outgoing | TemplateForm) -> dict[str, Any]:
    """Everything beside the text and the title that a bubble has; most have only buttons."""
    in_template = isinstance(shown, TemplateForm)
    parts: dict[str, Any] = {}
    if shown.header:
        parts["templateHeader"] = shown.header
    if shown.items or shown.summary:
        parts["templateItem"] = filled(
            {"list": _items(shown.items), "summary": _item(shown.summary)}
        )
    if shown.highlight:
        parts["templateItemHighlight"] = _highlight(shown.highlight)
    if shown.link and (links := _named(shown.link, _LINKS)):
        parts["templateRepresentLink"] = links
    if shown.buttons:
        parts["buttons"] = _row(shown.buttons, BUTTON_IN_TEMPLATE if in_template else BUTTON)
    if shown.quick_replies:
        fields = QUICK_IN_TEMPLATE if in_template else QUICK
        parts["quickReplies"] = _row(shown.quick_replies, fields)
    return parts


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the fields that hold something."""
    return {name: value for name, value in fields.items() if value}


def _items(items: Sequence[Item]) -> list[dict[str, str]]:
    return [_item(one) for one in items]


def _item(item: Item | None) -> dict[str, str]:
    return {"title": item.title, "description": item.description} if item else {}


def _highlight(line: Highlight) -> dict[str, str]:
    return filled({"title": line.title, "description": line.description, "imageUrl": line.image})


def _row(buttons: Sequence[Button], fields: Fields) -> list[dict[str, Any]]:
    """Numbered from 1."""
    return [
        {"ordering": place, "type": button.kind, "name": button.name}
        | _named(button, fields)
        | _form(button.form_id)
        for place, button in enumerate(buttons, start=1)
    ]


def _named(part: Button | Links, fields: Fields) -> dict[str, str]:
    return {name: value for name, ours in fields.items() if (value := getattr(part, ours))}


def _form(id_: str) -> dict[str, int | str]:
    """The one number among the fields; where it is none, NHN says so."""
    if not id_:
        return {}
    is_number = id_.isascii() and id_.isdigit() and len(id_) < 19  # a Java long at most
    return {"bizFormId": int(id_) if is_number else id_}

"""What is wrong with one Alimtalk recipient, compared with the registered template."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.nhn.intake import Draft
from sandbox.nhn.matching import (
    buttons_fit,
    fill,
    fits,
    highlight_fits,
    items_fit,
    links_fit,
    variables,
)
from sandbox.phones import normal_number

LONGEST_TEXT, LONGEST_TITLE, LONGEST_HEADER, LONGEST_VALUE = 1_300, 50, 16, 1_300
EXTRA = re.compile(r"[A-Za-z0-9_]{1,50}")
# parts of the registered template that the phone shows though the request never carries them
FIXED = (
    "templateMessageType",
    "templateEmphasizeType",
    "templateSubtitle",
    "templateExtra",
    "templateImageUrl",
    "securityFlag",
)
SENT = (
    "templateTitle",
    "templateHeader",
    "templateItem",
    "templateItemHighlight",
    "templateRepresentLink",
    "buttons",
    "quickReplies",
)
_WIRED = (*SENT, "content")
Json = Mapping[str, Any]


def check_full(template: Json, seq: int, recipient: Json) -> Draft | int:
    """A full-text recipient: a draft, or the code of its refusal."""
    number = normal_number(str(recipient.get("recipientNo") or ""))
    if number is None:
        return -5000
    if code := _misshapen(recipient) or _too_long(recipient) or _mismatch(template, recipient):
        return code
    return _draft(template, seq, number, recipient)


def check_filled(template: Json, seq: int, recipient: Json) -> Draft | int:
    """A templated recipient: the template is filled with `templateParameter`."""
    values = recipient.get("templateParameter") or {}
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        return -3004
    if any(max(len(key), len(value)) > LONGEST_VALUE for key, value in values.items()):
        return -3048
    wanted = variables(orjson.dumps(_filled_parts(template)).decode())
    if wanted - values.keys():
        return -3004
    if values.keys() - wanted:
        return -3049
    full = _fill_all(_filled_parts(template), values)
    for part in ("buttons", "quickReplies"):
        full[part] = _with_extras(full.get(part) or [], recipient.get(part) or [])
    reference = {"recipientGroupingKey": recipient.get("recipientGroupingKey")}
    return check_full(
        template, seq, {**full, **reference, "recipientNo": recipient.get("recipientNo")}
    )


def _filled_parts(template: Json) -> dict[str, Any]:
    parts = {name: template[name] for name in SENT if template.get(name)}
    return {**parts, "content": template["templateContent"]}


def _fill_all(part: Any, values: dict[str, str]) -> Any:
    if isinstance(part, str):
        return fill(part, values)
    if isinstance(part, list):
        return [_fill_all(one, values) for one in part]
    if isinstance(part, dict):
        return {name: _fill_all(one, values) for name, one in part.items()}
    return part


def _with_extras(buttons: list[Json], extras: list[Json]) -> list[dict[str, Any]]:
    """Extras of the request (chatExtra, target …) joined to the buttons by `ordering`."""
    by_place = {extra.get("ordering"): extra for extra in extras}
    return [{**by_place.get(button.get("ordering"), {}), **button} for button in buttons]


def _misshapen(recipient: Json) -> int:
    content = recipient.get("content")
    if content is None:
        return -2002
    if not isinstance(content, str):
        return 4
    if not content.strip():
        return -2001
    for part in ("buttons", "quickReplies"):
        buttons = recipient.get(part) or []
        if not isinstance(buttons, list) or not all(isinstance(b, dict) for b in buttons):
            return -2018
    shapes = (recipient.get(part) or {} for part in SENT[2:5])
    return 0 if all(isinstance(part, dict) for part in shapes) else 4


def _too_long(recipient: Json) -> int:
    if len(recipient["content"]) > LONGEST_TEXT:
        return -2019
    if len(recipient.get("templateTitle") or "") > LONGEST_TITLE:
        return -2032
    if len(recipient.get("templateHeader") or "") > LONGEST_HEADER:
        return -2035
    if recipient.get("quickReplies") and len(recipient.get("buttons") or []) > 2:
        return -2505
    return 0


def _mismatch(template: Json, recipient: Json) -> int:
    def pair(name: str) -> tuple[Any, Any]:
        return template.get(name), recipient.get(name)

    if not fits(template["templateContent"], recipient["content"]):
        return -3010
    for part in ("buttons", "quickReplies"):
        registered, given = pair(part)
        if not buttons_fit(registered or [], given or []):
            return -3011
    if not fits(template.get("templateHeader") or "", recipient.get("templateHeader") or ""):
        return -3042
    same_items = items_fit(*pair("templateItem")) and highlight_fits(*pair("templateItemHighlight"))
    if not same_items:
        return -3043
    link, given_link = pair("templateRepresentLink")
    return 0 if links_fit(link or {}, given_link or {}) else -3046


def _draft(template: Json, seq: int, number: str, recipient: Json) -> Draft:
    payload = {name: template[name] for name in FIXED if template.get(name)}
    payload |= {name: recipient[name] for name in SENT if recipient.get(name)}
    title = recipient.get("templateTitle") or ""
    return Draft(
        seq=seq,
        number=number,
        text=recipient["content"],
        title=title.removesuffix("\\s"),
        payload=orjson.dumps(payload).decode(),
        ref=str(recipient.get("recipientGroupingKey") or ""),
        fails_with=_fails_later(template, recipient, title),
    )


def _fails_later(template: Json, recipient: Json, title: str) -> str:
    """Codes the guide lists only among delivery results."""
    if not fits(template.get("templateTitle") or "", title.removesuffix("\\s")):
        return "3028"
    for part in ("buttons", "quickReplies"):
        for button in recipient.get(part) or []:
            given = (button.get("chatExtra"), button.get("chatEvent"))
            if any(one is not None and not EXTRA.fullmatch(str(one)) for one in given):
                return "3026"
    return ""

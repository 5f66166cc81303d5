"""What is wrong with one Alimtalk recipient, compared with the registered template."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.nhn.intake import Draft
from sandbox.nhn.matching import LINKS, STRUCK, fill, mismatch, title_fits, variables
from sandbox.nhn.shapes import (
    HIGHLIGHT,
    HIGHLIGHT_BESIDE,
    ROW_TEXT,
    SUMMARY_TEXT,
    is_amount,
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
BUTTON_TEXTS = ("type", "name", *LINKS)
HIGHLIGHT_TEXTS = ("title", "description", "imageUrl")
MISMATCHES = {
    "content": -3010,
    "buttons": -3011,
    "quickReplies": -3011,
    "templateHeader": -3042,
    "templateItem": -3043,
    "templateItemHighlight": -3043,
    "templateRepresentLink": -3046,
}
Json = Mapping[str, Any]


def check_full(template: Json, seq: int, recipient: Json) -> Draft | int:
    """A full-text recipient: a draft, or the code of its refusal."""
    number = normal_number(str(recipient.get("recipientNo") or ""))
    if number is None:
        return -5000
    if code := _misshapen(recipient) or _too_long(recipient) or _unlike(template, recipient):
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
    if not _lists_buttons(recipient):
        return -2018
    if _names_unknown_button(template, recipient):
        return -3033
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


def _names_unknown_button(template: Json, recipient: Json) -> bool:
    """Whether the request adds to a button or quick reply that the template does not have."""
    for part in ("buttons", "quickReplies"):
        known = {button.get("ordering") for button in template.get(part) or []}
        if any(extra.get("ordering") not in known for extra in recipient.get(part) or []):
            return True
    return False


def _lists_buttons(recipient: Json) -> bool:
    """Lists of buttons, of which what is compared is text and the place a number."""
    for part in ("buttons", "quickReplies"):
        rows = recipient.get(part) or []
        if not isinstance(rows, list):
            return False
        for row in rows:
            if not _has_texts(row, BUTTON_TEXTS) or not isinstance(row.get("ordering") or 0, int):
                return False
    return True


def _has_texts(part: Any, names: tuple[str, ...]) -> bool:
    """An object whose fields of these names are texts, or not there."""
    if not isinstance(part, dict):
        return False
    for name in names:  # a thousand recipients in one request: a loop costs a third of all(…)
        value = part.get(name)
        if value and not isinstance(value, str):
            return False
    return True


def _misshapen(recipient: Json) -> int:
    content = recipient.get("content")
    if content is None:
        return -2002
    if not isinstance(content, str):
        return 4
    if not content.strip():
        return -2001
    if not _lists_buttons(recipient):
        return -2018
    return 0 if _is_sound(recipient) else 4


def _is_sound(recipient: Json) -> bool:
    """Whether header, title, items, highlight and link are of their documented types."""
    highlight, link = recipient.get("templateItemHighlight"), recipient.get("templateRepresentLink")
    return (
        _has_texts(recipient, ("templateTitle", "templateHeader"))
        and _has_pairs(recipient.get("templateItem"))
        and (not highlight or _has_texts(highlight, HIGHLIGHT_TEXTS))
        and (not link or _has_texts(link, LINKS))
    )


def _has_pairs(item: Any) -> bool:
    """Whether rows and summary of an item list, where there is one, are of texts."""
    if not item:
        return True
    if not isinstance(item, dict) or not isinstance(item.get("list") or [], list):
        return False
    pairs = (*(item.get("list") or []), item.get("summary") or {})
    return all(_has_texts(pair, ("title", "description")) for pair in pairs)


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


def _unlike(template: Json, recipient: Json) -> int:
    part = mismatch(template, recipient)
    return MISMATCHES[part] if part else 0


def _draft(template: Json, seq: int, number: str, recipient: Json) -> Draft:
    payload = {name: template[name] for name in FIXED if template.get(name)}
    payload |= {name: recipient[name] for name in SENT if recipient.get(name)}
    title = recipient.get("templateTitle") or ""
    return Draft(
        seq=seq,
        number=number,
        text=recipient["content"],
        title=title.removesuffix(STRUCK),
        payload=orjson.dumps(payload).decode(),
        ref=str(recipient.get("recipientGroupingKey") or ""),
        fails_with=_fails_later(template, recipient, title),
    )


def _fails_later(template: Json, recipient: Json, title: str) -> str:
    """Codes the guide lists only among delivery results."""
    if not title_fits(template, title):
        return "3028"
    for part in ("buttons", "quickReplies"):
        for button in recipient.get(part) or []:
            for given in (button.get("chatExtra"), button.get("chatEvent")):
                if given is not None and not EXTRA.fullmatch(str(given)):
                    return "3026"
    return _overflow(recipient)


def _overflow(recipient: Json) -> str:
    """What Kakao refuses once the values are in: 3034 to 3040."""
    shown = recipient.get("templateItemHighlight")
    return (_overflows_highlight(shown) if shown else "") or _overflows_item(recipient)


def _overflows_highlight(shown: Json) -> str:
    most = HIGHLIGHT_BESIDE if shown.get("imageUrl") else HIGHLIGHT
    if len((shown.get("title") or "").removesuffix(STRUCK)) > most[0]:
        return "3034"
    if len(shown.get("description") or "") > most[1]:
        return "3035"
    return ""


def _overflows_item(recipient: Json) -> str:
    item = recipient.get("templateItem")
    if not item:
        return ""
    if any(len(row.get("description") or "") > ROW_TEXT for row in item.get("list") or []):
        return "3037"
    said = (item.get("summary") or {}).get("description") or ""
    if len(said) > SUMMARY_TEXT:
        return "3039"
    return "" if is_amount(said) else "3040"

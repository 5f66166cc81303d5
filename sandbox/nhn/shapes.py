"""Rules a template must keep at registration, by code of the "Error code" page (2026-06).

Lengths as in the v2.3 guide (2026-06); 500 characters of extra information as in
github.com/lunasoft-org/kakao-bzm (2025-12).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.nhn.matching import LINKS, STRUCK, VARIABLE
from sandbox.nhn.shapes_buttons import BUTTON_RULES, buttons_of, is_web

LONGEST = {"templateCode": 20, "templateName": 150, "templateContent": 1_300}
LONGEST_OPTIONAL = {
    "templateTitle": 50,
    "templateSubtitle": 50,
    "templateHeader": 16,
    "templateExtra": 500,
    "templateImageName": 500,
    "templateImageUrl": 500,
}
CHOICES = {
    "templateMessageType": ("BA", "EX", "AD", "MI"),
    "templateEmphasizeType": ("NONE", "TEXT", "IMAGE", "ITEM_LIST"),
}
LONGEST_LISTED = 700  # the text beside an item list
ROWS = range(2, 11)
ROW_TITLE, ROW_TEXT, SUMMARY_TITLE, SUMMARY_TEXT = 6, 23, 6, 14
HIGHLIGHT, HIGHLIGHT_BESIDE = (30, 19), (21, 13)  # title and description; beside a thumbnail
LONGEST_LINK = 500
# currency signs and words, ISO 4217 codes, digits, comma, point, blank; at most two decimals
_AMOUNT = re.compile(r"(?:[A-Z]{3}|[$¢£¤¥₠-⃀￠￡￥￦元円원]|[0-9,. ])*")
_DECIMALS = re.compile(r"\.[0-9]{3,}")
Json = Mapping[str, Any]


def fault_of(body: Json) -> int:
    """The code of the first broken rule, 0 when the template may be registered."""
    for code, broken in RULES:
        if broken(body):
            return code
    return 0


def is_amount(text: str) -> bool:
    """Whether a summary may say this: an amount, variables aside."""
    plain = VARIABLE.sub("", text)
    return bool(_AMOUNT.fullmatch(plain)) and not _DECIMALS.search(plain)


def _type(body: Json) -> str:
    return body.get("templateMessageType") or "BA"


def _emphasis(body: Json) -> str:
    return body.get("templateEmphasizeType") or "NONE"


def _varies(text: Any) -> bool:
    return isinstance(text, str) and VARIABLE.search(text) is not None


def _titles(body: Json) -> tuple[Any, Any]:
    return body.get("templateTitle"), body.get("templateSubtitle")


def _image(body: Json) -> tuple[Any, Any]:
    return body.get("templateImageName"), body.get("templateImageUrl")


def _rows(body: Json) -> list[Any]:
    item = body.get("templateItem")
    rows = item.get("list") if isinstance(item, dict) else None
    return rows if isinstance(rows, list) else []


def _summary(body: Json) -> Any:
    item = body.get("templateItem")
    return item.get("summary") if isinstance(item, dict) else None


def _title_of(part: Any) -> Any:
    return part.get("title") if isinstance(part, dict) else None


def _is_pair(part: Any, title: int, description: int) -> bool:
    """An object with a title and a description that fit."""
    if not isinstance(part, dict):
        return False
    return all(
        isinstance(part.get(name), str) and len(part[name].strip()) > 0 and len(part[name]) <= most
        for name, most in (("title", title), ("description", description))
    )


def _bad_item(body: Json) -> bool:
    item = body.get("templateItem")
    if not item:
        return item is not None and not isinstance(item, dict)
    if not isinstance(item, dict) or not isinstance(item.get("list") or [], list):
        return True
    rows, summary = _rows(body), _summary(body)
    if rows and len(rows) not in ROWS:
        return True
    if not all(_is_pair(row, ROW_TITLE, ROW_TEXT) for row in rows):
        return True
    if not summary:
        return False
    fits = _is_pair(summary, SUMMARY_TITLE, SUMMARY_TEXT)
    return not fits or not is_amount(summary["description"])


def _bad_highlight(body: Json) -> bool:
    shown = body.get("templateItemHighlight")
    if shown is None:
        return False
    image = shown.get("imageUrl") if isinstance(shown, dict) else None
    return not _is_pair(shown, *HIGHLIGHT) or not isinstance(image or "", str)


def _wide_highlight(body: Json) -> bool:
    shown = body.get("templateItemHighlight")
    return bool(shown and shown.get("imageUrl")) and not _is_pair(shown, *HIGHLIGHT_BESIDE)


def _bad_image_url(body: Json) -> bool:
    shown = body.get("templateItemHighlight") or {}
    urls = (body.get("templateImageUrl"), shown.get("imageUrl"))
    return any(url and not is_web(url) for url in urls)


def _bad_represent_link(body: Json) -> bool:
    link = body.get("templateRepresentLink")
    if link is None:
        return False
    if not isinstance(link, dict) or not any(link.get(name) for name in LINKS):
        return True
    given = [link[name] for name in LINKS if link.get(name)]
    if not all(isinstance(url, str) and len(url) <= LONGEST_LINK for url in given):
        return True
    return any(link.get(name) and not is_web(link[name]) for name in ("linkMo", "linkPc"))


def _is_empty_list(body: Json) -> bool:
    names = ("templateHeader", "templateItem", "templateItemHighlight")
    there = any(body.get(name) for name in names) or all(_image(body))
    return _emphasis(body) == "ITEM_LIST" and not there


def _is_struck(body: Json) -> bool:
    titles = (body.get("templateTitle"), _title_of(body.get("templateItemHighlight")))
    return any(isinstance(title, str) and title.endswith(STRUCK) for title in titles)


def _lacks_add(body: Json) -> bool:
    has_add = any(button.get("type") == "AC" for button in buttons_of(body))
    return _type(body) in ("AD", "MI") and not has_add


# in the order they are told
RULES: list[tuple[int, Callable[[Json], bool]]] = [
    *BUTTON_RULES,
    (-3050, _lacks_add),
    (-3016, lambda body: _emphasis(body) == "TEXT" and not all(_titles(body))),
    (-3027, lambda body: _emphasis(body) == "NONE" and any(_titles(body))),
    (-3032, lambda body: _emphasis(body) == "IMAGE" and not all(_image(body))),
    (-3035, _is_empty_list),
    (-3036, lambda body: _emphasis(body) == "ITEM_LIST" and bool(body.get("securityFlag"))),
    (-3017, lambda body: _varies(body.get("templateSubtitle"))),
    (-3018, lambda body: _type(body) == "EX" and not body.get("templateExtra")),
    (-3020, lambda body: _type(body) == "MI" and not body.get("templateExtra")),
    (-3028, lambda body: _type(body) == "BA" and bool(body.get("templateExtra"))),
    (-3030, lambda body: _type(body) == "AD" and bool(body.get("templateExtra"))),
    (-3021, lambda body: _varies(body.get("templateExtra"))),
    (-3037, lambda body: any(_varies(_title_of(row)) for row in _rows(body))),
    (-3038, lambda body: _varies(_title_of(_summary(body)))),
    (-3039, lambda body: bool(_summary(body)) and not _rows(body)),
    (-2033, _bad_item),
    (-2034, _bad_highlight),
    (-3040, _wide_highlight),
    (-3041, _bad_image_url),
    (-3047, _is_struck),
    (-2036, _bad_represent_link),
    (
        -2037,
        lambda body: (
            bool(body.get("templateItem")) and len(body["templateContent"]) > LONGEST_LISTED
        ),
    ),
]

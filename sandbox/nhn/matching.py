"""Does a text fit a template? Literal segments found from left to right, in linear time.

Full-text sends must equal the registered text with its variables filled, blanks allowed (NHN Cloud
Alimtalk guide, release note of 2022-04-26).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

VARIABLE = re.compile(r"#\{([^{}]*)\}")
LINKS = ("linkMo", "linkPc", "schemeIos", "schemeAndroid")
FIXED = ("bizFormId", "pluginId", "telNumber")  # of a button
STRUCK = "\\s"


@lru_cache(maxsize=4096)
def segments(template: str) -> tuple[str, ...]:
    """The literal texts around the variables; one more than there are variables."""
    return tuple(VARIABLE.sub("\0", template.replace("\r\n", "\n")).split("\0"))


def fits(template: str, text: str) -> bool:
    """Whether `text` is the template with something, or nothing, in place of every variable."""
    first, *rest = segments(template)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at, last = len(first), rest.pop()
    for segment in rest:
        at = text.find(segment, at)
        if at < 0:
            return False
        at += len(segment)
    return len(text) - len(last) >= at and text.endswith(last)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values in; a variable without one stays as it is."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), template)


def variables(*texts: str) -> set[str]:
    return {name for text in texts for name in VARIABLE.findall(text)}


def buttons_fit(templates: list[dict[str, Any]], given: list[dict[str, Any]]) -> bool:
    """Same number, type and name in the same order; links fit those registered."""
    if len(templates) != len(given):
        return False
    return all(map(_button_fits, _in_order(templates), _in_order(given)))


def links_fit(template: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    for link in LINKS:
        one, other = template.get(link), given.get(link)
        if (one or other) and not fits(one or "", other or ""):
            return False
    return True


def items_fit(template: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> bool:
    """`templateItem`: rows in order, fixed titles, descriptions that fit; likewise the summary."""
    if not template or not given:
        return not template and not given
    registered, rows = template.get("list") or [], given.get("list") or []
    if len(registered) != len(rows):
        return False
    summary = (template.get("summary") or {}, given.get("summary") or {})
    return all(
        _row_fits(one, other) for one, other in [*zip(registered, rows, strict=True), summary]
    )


def _row_fits(template: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return all(
        fits(template.get(part) or "", row.get(part) or "") for part in ("title", "description")
    )


def highlight_fits(template: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> bool:
    """A title may end in the mark of a struck one; a thumbnail that is named is the registered."""
    if not template or not given:
        return not template and not given
    plain = {**given, "title": (given.get("title") or "").removesuffix(STRUCK)}
    image = given.get("imageUrl") or template.get("imageUrl")
    return _row_fits(template, plain) and image == template.get("imageUrl")


def _header_fits(template: str | None, given: str | None) -> bool:
    return fits(template or "", given or "")


def _all_buttons_fit(
    template: list[dict[str, Any]] | None, given: list[dict[str, Any]] | None
) -> bool:
    return buttons_fit(template or [], given or [])


def _link_fits(template: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> bool:
    return links_fit(template or {}, given or {})


# in the order they are looked at; where neither side has a part there is nothing to compare
PARTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "buttons": _all_buttons_fit,
    "quickReplies": _all_buttons_fit,
    "templateHeader": _header_fits,
    "templateItem": items_fit,
    "templateItemHighlight": highlight_fits,
    "templateRepresentLink": _link_fits,
}


def mismatch(template: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The first part that is not the registered one, "" when all are; titles are looked at apart.

    Both have the names of NHN's guide; the text is `templateContent` and `content`. An image is a
    part of the template and not sent.
    """
    if not fits(template["templateContent"], given["content"]):
        return "content"
    for part, fit in PARTS.items():
        one, other = template.get(part), given.get(part)
        if (one or other) and not fit(one, other):
            return part
    return ""


def title_fits(template: Mapping[str, Any], title: str) -> bool:
    """A title may end in the mark of a struck one."""
    return fits(template.get("templateTitle") or "", title.removesuffix(STRUCK))


def _in_order(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(buttons) < 2:
        return buttons
    return sorted(buttons, key=lambda button: int(button.get("ordering") or 0))


def _button_fits(template: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """What the request does not repeat of the `FIXED` parts is the template's."""
    if template.get("type") != given.get("type") or template.get("name") != given.get("name"):
        return False
    for part in FIXED:
        if given.get(part) and str(template.get(part)) != str(given[part]):
            return False
    return links_fit(template, given)

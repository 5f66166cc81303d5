"""Does a text fit a template? Literal segments found from left to right, in linear time.

Full-text sends must equal the registered text with its variables filled, blanks allowed (NHN Cloud
Alimtalk guide, release note of 2022-04-26).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

VARIABLE = re.compile(r"#\{([^{}]*)\}")
LINKS = ("linkMo", "linkPc", "schemeIos", "schemeAndroid")


@lru_cache(maxsize=4096)
def segments(template: str) -> tuple[str, ...]:
    """The literal texts around the variables; one more than there are variables."""
    return tuple(VARIABLE.sub("\0", template.replace("\r\n", "\n")).split("\0"))


def fits(template: str, text: str) -> bool:
    """Whether `text` is the template with something, or nothing, in place of every variable."""
    first, *rest = segments(template)
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
    pairs = zip(_in_order(templates), _in_order(given), strict=True)
    return all(_button_fits(template, button) for template, button in pairs)


def links_fit(template: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(fits(template.get(link) or "", given.get(link) or "") for link in LINKS)


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
    if not template or not given:
        return not template and not given
    return _row_fits(template, given)


def _in_order(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(buttons, key=lambda button: int(button.get("ordering") or 0))


def _button_fits(template: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    same = all(template.get(part) == given.get(part) for part in ("type", "name"))
    return same and links_fit(template, given)

"""The parts of an Alimtalk bubble beside its text: highlight, item list, summary, link.

Limits and error numbers: NHN Cloud guide (2026-06); Kakao's delivery codes 3031–3040 as published
in github.com/lunasoft-org/kakao-bzm (2025-12).
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from channels.bubble import Highlight, Item, Links
from templates.buttons import LINKS, link
from templates.limits import Limits
from templates.reader import Reader

# currency signs and words, ISO 4217 codes, digits, comma, point, blank; at most two decimals
# (Kakao code 3040)
_AMOUNT = re.compile(r"(?:[A-Z]{3}|[$¢£¤¥֏؋৳₠-⃀￠￡￥￦元円원]|[0-9,. -])+")
_DECIMALS = re.compile(r"\.[0-9]{3,}")

PICTURE_NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*"


def highlight(reader: Reader, limits: Limits) -> Highlight | None:
    """The ``highlight`` table; ``image`` names a picture of the workspace."""
    inner = table(reader, "highlight", ("title", "description", "image"))
    if inner is None:
        return None
    image = picture(inner, "image")
    title, description = highlight_limits(limits, beside=bool(image))
    return Highlight(
        inner.text("title", title, required=True),
        inner.text("description", description, required=True),
        image,
    )


def highlight_limits(limits: Limits, *, beside: bool) -> tuple[int, int]:
    """Most characters of title and description, fewer beside a thumbnail (3034, 3035)."""
    if beside:
        return limits.highlight_title_beside, limits.highlight_description_beside
    return limits.highlight_title, limits.highlight_description


def items(reader: Reader, limits: Limits) -> tuple[Item, ...]:
    """The rows of ``items``: fixed titles, descriptions that may hold variables."""
    rows = reader.items("items", limits.items)
    if 0 < len(rows) < limits.items_least:
        reader.add("items", "too_few", limit=limits.items_least, count=len(rows))
    return tuple(_item(row, limits.item_title, limits.item_description) for row in rows)


def summary(reader: Reader, limits: Limits) -> Item | None:
    """The ``summary`` row below the items: a fixed title and an amount."""
    inner = table(reader, "summary", ("title", "description"))
    if inner is None:
        return None
    return _item(inner, limits.summary_title, limits.summary_description)


def is_amount(text: str) -> bool:
    """Whether a summary may say this."""
    return bool(_AMOUNT.fullmatch(text)) and not _DECIMALS.search(text)


def links(reader: Reader, limits: Limits) -> Links | None:
    """The ``link`` table: where a press on the bubble leads."""
    inner = table(reader, "link", LINKS)
    if inner is None:
        return None
    found = Links(**{field: link(inner, field, limits) for field in LINKS})
    if found == Links():
        inner.add("url_mobile", "required")
    return found


def picture(reader: Reader, field: str) -> str:
    """The name of a picture of the workspace; ``""`` when absent."""
    return reader.matching(field, PICTURE_NAME, 64, required=False)


def table(reader: Reader, field: str, fields: tuple[str, ...]) -> Reader | None:
    """A reader of a table within the reader's own; None where it is absent."""
    data = reader.data.get(field)
    if data is None:
        return None
    inner = Reader(data, reader.at(field), reader.findings)
    inner.only(fields)
    return inner


def dump(part: Highlight | Item | Links) -> Mapping[str, Any]:
    """A part as the data it was read from."""
    return {name: value for name, value in asdict(part).items() if value}


def _item(reader: Reader, title: int, description: int) -> Item:
    reader.only(("title", "description"))
    made = Item(
        reader.text("title", title, required=True),
        reader.text("description", description, required=True),
    )
    reader.no_variables("title", made.title)  # NHN Cloud errors -3037, -3038
    return made

"""Parts of the bubble: amounts, pictures, links, rows; what is wrong names its field."""

from typing import Any

import pytest

from channels.bubble import Highlight, Item, Links
from templates import parts
from templates.limits import STRICT
from templates.reader import Reader
from tests.templates.rule_table import ITEM, URL


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1,000원",
        "12.50",
        "$1,234.56",
        "USD 10",
        "₩5,000",
        "￥100",
        "1000 円",
        "-3,000원",
        "€ 9,99",
    ],
)
def test_amounts(text: str) -> None:
    assert parts.is_amount(text)


@pytest.mark.parametrize(
    "text",
    ["", "천 원", "1.234", "1원(부가세 별도)", "US", "usd 1", "1\n2", "10 %", "무료", "1원 10.001"],
)
def test_what_is_no_amount(text: str) -> None:
    assert not parts.is_amount(text)


def read(kind: str, value: Any) -> tuple[Any, list[tuple[str, str]]]:
    reader = Reader({kind: value})
    made = getattr(parts, kind)(reader, STRICT)
    return made, [(one.field, one.rule) for one in reader.findings]


@pytest.mark.parametrize(
    ("kind", "value", "made"),
    [
        ("highlight", None, None),
        ("highlight", {"title": "가", "description": "나"}, Highlight("가", "나", "")),
        (
            "highlight",
            {"title": "가", "description": "나", "image": "a-1.png"},
            Highlight("가", "나", "a-1.png"),
        ),
        ("items", None, ()),
        ("items", [ITEM, ITEM], (Item("상품", "들기름"),) * 2),
        ("summary", None, None),
        ("summary", {"title": "합계", "description": "#{금액}"}, Item("합계", "#{금액}")),
        ("links", None, None),
    ],
)
def test_what_is_read(kind: str, value: Any, made: Any) -> None:
    assert read(kind, value) == (made, [])


@pytest.mark.parametrize(
    ("kind", "value", "field", "rule"),
    [
        ("highlight", "가", "highlight", "wrong_type"),
        ("highlight", {"title": "가"}, "highlight.description", "required"),
        ("highlight", {"title": "가", "description": "나", "a": 1}, "highlight.a", "unknown_field"),
        (
            "highlight",
            {"title": "가", "description": "나", "image": "../a"},
            "highlight.image",
            "bad_format",
        ),
        ("items", [ITEM], "items", "too_few"),
        ("items", "가", "items", "wrong_type"),
        ("items", [ITEM, 5], "items[1]", "wrong_type"),
        ("items", [ITEM, ITEM | {"title": "#{가}"}], "items[1].title", "variable_not_allowed"),
        ("items", [ITEM, ITEM | {"image": "a"}], "items[1].image", "unknown_field"),
        (
            "summary",
            {"title": "#{가}", "description": "1"},
            "summary.title",
            "variable_not_allowed",
        ),
        ("summary", [], "summary", "wrong_type"),
    ],
)
def test_findings(kind: str, value: Any, field: str, rule: str) -> None:
    assert (field, rule) in read(kind, value)[1]


def test_a_link_leads_somewhere() -> None:
    reader = Reader({"link": {"url_mobile": URL, "scheme_ios": "naru://a"}})
    assert parts.links(reader, STRICT) == Links(url_mobile=URL, scheme_ios="naru://a")
    assert reader.findings == []
    for wrong, rule in (({}, "required"), ({"url_mobile": "x"}, "bad_link")):
        reader = Reader({"link": wrong})
        parts.links(reader, STRICT)
        assert [(one.field, one.rule) for one in reader.findings] == [("link.url_mobile", rule)]


def test_a_part_is_written_as_it_was_read() -> None:
    data = {"title": "가", "description": "나"}
    assert parts.dump(read("highlight", data)[0]) == data
    assert read("highlight", parts.dump(Highlight("가", "나", "a.png")))[0].image == "a.png"

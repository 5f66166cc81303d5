"""Templates cut once: every place that holds variables, with its limit; kept by version."""

from typing import Any

import pytest

from templates.compiled import Version, compile_template, compiled, slot_limits
from templates.reading import read_template
from templates.template import Template
from templates.variables import BadVariable
from tests.templates.rule_table import BASE, ITEM, LIST, URL, WEB

LONG = LIST | {
    "header": "#{머리}",
    "highlight": {"title": "#{제목}", "description": "#{설명}"},
    "items": [ITEM, ITEM | {"description": "#{상품}"}],
    "summary": {"title": "합계", "description": "#{금액}원"},
    "link": {"url_mobile": URL + "#{번호}"},
    "buttons": [
        {"kind": "P3", "name": "결제", "plugin_id": "1", "product_id": "#{결제}"},
        WEB | {"url_pc": URL + "#{번호}"},
    ],
}


def read(**changes: Any) -> Template:
    return read_template({**BASE, **changes})


def test_every_place_has_its_limit() -> None:
    source = compile_template(read(**LONG))
    assert {slot.path: slot.limit for slot in source.slots} == {
        "header": 16,
        "highlight.title": 30,
        "highlight.description": 19,
        "items[1].description": 23,
        "summary.description": 14,
        "link.url_mobile": 500,
        "buttons[0].product_id": 50,
        "buttons[1].url_pc": 500,
    }
    assert {slot.path for slot in source.slots if slot.is_link} == {
        "link.url_mobile",
        "buttons[1].url_pc",
    }
    assert source.names == {"머리", "제목", "설명", "상품", "금액", "번호", "결제"}


@pytest.mark.parametrize(("image", "title", "description"), [("", 30, 19), ("a.png", 21, 13)])
def test_a_thumbnail_takes_room(image: str, title: int, description: int) -> None:
    shown = {"title": "제목", "description": "설명"} | ({"image": image} if image else {})
    limits = slot_limits(read(**LIST, highlight=shown))
    assert limits["highlight", "title"] == title
    assert limits["highlight", "description"] == description


def test_limits_are_those_it_was_written_for() -> None:
    assert compile_template(read(limits="nhn")).limits.content == 1_300


def test_names_are_those_of_all_texts() -> None:
    source = compile_template(read(sms="#{a}", lms="#{b}", sms_subject="#{c}", content="[나] #{d}"))
    assert source.names == {"a", "b", "c", "d"}
    assert source.lms is not None
    assert compile_template(read(lms="#{b}")).lms is None  # it is the only text


def test_buttons_that_need_a_token_are_counted_through() -> None:
    chat, bot = {"kind": "BC", "name": "상담"}, {"kind": "BT", "name": "봇"}
    source = compile_template(read(buttons=[WEB, chat], quick_replies=[bot, WEB, chat]))
    assert source.token_buttons == (1, 2, 4)


@pytest.mark.parametrize(
    ("plan", "uses"),
    [(None, True), ([{"channel": "alimtalk"}], False), ([{"channel": "sms"}], True)],
)
def test_whether_it_leaves_as_a_text_message(plan: Any, uses: bool) -> None:
    assert compile_template(read(plan=plan)).uses_sms is uses


def test_what_was_never_checked_is_refused() -> None:
    with pytest.raises(BadVariable):
        compile_template(Template(code="a", name="b", content="#{a"))


def test_a_version_is_compiled_once() -> None:
    loaded: list[int] = []

    def load() -> Template:
        loaded.append(1)
        return read()

    first = compiled(Version("test_compiled", 1, load))
    assert compiled(Version("test_compiled", 1, load)) is first
    assert compiled(Version("test_compiled", 2, load)) is not first
    assert len(loaded) == 2

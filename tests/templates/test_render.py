"""From template and values to what leaves, with every limit checked after filling."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.compiled import CompiledTemplate, Version, compile_template, compiled
from templates.reading import read_template
from templates.render import BadLink, Blank, ValuesRefused, render
from templates.template import Template
from templates.text import NotEncodable, TooLong

URL = "https://naru.example/o/#{번호}"
VALUES = {"고객명": "김나루", "번호": "42"}
TOKEN = "0123456789abcdef" * 2


def source(**changes: Any) -> CompiledTemplate:
    data = {
        "code": "t",
        "name": "시험",
        "content": "[나루] #{고객명} 님, 주문 #{번호}",
        "buttons": [{"kind": "WL", "name": "보기", "url_mobile": URL, "url_pc": URL}],
    }
    return compile_template(read_template(data | changes))


def test_everything_is_filled() -> None:
    made = render(source(sms_subject="주문 #{번호}"), VALUES)
    assert made.text == "[나루] 김나루 님, 주문 42"
    button = made.buttons[0]
    assert (button.url_mobile, button.url_pc) == ("https://naru.example/o/42",) * 2
    assert made.sms_text == made.text + "\n\n보기: https://naru.example/o/42"
    assert (made.sms_subject, made.sms_route, made.replaced) == ("주문 42", "sms", ())
    assert "김나루" not in repr(made)


def test_title_and_variant() -> None:
    wide = source(
        emphasis="TEXT", title="#{고객명} 님", subtitle="안내", sms="#{고객명} " + "가" * 50
    )
    made = render(wide, VALUES)
    assert (made.title, made.sms_route) == ("김나루 님", "lms")
    assert made.sms_text.startswith("김나루 가가")


def test_sms_only_where_it_is_asked_for() -> None:
    no_sms = source(plan=[{"channel": "alimtalk"}])
    made = render(no_sms, VALUES | {"고객명": "😀"})
    assert (made.sms_text, made.sms_route) == ("", None)
    assert render(no_sms, VALUES, sms=True).sms_route == "sms"
    assert render(source(), VALUES | {"고객명": "😀"}, sms=False).text.startswith("[나루] 😀")
    with pytest.raises(NotEncodable) as caught:
        render(source(), VALUES | {"고객명": "😀"})
    assert caught.value.chars == ("😀",)


def test_replaced_characters_are_reported() -> None:
    made = render(source(), {"고객명": "김–나루", "번호": "₩1"})
    assert made.text == "[나루] 김–나루 님, 주문 ₩1"
    assert made.sms_text.startswith("[나루] 김-나루 님, 주문 원1")
    assert made.replaced == ("–", "₩")


def test_all_value_problems_at_once() -> None:
    with pytest.raises(ValuesRefused) as caught:
        render(source(), {"번호": "1", "색": "빨강", "크기": "L"})
    got = {problem.code: problem.names for problem in caught.value.problems}
    assert got == {"missing_variables": ("고객명",), "unknown_variables": ("색", "크기")}


def test_a_decomposed_key_is_the_same_variable() -> None:
    values = {unicodedata.normalize("NFD", name): value for name, value in VALUES.items()}
    assert values.keys() != VALUES.keys()
    assert render(source(), values) == render(source(), VALUES)


@pytest.mark.parametrize(
    ("changes", "values", "field", "count", "limit", "unit"),
    [
        ({"content": "#{a}", "sms": "x"}, {"a": "가" * 1_001}, "text", 1_001, 1_000, "characters"),
        (
            {"content": "#{a}", "sms": "x", "message_type": "EX", "extra": "가" * 10},
            {"a": "나" * 991},
            "text",
            1_001,
            1_000,
            "characters",
        ),
        (
            {"emphasis": "TEXT", "title": "#{a}", "subtitle": "s", "content": "c"},
            {"a": "가" * 51},
            "title",
            51,
            50,
            "characters",
        ),
        (
            {
                "buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://x/#{a}"}],
                "content": "c",
            },
            {"a": "b" * 491},
            "buttons[0].url_mobile",
            501,
            500,
            "characters",
        ),
        (
            {"content": "c", "sms": "#{a}#{b}"},
            {"a": "가" * 1_000, "b": "c"},
            "sms_text",
            2_001,
            2_000,
            "bytes",
        ),
        ({"content": "c", "sms_subject": "#{a}"}, {"a": "가" * 21}, "sms_subject", 42, 40, "bytes"),
    ],
)
def test_too_long_once_filled(
    changes: dict[str, Any], values: dict[str, str], field: str, count: int, limit: int, unit: str
) -> None:
    with pytest.raises(TooLong) as caught:
        render(source(**{"buttons": [], **changes}), values)
    got = caught.value
    assert (got.field, got.count, got.limit, got.unit) == (field, count, limit, unit)


@pytest.mark.parametrize("number", ["a b", "a\nb", "\u3000"])
def test_a_value_may_not_break_a_link(number: str) -> None:
    with pytest.raises(BadLink) as caught:
        render(source(), VALUES | {"번호": number})
    assert caught.value.field == "buttons[0].url_mobile"


def test_a_value_may_not_choose_the_scheme_of_an_app() -> None:
    app = {"kind": "AL", "name": "앱", "scheme_android": "data#{a}://x", "scheme_ios": "naru://x"}
    made = source(content="c", sms="s", buttons=[app])
    assert render(made, {"a": "naru"}).buttons[0].scheme_android == "datanaru://x"
    with pytest.raises(BadLink):
        render(made, {"a": ":"})


@pytest.mark.parametrize(("changes", "field"), [({}, "text"), ({"content": "c"}, "sms_text")])
def test_blank_once_filled(changes: dict[str, str], field: str) -> None:
    made = source(**{"content": "#{a}\n", "sms": "#{a}", "buttons": [], **changes})
    with pytest.raises(Blank) as caught:
        render(made, {"a": " "})
    assert caught.value.field == field


def test_consultation_buttons_carry_their_tokens() -> None:
    buttons = [{"kind": k, "name": k} for k in ("BK", "BC", "MD", "BT")]
    made = source(content="c", buttons=buttons)
    assert made.token_buttons == (1, 3)
    other = TOKEN[::-1]
    assert [b.token for b in render(made, {}, {1: TOKEN, 3: other}).buttons] == [
        "",
        TOKEN,
        "",
        other,
    ]


@pytest.mark.parametrize(
    "tokens", [None, {}, {1: TOKEN}, {0: TOKEN, 1: TOKEN}, {0: TOKEN[:-1]}, {0: TOKEN.upper()}]
)
def test_wrong_tokens_are_refused(tokens: dict[int, str] | None) -> None:
    made = source(content="c", buttons=[{"kind": "BC", "name": "상담"}])
    with pytest.raises(ValueError, match="token"):
        render(made, {}, tokens)


def test_a_version_is_compiled_once() -> None:
    loads: list[int] = []

    def load() -> Template:
        loads.append(1)
        return source().template

    first = compiled(Version("tests/test_render", 1, load))
    again = compiled(Version("tests/test_render", 1, lambda: pytest.fail("loaded twice")))
    assert again is first
    assert len(loads) == 1
    assert compiled(Version("tests/test_render", 2, load)) is not first


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40))
def test_values_are_never_parsed(name: str) -> None:
    for value in (name, "#{번호}", "#{고객명}" + name):
        made = render(source(buttons=[]), {"고객명": value, "번호": "42"}, sms=False)
        expected = f"[나루] {value} 님, 주문 42"
        assert made.text == unicodedata.normalize("NFC", expected)


def test_a_value_never_changes_the_character_before_it() -> None:
    """What would compose with the template's own last character stays apart from it."""
    made = render(
        source(content="가#{고객명} #{번호}", buttons=[]), VALUES | {"고객명": "\u11a8"}, sms=False
    )
    assert made.text == "가\u11a8 42"
    decomposed = unicodedata.normalize("NFD", "각")
    made = render(
        source(content="가#{고객명} #{번호}", buttons=[]), VALUES | {"고객명": decomposed}
    )
    assert made.text == "가각 42"

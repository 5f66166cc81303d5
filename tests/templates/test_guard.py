"""The exact match: what render makes passes, anything else is named, and it never takes long."""

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.bubble import Button, Highlight, Item, Links
from channels.contract import Outgoing
from templates.compiled import NAMES, CompiledTemplate, compile_template
from templates.guard import differs
from templates.reading import read_template
from templates.render import Rendered, render

TOKEN = "0123456789abcdef" * 2
URL = "https://naru.example/o/#{번호}"
NOTICE: dict[str, Any] = {
    "code": "t",
    "name": "시험",
    "content": "[나루] #{고객명} 님,\n주문 #{번호} 접수",
    "emphasis": "TEXT",
    "title": "#{고객명} 님",
    "subtitle": "안내",
    "buttons": [
        {"kind": "WL", "name": "보기", "url_mobile": URL, "url_pc": "https://naru.example/"},
        {"kind": "BT", "name": "봇", "event": "ask"},
    ],
    "quick_replies": [{"kind": "BC", "name": "상담"}, {"kind": "BK", "name": "다시"}],
    "link": {"url_mobile": URL, "url_pc": "https://naru.example/pc"},
}
LIST: dict[str, Any] = {
    "code": "t",
    "name": "시험",
    "content": "[나루] #{고객명} 님",
    "emphasis": "ITEM_LIST",
    "header": "주문 #{번호}",
    "highlight": {"title": "#{고객명} 님", "description": "감사합니다", "image": "box.png"},
    "items": [
        {"title": "주문", "description": "#{번호}"},
        {"title": "결제", "description": "카드"},
    ],
    "summary": {"title": "합계", "description": "#{번호}원"},
}
VALUES = {"고객명": "김나루", "번호": "42"}
ANYTHING = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
LITERAL = st.text(st.sampled_from("가나다라 \n"), max_size=6)
DIGITS = st.text(st.sampled_from("0123456789"), max_size=6)


def source(**changes: Any) -> CompiledTemplate:
    return compile_template(read_template(NOTICE | changes))


def both() -> list[tuple[CompiledTemplate, Rendered]]:
    """A notice with every kind of button, and an item list."""
    wide, rows = source(), compile_template(read_template(LIST))
    return [(wide, render(wide, VALUES, {1: TOKEN, 2: TOKEN})), (rows, render(rows, VALUES))]


def sent(made: Rendered, **changes: Any) -> Outgoing:
    """The outgoing message of what was rendered."""
    parts = ("text", "title", "buttons", "header", "highlight", "items", "summary",
             "quick_replies", "link")  # fmt: skip
    bubble = {name: getattr(made, name) for name in parts}
    return Outgoing("r" * 26, "01012345678", "k", **bubble | changes)


def test_what_was_rendered_passes() -> None:
    for template, made in both():
        assert differs(template, made) is None
        assert differs(template, sent(made)) is None


@given(ANYTHING, st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=12))
def test_whatever_render_makes_passes(name: str, number: str) -> None:
    """Combining characters, the template's own words and its variables among the values."""
    wide = source()
    for value in (name, "#{번호}" + name, "님,\n주문 " + name, "́" + name, "ᆨ"):
        values = {"고객명": value, "번호": number}
        tokens = {1: TOKEN, 2: TOKEN}
        if len(value) <= 40 and value.strip():
            assert differs(wide, render(wide, values, tokens, sms=False)) is None


def test_blanks_may_stand_in_place_of_variables() -> None:
    wide, made = both()[0]
    assert differs(wide, sent(made, text="[나루]  님,\n주문  접수")) is None
    assert differs(wide, sent(made, text="[나루]  님,\r\n주문  접수")) is None
    assert differs(wide, sent(made, text="[나루] 님,\n주문  접수")) == "text"


def field_paths(part: Button | Highlight | Item | Links) -> list[str]:
    """The fields of a part that say something."""
    return [name for name in NAMES[type(part)] if getattr(part, name)]


def changed(made: Rendered) -> list[tuple[str, dict[str, Any]]]:
    """Every field of every part with a character too much in front, and the path to be named."""
    found: list[tuple[str, dict[str, Any]]] = []
    for group in ("buttons", "items", "quick_replies"):
        rows = getattr(made, group)
        for i, part in enumerate(rows):
            for name in set(field_paths(part)) - {"token"}:
                other = replace(part, **{name: "x" + getattr(part, name)})
                change = (*rows[:i], other, *rows[i + 1 :])
                found.append((f"{group}[{i}].{name}", {group: change}))
    for group in ("highlight", "summary", "link"):
        if (part := getattr(made, group)) is not None:
            found += [
                (f"{group}.{name}", {group: replace(part, **{name: "x" + getattr(part, name)})})
                for name in field_paths(part)
            ]
    return found


def test_a_change_of_any_field_is_named() -> None:
    free = {"items[0].description", "highlight.title", "summary.description"}  # begin variably
    told = set()
    for template, made in both():
        for path, change in changed(made):
            is_free = path in free
            assert differs(template, sent(made, **change)) == (None if is_free else path), path
            told.add(path)
    assert len(told) > 20
    assert free < told | {"summary.description"}


@pytest.mark.parametrize(
    ("which", "change", "path"),
    [
        (0, {"text": "[나루] 김나루 님,\n주문 42 접수."}, "text"),
        (0, {"text": ""}, "text"),
        (0, {"title": "김나루"}, "title"),
        (0, {"header": "주문 42"}, "header"),
        (1, {"header": "주문42"}, "header"),
        (0, {"buttons": ()}, "buttons"),
        (0, {"quick_replies": ()}, "quick_replies"),
        (1, {"buttons": (Button("BK", "더"),)}, "buttons"),
        (1, {"items": (Item("주문", "42"),)}, "items"),
        (1, {"items": (Item("결제", "카드"), Item("주문", "42"))}, "items[0].title"),
        (1, {"items": (Item("주문", "42"), Item("결제", "현금"))}, "items[1].description"),
        (0, {"link": None}, "link"),
        (1, {"link": Links("https://naru.example/")}, "link"),
        (1, {"highlight": None}, "highlight"),
        (0, {"highlight": Highlight("가", "나")}, "highlight"),
        (1, {"summary": Item("합계", "42달러")}, "summary.description"),
        (1, {"summary": None}, "summary"),
    ],
)
def test_another_part_is_named(which: int, change: dict[str, Any], path: str) -> None:
    template, made = both()[which]
    assert differs(template, sent(made, **change)) == path


def test_swapped_buttons_and_replies_are_another_message() -> None:
    wide, made = both()[0]
    assert differs(wide, sent(made, buttons=made.buttons[::-1])) == "buttons[0].kind"
    replies = made.quick_replies[::-1]
    assert differs(wide, sent(made, quick_replies=replies)) == "quick_replies[0].kind"


def test_a_token_is_free_where_one_belongs_and_nowhere_else() -> None:
    wide, made = both()[0]
    link, bot = made.buttons
    consult, again = made.quick_replies
    for token in ("", "f" * 32):
        assert differs(wide, sent(made, buttons=(link, replace(bot, token=token)))) is None
    stray = (replace(link, token=TOKEN), bot)
    assert differs(wide, sent(made, buttons=stray)) == "buttons[0].token"
    stray = (consult, replace(again, token=TOKEN))
    assert differs(wide, sent(made, quick_replies=stray)) == "quick_replies[1].token"


@pytest.mark.parametrize(
    "button",
    [
        {"kind": "TN", "name": "전화 연결", "phone": "02-123-4567"},
        {"kind": "BF", "name": "톡에서 예약하기", "form_id": "7"},
        {"kind": "P1", "name": "사진", "plugin_id": "p-1", "relay_id": "r"},
        {"kind": "AL", "name": "앱", "scheme_android": "a://x", "scheme_ios": "b://#{번호}"},
        {"kind": "WL", "name": "밖", "url_mobile": "https://x/", "target": "out"},
    ],
)
def test_every_fixed_number_of_a_button_counts(button: dict[str, Any]) -> None:
    template = source(buttons=[button], quick_replies=[])
    made = render(template, VALUES)
    assert differs(template, made) is None
    for name in button:
        other = replace(made.buttons[0], **{name: "?" + getattr(made.buttons[0], name)})
        assert differs(template, sent(made, buttons=(other,))) == f"buttons[0].{name}"
    for name in set(NAMES[Button]) - set(button):
        other = replace(made.buttons[0], **{name: "?"})
        assert differs(template, sent(made, buttons=(other,))) == f"buttons[0].{name}"


@given(st.lists(st.tuples(LITERAL, DIGITS), min_size=1, max_size=6), LITERAL, st.data())
def test_any_other_character_in_a_literal_differs(
    pairs: list[tuple[str, str]], tail: str, data: st.DataObject
) -> None:
    """Values are digits, literals are not: no reading makes one the other."""
    content = "".join(f"{text}#{{{i}}}" for i, (text, _) in enumerate(pairs)) + tail
    template = compile_template(
        read_template({"code": "t", "name": "n", "content": "가" + content})
    )
    text = "가" + "".join(map("".join, pairs)) + tail
    assert template.text.fits(text)
    fixed = [i for i, ch in enumerate(text) if ch not in "0123456789"]
    at = data.draw(st.sampled_from(fixed))
    other = data.draw(st.sampled_from([ch for ch in "가나다라 \n?7" if ch != text[at]]))
    for spoilt in (text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :]):
        assert not template.text.fits(spoilt)


def seconds(template: CompiledTemplate, text: str) -> float:
    made = Rendered(text=text, title="", buttons=())
    times = []
    for _ in range(3):
        began = time.perf_counter()
        differs(template, made)
        times.append(time.perf_counter() - began)
    return min(times)


def spaced(variables: int, literal: str = " ", end: str = "!") -> CompiledTemplate:
    content = literal.join(f"#{{{i}}}" for i in range(variables)) + end
    return compile_template(read_template({"code": "t", "name": "n", "content": content}))


def test_blanks_and_many_variables_take_no_time() -> None:
    """A regular expression needs over 20 s for the first of these."""
    assert seconds(spaced(5), " " * 200) < 0.05
    assert seconds(spaced(5), " " * 200 + "!") < 0.05
    assert seconds(spaced(40), "가 " * 650) < 0.05
    assert seconds(spaced(40, "가가가가나"), "가" * 1_300 + "!") < 0.05


@pytest.mark.parametrize("literal", [" ", "가가가가나", "ab" * 30 + "c"])
def test_the_time_grows_with_the_length_alone(literal: str) -> None:
    """Forty times the text in forty times the time, and some noise; a quadratic one takes 1,600."""
    template = spaced(10, literal, "?!")
    texts = [literal[:-1] * (size // len(literal[:-1] or " ")) + "!?!" for size in (5_000, 200_000)]
    if literal == " ":
        texts = [" " * 5_000 + "?!", " " * 200_000 + "?!"]
    small, large = (max(seconds(template, text), 2e-6) for text in texts)
    assert large < 400 * small

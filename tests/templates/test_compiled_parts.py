"""A template cut once: what of it holds variables, where, and what is fixed."""

from typing import Any

from templates.compiled import GROUPS, NAMES, TOKEN, compile_template, fields_of
from templates.reading import read_template

FORM: dict[str, Any] = {
    "code": "t",
    "name": "시험",
    "content": "#{a}",
    "emphasis": "ITEM_LIST",
    "header": "#{h}",
    "highlight": {"title": "#{t}", "description": "d", "image": "box.png"},
    "items": [{"title": "1", "description": "#{x}"}, {"title": "2", "description": "y"}],
    "summary": {"title": "합계", "description": "#{s}원"},
    "buttons": [
        {"kind": "WL", "name": "w", "url_mobile": "https://x/#{u}"},
        {"kind": "BC", "name": "c"},
    ],
    "quick_replies": [{"kind": "BK", "name": "k"}, {"kind": "BT", "name": "b"}],
    "link": {"url_mobile": "https://x/#{l}"},
}


def test_only_what_changes_is_made_anew() -> None:
    made = compile_template(read_template(FORM))
    assert set(made.made) == {
        ("buttons", 0), ("buttons", 1), ("quick_replies", 1), ("items", 0),
        ("highlight", -1), ("summary", -1), ("link", -1),
    }  # fmt: skip
    assert [slot.path for slot in made.slots] == [
        "header", "buttons[0].url_mobile", "highlight.title", "items[0].description",
        "summary.description", "link.url_mobile",
    ]  # fmt: skip
    assert made.names == {"a", "h", "t", "x", "s", "u", "l"}


def test_tokens_count_on_from_buttons_to_replies() -> None:
    made = compile_template(read_template(FORM))
    assert made.token_buttons == (1, 3)
    assert (made.made["buttons", 1].token, made.made["quick_replies", 1].token) == (1, 3)
    assert made.made["buttons", 0].token == -1


def test_a_highlight_beside_a_picture_has_less_room() -> None:
    slots = {slot.path: slot.limit for slot in compile_template(read_template(FORM)).slots}
    assert slots["highlight.title"] == 21
    alone = FORM | {"highlight": {"title": "#{t}", "description": "d"}}
    slots = {slot.path: slot.limit for slot in compile_template(read_template(alone)).slots}
    assert slots["highlight.title"] == 30


def test_a_notice_without_variables_is_made_once() -> None:
    made = compile_template(read_template({"code": "t", "name": "n", "content": "안내"}))
    assert (made.made, made.slots, made.bubble) == ({}, (), {"buttons": ()})
    assert made.groups == ((), (), (), None, None, None)
    assert len(GROUPS) == len(made.groups)


def test_fields_are_read_in_their_order() -> None:
    button = read_template(FORM).buttons[1]
    assert dict(zip(NAMES[type(button)], fields_of(button), strict=True)) == {
        name: getattr(button, name) for name in NAMES[type(button)]
    }
    assert NAMES[type(button)][TOKEN] == "token"

"""Reading untrusted mappings: every wrong shape is a finding, nothing raises."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.reader import Reader


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def rules(reader: Reader) -> list[tuple[str, str]]:
    return [(found.field, found.rule) for found in reader.findings]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (7, "wrong_type"),
        (True, "wrong_type"),
        ([], "wrong_type"),
        (None, "required"),
        (" ", "required"),
        ("", "required"),
        ("123456", "too_long"),
        ("a\nb", "control_character"),
        ("a\x00", "control_character"),
        ("\ud800", "control_character"),
    ],
)
def test_bad_texts(value: object, rule: str) -> None:
    reader = Reader({"f": value}, "root")
    reader.text("f", 5, required=True)
    assert rules(reader) == [("root.f", rule)]


def test_text_is_canonical() -> None:
    reader = Reader({"f": "\u1112\u1161\u11ab\r\n글"})
    assert reader.text("f", 3, lines=True) == "한\n글"
    assert rules(reader) == []


@pytest.mark.parametrize(
    ("value", "read", "found"),
    [
        (None, None, []),
        (1, 1, []),
        (9, 9, []),
        (0, None, [("f", "out_of_range")]),
        (10, None, [("f", "out_of_range")]),
        (True, None, [("f", "wrong_type")]),
        (1.0, None, [("f", "wrong_type")]),
        ("5", None, [("f", "wrong_type")]),
    ],
)
def test_whole_numbers(value: object, read: int | None, found: list[tuple[str, str]]) -> None:
    reader = Reader({"f": value})
    assert reader.whole("f", 1, 9) == read
    assert rules(reader) == found


def test_choice_names_what_is_possible() -> None:
    reader = Reader({"a": "red", "b": "green", "c": ["red"]})
    assert reader.choice("a", Colour, Colour.BLUE) is Colour.RED
    assert reader.choice("b", Colour, Colour.BLUE) is Colour.BLUE
    assert reader.choice("c", Colour, Colour.BLUE) is Colour.BLUE
    assert reader.choice("none", Colour, Colour.BLUE) is Colour.BLUE
    assert rules(reader) == [("b", "bad_choice"), ("c", "bad_choice")]
    assert "red, blue" in reader.findings[0].message_ko


def test_matching_defaults_and_requires() -> None:
    reader = Reader({"a": "no spaces"})
    assert reader.matching("b", "[a-z]+", 5, "std") == "std"
    assert rules(reader) == []
    reader.matching("a", "[a-z]+", 20, "std")
    reader.matching("b", "[a-z]+", 5)
    assert rules(reader) == [("a", "bad_format"), ("b", "required")]


def test_flag_is_true_only_for_true() -> None:
    reader = Reader({"yes": True, "no": False, "one": 1})
    assert [reader.flag(name) for name in ("yes", "no", "one", "none")] == [True] + [False] * 3
    assert rules(reader) == [("one", "wrong_type")]


def test_nested_findings_carry_their_path() -> None:
    reader = Reader({"rows": [{"x": 1}, "no table", {}]})
    rows = reader.items("rows", 2)
    for row in rows:
        row.text("x", required=True)
    assert rules(reader) == [
        ("rows", "too_many"),
        ("rows[1]", "wrong_type"),
        ("rows[0].x", "wrong_type"),
        ("rows[1].x", "required"),
    ]


def test_only_names_every_stranger() -> None:
    reader = Reader({"a": 1, "b": 2, 3: 4})
    reader.only(["a"])
    assert rules(reader) == [("b", "unknown_field"), ("3", "unknown_field")]


@given(ANYTHING)
def test_no_value_makes_it_raise(value: object) -> None:
    for data in (value, {"f": value}):
        reader = Reader(data)
        reader.text("f", 5, required=True)
        reader.matching("f", "[a-z]+", 5)
        reader.flag("f")
        reader.choice("f", Colour, Colour.RED)
        reader.whole("f", 0, 5)
        assert len(reader.items("f", 3)) <= 3

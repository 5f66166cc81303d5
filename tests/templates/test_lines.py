"""Lines of a TOML file: top-level keys, tables, rows of arrays, and blocks of lines."""

import pytest

from templates.lines import Lines

TEXT = '''# comment
code = "t"
"name" = '시험'
content = """
첫째 줄
code = "이것은 본문"
[[buttons]]
"""
extra = \'\'\'한 줄
둘째 줄\'\'\'
sms = """짧다"""

[highlight] # table
title = "제목"

[[buttons]]
kind = "WL"
[[ buttons ]]
kind = "WL"
url_mobile = "https://a.example/x=1"
[sample]
"고객 이름" = "김나루"
'''


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("code", 2),
        ("name", 3),
        ("content", 5),  # where its text begins
        ("extra", 9),
        ("sms", 11),
        ("highlight", 13),
        ("highlight.title", 14),
        ("highlight.description", 13),  # absent: its table
        ("buttons[0]", 16),
        ("buttons[0].kind", 17),
        ("buttons[1]", 18),
        ("buttons[1].url_mobile", 20),
        ("buttons[2].kind", None),
        ("sample.고객 이름", 22),
        ("sample.없음", 21),
        ("colour", None),
        ("", None),
        ("a.b[0].c", None),
    ],
)
def test_lines(field: str, line: int | None) -> None:
    assert Lines(TEXT).of(field) == line
    assert Lines(TEXT.replace("\n", "\r\n")).of(field) == line


@pytest.mark.parametrize(
    ("field", "before", "line"),
    [
        ("content", "", 5),
        ("content", "첫째 줄\n", 6),
        ("extra", "한 줄\n둘", 10),
        ("sms", "짧", 11),
    ],
)
def test_places_within_a_block(field: str, before: str, line: int) -> None:
    assert Lines(TEXT).of(field, before) == line


def test_an_inline_array_is_its_key() -> None:
    assert Lines('a = 1\nbuttons = [{kind = "WL"}]\n').of("buttons[0].name") == 2


@pytest.mark.parametrize(
    "text", ["", "=", "[", "[[", '"""', 'a = """', "[]", "\x00" * 50, "a." * 99]
)
def test_anything_has_lines(text: str) -> None:
    assert Lines(text).of("content") is None

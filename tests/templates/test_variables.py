"""Kakao's variable grammar: cut, filled, checked; linear and never parsed twice."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.variables import (
    BadVariable,
    LongVariables,
    MissingVariables,
    SpoiltVariables,
    UnknownVariables,
    check,
    parse,
)

NAMES = st.text(st.sampled_from("가나 다a1:{#0._$"), min_size=1, max_size=6).filter(
    lambda name: name.strip() != "" and "#{" not in name
)
LITERALS = st.text(st.sampled_from("가 a}{\n#"), max_size=8).filter(
    lambda text: "#{" not in text and not text.endswith("#")
)


@pytest.mark.parametrize(
    ("text", "names", "literal"),
    [
        ("", (), ""),
        ("변수 없음", (), "변수 없음"),
        ("#{고객명}", ("고객명",), ""),
        ("#{a}#{b}#{a}", ("a", "b"), ""),
        ("도착 #{09:50} 예정", ("09:50",), "도착  예정"),
        ("#{고객 이름} 님", ("고객 이름",), " 님"),
        ("##{a}}", ("a",), "#}"),
        ("# {a} { } #", (), "# {a} { } #"),
        ("#{7*7}{% x %}{{y}}{# z #}", ("7*7",), "{% x %}{{y}}{# z #}"),
        ("#{ a }", (" a ",), ""),
        ("#{a{b}", ("a{b",), ""),
    ],
)
def test_grammar(text: str, names: tuple[str, ...], literal: str) -> None:
    compiled = parse(text)
    assert compiled.names == names
    assert compiled.literal == literal


@pytest.mark.parametrize(
    ("text", "rule", "position"),
    [
        ("값 #{이름", "unterminated", 2),
        ("#{이름\n}", "unterminated", 0),
        ("#{", "unterminated", 0),
        ("ok #{a} #{}", "empty", 8),
        ("#{  }", "empty", 0),
        ("#{a#{b}}", "nested", 0),
        ("#{a@b}", "at_sign", 0),
        ("#{" + "a" * 1_301 + "}", "too_long", 0),
    ],
)
def test_broken_variables(text: str, rule: str, position: int) -> None:
    with pytest.raises(BadVariable) as caught:
        parse(text)
    assert (caught.value.rule, caught.value.position) == (rule, position)


def test_the_longest_name_passes() -> None:
    assert parse("#{" + "a" * 1_300 + "}").names == ("a" * 1_300,)


@given(st.lists(st.tuples(LITERALS, NAMES)), LITERALS)
def test_names_filled_by_themselves_give_the_source(
    pairs: list[tuple[str, str]], tail: str
) -> None:
    source = "".join(f"{literal}#{{{name}}}" for literal, name in pairs) + tail
    compiled = parse(source)
    assert compiled.slots == tuple(name for _, name in pairs)
    assert compiled.fill({name: f"#{{{name}}}" for name in compiled.names}) == source


@given(st.lists(st.tuples(LITERALS, NAMES), min_size=1), st.data())
def test_values_appear_as_they_are(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    compiled = parse("".join(f"{literal}#{{{name}}}" for literal, name in pairs))
    hostile = st.sampled_from(["#{a}", "#{", "}", "{{x}}", "\\1", "%s", "{0}", ""]) | st.text()
    values = {name: data.draw(hostile) for name in compiled.names}
    assert compiled.fill(values) == "".join(literal + values[name] for literal, name in pairs)


def test_fill_names_all_that_is_missing() -> None:
    with pytest.raises(MissingVariables) as caught:
        parse("#{a} #{b} #{c}").fill({"b": "x"})
    assert caught.value.names == ("a", "c")


def test_check_names_everything_at_once() -> None:
    values = {"b": "1" * 1_301, "c": "\x00", "x": "", "y": ""}
    problems = check({"a", "b", "c", "d"}, values)
    assert [(type(p), p.names) for p in problems] == [
        (MissingVariables, ("a", "d")),
        (UnknownVariables, ("x", "y")),
        (LongVariables, ("b",)),
        (SpoiltVariables, ("c",)),
    ]
    assert [p.code for p in problems][:2] == ["missing_variables", "unknown_variables"]


@pytest.mark.parametrize(
    "values", [{"a": "", "b": ""}, {"a": "가" * 1_300, "b": "나" * 1_300}, {"a": "\t\n", "b": "😀"}]
)
def test_check_passes(values: dict[str, str]) -> None:
    assert check({"a", "b"}, values) == ()


@pytest.mark.parametrize("unit", ["#{a}", "#", "#{", "}", "#{a#", "가나다 #{고객명} 님\n"])
def test_time_grows_with_the_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = 1.0
        for _ in range(5):
            start = time.process_time()
            try:
                parse(text)
            except BadVariable:
                assert unit in ("#{", "#{a#")
            best = min(best, time.process_time() - start)
        return best

    small = max(seconds(100_000), 1e-4)  # below the clock's noise only the upper bound matters
    assert seconds(200_000) <= 4 * small


@given(st.lists(st.tuples(LITERALS, NAMES)), LITERALS, st.lists(LITERALS, max_size=8))
def test_a_filled_text_fits_whatever_fills_it(
    pairs: list[tuple[str, str]], tail: str, values: list[str]
) -> None:
    compiled = parse("".join(f"{literal}#{{{name}}}" for literal, name in pairs) + tail)
    given = dict.fromkeys(compiled.names, "") | dict(zip(compiled.names, values, strict=False))
    filled = compiled.fill(given)
    assert compiled.fits(filled)
    assert compiled.fits(filled.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("text", "filled", "fits"),
    [
        ("가#{a}나", "가나", True),
        ("가#{a}나", "가", False),
        ("가#{a}가", "가", False),  # one character cannot be both
        ("가#{a}나#{b}가", "가나가", True),
        ("가#{a}나#{b}나", "가나", False),
        ("#{a}나#{b}다#{c}", "다나", False),  # the order counts
        ("#{a}나#{b}다#{c}", "나 나 다 다", True),
        ("#{a}", "", True),
        ("가", "가 ", False),
        ("", "", True),
        ("가\n#{a}", "가\r\n1", True),
        ("가\n#{a}", "가\r1", False),
    ],
)
def test_what_fits(text: str, filled: str, fits: bool) -> None:
    assert parse(text).fits(filled) is fits

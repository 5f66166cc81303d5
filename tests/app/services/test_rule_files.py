"""Files of rule bots: read strictly, every fault with its line and what to do."""

import re
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from app.services.rule_files import MAX_BYTES, BadRules, examine, load

ROOT = Path(__file__).parents[3]
START = '[menus.start]\ntext = "가"\n'


def faults(text: str) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.field, one.rule) for one in examine(text)[1]]


def test_the_smallest_file_and_the_examples_are_clean() -> None:
    assert faults(START) == []
    for name in ("shop", "clinic"):
        assert faults((ROOT / "docs" / "bots" / f"{name}.toml").read_text("utf-8")) == [], name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = ", (1, "", "bad_toml")),
        ("", (None, "start", "unknown_page")),
        (START + "colour = 1", (3, "menus.start.colour", "unknown_field")),
        ("colour = 1\n" + START, (1, "colour", "unknown_field")),
        ('start = "x"\n' + START, (1, "start", "unknown_page")),
        ('[menus.start]\ntext = ""', (2, "menus.start.text", "required")),
        ("[menus.start]\ntext = 3", (2, "menus.start.text", "wrong_type")),
        ('[menus.start]\ntext = "#{가"', (2, "menus.start.text", "bad_variable")),
        ('[menus.start]\ntext = "#{가}"', (2, "menus.start.text", "no_without")),
        (f'[menus.start]\ntext = "{"가" * 1001}"', (2, "menus.start.text", "too_long")),
        (
            START + 'choices = [{label = "나", go = "nowhere"}]',
            (3, "menus.start.choices[0].go", "unknown_page"),
        ),
        (
            START + 'choices = [{label = "나", go = "start"}, {label = "나", go = "start"}]',
            (3, "menus.start.choices", "label_twice"),
        ),
        (START + 'links = [{name = "가", url = "x"}]', (3, "menus.start.links[0].url", "bad_link")),
        (START + 'lookup = "l"', (3, "menus.start.lookup", "unknown_lookup")),
        (START + 'ask = "뭐?"', (3, "menus.start.ask", "needs_lookup")),
        (START + '[menus.person]\ntext = "x"', (3, "menus.person", "reserved_name")),
        (START + '[menus."한글"]\ntext = "x"', (None, "menus.한글", "bad_format")),
        (START + '[[keywords]]\nwords = []\ngo = "start"', (4, "keywords[0].words", "wrong_type")),
        (
            START + '[[keywords]]\nwords = ["가"]\ngo = "start"',
            (4, "keywords[0].words", "out_of_range"),
        ),
        (
            START + '[[keywords]]\nwords = ["가나", "가 나"]\ngo = "start"\n'
            '[[keywords]]\nwords = ["가나!"]\ngo = "person"',
            (7, "keywords[1].words", "word_twice"),
        ),
        (
            START + '[[keywords]]\nwords = ["가나"]\ngo = "nowhere"',
            (None, "keywords", "unknown_page"),
        ),
        (START + '[hours]\nmon = ["9-18"]', (4, "hours.mon", "bad_format")),
        (START + '[hours]\nmon = ["18:00-09:00"]', (4, "hours.mon", "out_of_range")),
        (START + '[hours]\nmonday = ["09:00-18:00"]', (4, "hours.monday", "unknown_field")),
        (START + '[texts]\nclosed = "x"', (4, "texts.closed", "needs_hours")),
        (START + '[texts]\nwelcome = "#{고객명}"', (4, "texts.welcome", "variable_not_allowed")),
        (START + '[lookups.l]\nurl = "ftp://x"', (4, "lookups.l.url", "bad_format")),
        (START + "lookups = 3\n", (3, "menus.start.lookups", "unknown_field")),
        (START + '[voice]\n"배송" = "nowhere"', (4, "voice.배송", "unknown_page")),
        (START + '[menus.alone]\ntext = "x"', (3, "menus.alone", "unreachable")),
    ],
)
def test_every_fault_has_its_line_and_its_remedy(
    text: str, expected: tuple[int | None, str, str]
) -> None:
    found = examine(text)[1]
    assert expected in [(one.line, one.field, one.rule) for one in found], faults(text)
    for one in found:
        assert one.message_ko
        assert one.message_en
        assert one.fix_ko or one.rule == "bad_toml"
        assert not re.search(r"\{\w*\}", one.message_ko.replace("#{", "")), one


def test_everything_is_said_at_once() -> None:
    with pytest.raises(BadRules) as bad:
        load('start = "x"\n[menus.y]\ntext = "#{a}"\nchoices = [{label = "", go = "?"}]')
    assert len(bad.value.findings) >= 4


def test_what_is_too_large_is_not_read() -> None:
    assert faults("#" * (MAX_BYTES + 1)) == [(None, "", "too_large")]
    menus = "".join(f'[menus.m{n}]\ntext = "가"\n' for n in range(101))
    assert (None, "menus", "too_many") in faults(menus) or "too_many" in str(faults(menus))


def test_a_warning_forbids_nothing() -> None:
    assert load(START + '[menus.alone]\ntext = "x"').pages.keys() == {"start", "alone"}


@hypothesis.given(st.text(max_size=200))
@hypothesis.settings(max_examples=60)
def test_no_text_breaks_the_reader(text: str) -> None:
    examine(text)
    examine(START + text)


@hypothesis.given(
    st.recursive(
        st.one_of(st.booleans(), st.integers(-9, 9), st.text(alphabet="가a#{}", max_size=6)),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(["menus", "keywords", "lookups", "hours", "voice", "texts", "start"]),
)
@hypothesis.settings(max_examples=60)
def test_no_shape_breaks_the_reader(value: object, name: str) -> None:
    def toml(one: object) -> str:
        if isinstance(one, bool):
            return str(one).lower()
        if isinstance(one, list):
            return f"[{', '.join(map(toml, one))}]"
        return f'"{one}"' if isinstance(one, str) else str(one)

    examine(f"{name} = {toml(value)}\n")
    examine(f"{START}\n[{name}.x]\ny = {toml(value)}\n")
    examine(f"{START}\nchoices = {toml(value)}\nlinks = [{{name = {toml(value)}}}]\n")

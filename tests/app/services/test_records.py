"""Text to records: any line ends, quotes over lines, any cut."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.services.records import LONGEST, Records

WANT = [["to", "name"], ["1", "a,b"], ["2", 'says "no"'], ["3", "two\nlines"], ["4", "x"]]


def read(text: str, step: int = 10**6) -> list[list[str] | None]:
    records = Records()
    found = [r for i in range(0, len(text), step) for r in records.feed(text[i : i + step])]
    return found + list(records.feed("", last=True))


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_any_cut(end: str, step: int, last: bool) -> None:
    lines = ["to,name", '1,"a,b"', '2,"says ""no"""', '3,"two\nlines"', "4,x"]
    text = end.join(lines) + end * last
    assert read(text, step) == WANT


def test_mixed_line_ends() -> None:
    assert read("to,n\r\n1,a\n2,b\r3,c\n\n", 4) == [
        ["to", "n"], ["1", "a"], ["2", "b"], ["3", "c"], [],
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_first_line_tells_the_delimiter(delimiter: str) -> None:
    records = Records()
    text = f"to{delimiter}a b{delimiter}c\n1{delimiter}2{delimiter}3\n"
    assert list(records.feed(text, last=True)) == [["to", "a b", "c"], ["1", "2", "3"]]
    assert records.delimiter == delimiter


def test_one_column() -> None:
    assert read("to\n1\n2") == [["to"], ["1"], ["2"]]


def test_quotes_that_cannot_be_read_spoil_their_own_record_only() -> None:
    assert read('to,n\n1,"a"b"\n2,c\n') == [["to", "n"], None, ["2", "c"]]
    assert read("a,b\n" + "x" * 200_000 + ",1\n2,3\n")[-1] == ["2", "3"]


def test_nul_is_a_character() -> None:
    assert read("to,n\n1,a\x00b\n")[1] == ["1", "a\x00b"]


def test_a_quote_nobody_closes_does_not_swallow_the_memory() -> None:
    with pytest.raises(Invalid) as refused:
        read('to,n\n1,"' + "x" * LONGEST, 1_000)
    assert refused.value.code == "unclosed_quote"


def test_a_quote_open_at_the_end() -> None:
    assert read('to,n\n1,a\n2,"b\n')[:2] == [["to", "n"], ["1", "a"]]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=8), st.integers(1, 50))
def test_what_the_library_writes_comes_back(rows: list[list[str]], step: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["to", "name"], *rows])
    assert read(out.getvalue(), step) == [["to", "name"], *rows]

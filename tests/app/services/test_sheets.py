"""Cells: nothing runs in a spreadsheet, everything comes back as it was."""

import csv
import io

import pytest

from app.services.sheets import line, safe


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+82", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"],  # noqa: RUF001
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe(f"a{cell}") == f"a{cell}"


def test_any_reader_reads_a_line_back() -> None:
    text = line(["가,나", 'he said "no"', "two\nlines", None, True, 6.5, 7])
    assert text.endswith("\r\n")
    (back,) = csv.reader(io.StringIO(text, newline=""))
    assert back == ["가,나", 'he said "no"', "two\nlines", "", "true", "6.5", "7"]

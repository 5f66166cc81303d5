"""Lines of CSV files (RFC 4180) that no spreadsheet takes for anything but text."""

from collections.abc import Iterable
from typing import Any

# a spreadsheet would run them (OWASP, CSV injection); Excel takes the full-width forms too
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 - meant
QUOTED = frozenset('",\r\n')
MARK = "\ufeff"  # at the beginning it makes Excel read UTF-8


def safe(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def line(cells: Iterable[Any]) -> str:
    """One line with its end; None is empty, numbers stay numbers."""
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = safe(str(value))
    return '"' + text.replace('"', '""') + '"' if QUOTED & set(text) else text

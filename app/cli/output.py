"""What commands print: tables that line up in Korean too, or JSON."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

Row = Mapping[str, Any]


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def show_rows(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Print rows of the same keys as a table, or all of them as a JSON array."""
    if as_json:
        show_json(list(rows))
        return
    if not rows:
        click.echo(empty)
        return
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        padded = (cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(line))
        click.echo("  ".join(padded).rstrip())


def show_one(row: Row, *, as_json: bool) -> None:
    """Print one thing: a line per field, or JSON."""
    if as_json:
        show_json(row)
        return
    widest = max(width(name) for name in row)
    for name, value in row.items():
        click.echo(f"{name}{' ' * (widest - width(name))}  {_cell(value)}".rstrip())


def show_json(value: Any) -> None:
    """Print JSON with Korean letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def width(text: str) -> int:
    """Columns on a terminal: Korean and other wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def local(at: datetime) -> str:
    """A time in the zone of this machine, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "-"
    return str(value).replace("\n", " ")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

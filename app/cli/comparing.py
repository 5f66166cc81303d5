"""``naru templates diff``: what files say otherwise than the gateway, field by field."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple

import click

from app.cli import documents, held, timelines
from app.cli.api import api_options
from app.cli.documents import Document
from app.cli.held import Held
from app.cli.output import json_option, show_json
from templates.template import Template
from templates.writing import PLAIN, TABLES, fields


class Change(NamedTuple):
    """One field as it is written there and here; empty where it is at its default."""

    there: str
    here: str


def changes(there: Template | None, here: Template) -> dict[str, Change]:
    """By field what differs; everything where there is nothing yet."""
    old, new = fields(there) if there else {}, fields(here)
    return {
        name: Change(old.get(name, ""), new.get(name, ""))
        for name in (*PLAIN, *TABLES)
        if old.get(name) != new.get(name)
    }


@click.command()
@documents.given
@timelines.lang_option
@json_option
@api_options
def diff(
    paths: tuple[Path, ...], lang: str, as_json: bool, key: str | None, url: str | None
) -> None:
    """Show what template files say otherwise than the newest versions at the gateway.

    A folder means every .toml file in it. Exit code: 0 nothing differs, 1 something does or a file
    has faults, 2 a file or the gateway cannot be reached.

    \b
    예: naru templates diff 템플릿/
        naru templates diff 주문.toml --url https://naru.example
    """
    found = documents.read(paths, lang)

    async def read() -> list[Held | None]:
        async with held.asking(url, key) as api:
            return [await held.one(api, document.template.code) for document in found]

    rows = list(zip(found, asyncio.run(read()), strict=True))
    told = [_told(document, there) for document, there in rows]
    if as_json:
        show_json(told)
    else:
        for document, there in rows:
            for line in lines(document, there):
                click.echo(line)
    if any(row["state"] != "same" for row in told):
        sys.exit(1)
    click.echo("다른 것이 없어요. (Nothing differs.)", err=True)


def lines(document: Document, there: Held | None) -> Iterator[str]:
    """The differences of one file as a unified diff, none when there are none."""
    found = changes(there.template if there else None, document.template)
    if not found:
        return
    code = document.template.code
    yield f"--- {code} v{there.version}" if there else f"--- {code} (없음, none)"
    yield f"+++ {document.path}"
    for name, change in found.items():
        old, new = change.there.splitlines(), change.here.splitlines()
        for line in list(unified_diff(old, new, n=2, lineterm=""))[2:]:
            yield f"{line} {name}" if line.startswith("@@ ") else line


def _told(document: Document, there: Held | None) -> Mapping[str, Any]:
    found = changes(there.template if there else None, document.template)
    return {
        "file": str(document.path),
        "code": document.template.code,
        "state": "new" if there is None else "different" if found else "same",
        "version": there.version if there else None,
        "fields": {name: change._asdict() for name, change in found.items()},
    }

"""``naru templates push``: template files given to the gateway."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli import documents, held, timelines
from app.cli.api import Api, api_options
from app.cli.comparing import changes
from app.cli.documents import Document
from app.cli.held import Held
from app.cli.output import json_option, show_rows


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file, what the gateway has of it, and which fields differ."""

    document: Document
    there: Held | None
    changed: tuple[str, ...]


@click.command()
@documents.given
@click.option("--dry-run", is_flag=True, help="Say what would be done, change nothing.")
@click.option("--draft", is_flag=True, help="Store only; `naru templates submit` asks for reviews.")
@timelines.lang_option
@json_option
@api_options
def push(  # noqa: PLR0913 - what, how, and how it is told
    paths: tuple[Path, ...],
    dry_run: bool,
    draft: bool,
    lang: str,
    as_json: bool,
    key: str | None,
    url: str | None,
) -> None:
    """Check template files and give the gateway what is new in them.

    A code it does not know becomes a template, other content the next version, which is reviewed
    while the one before stays in use. A folder means every .toml file in it. All files are checked
    first: when one has faults nothing is sent.
    Exit code: 0 done or nothing to do, 1 a file has faults or was refused, 2 a file or the gateway
    cannot be reached.

    \b
    예: naru templates push 템플릿/ --dry-run
        naru templates push 주문.toml 배송.toml --draft
    """
    found = documents.read(paths, lang)
    rows: list[dict[str, Any]] = []

    async def run() -> None:
        async with held.asking(url, key) as api:
            for parcel in [await _compare(api, document) for document in found]:
                version = await _give(api, parcel, draft=draft, dry_run=dry_run)
                rows.append(_row(parcel, version))

    try:
        asyncio.run(run())
    finally:  # what was done before a refusal is done
        if rows:
            show_rows(rows, as_json=as_json, empty="")
    if dry_run:
        click.echo("아무것도 바꾸지 않았어요. (Dry run: nothing was changed.)", err=True)


async def _compare(api: Api, document: Document) -> Parcel:
    there = await held.one(api, document.template.code)
    changed = changes(there.template if there else None, document.template)
    return Parcel(document, there, tuple(changed))


async def _give(api: Api, parcel: Parcel, *, draft: bool, dry_run: bool) -> int:
    """The number of the newest version then. Raises Problem."""
    there, template = parcel.there, parcel.document.template
    if dry_run:
        if there is None:
            return 1
        return there.version + bool(parcel.changed and not there.is_draft)
    if there is not None and not parcel.changed:
        return there.version
    method, path = ("POST", held.PATH) if there is None else ("PUT", held.path(template.code))
    params = {"submit": "false"} if draft else None
    told = await api.ask(method, path, template.to_mapping(), params=params)
    return int(told["version"])


def _row(parcel: Parcel, version: int) -> dict[str, Any]:
    there = parcel.there
    if there is None:
        result = "created"
    elif not parcel.changed:
        result = "unchanged"
    else:
        result = "version" if version > there.version else "changed"
    return {
        "file": str(parcel.document.path),
        "code": parcel.document.template.code,
        "result": result,
        "version": version,
        "changed": [] if there is None else list(parcel.changed),
    }

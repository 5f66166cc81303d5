"""A campaign's list on its way to the gateway, and how far the campaign is, in plain lines."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import click

from app.cli.api import Api, Problem

PATH = "/v1/campaigns"
PIECE = 1 << 16
EVERY_S = 2.0


async def send_list(
    api: Api, id_: str, path: Path, encoding: str | None, *, twice: bool
) -> Mapping[str, Any]:
    """Upload a campaign's list; what was read. Raises Problem."""
    params = {"allow_duplicates": str(twice).lower()} | ({"encoding": encoding} if encoding else {})
    size = _size(path)
    answer = await api.client.put(
        f"{PATH}/{id_}/rows",
        content=_pieces(path, size),
        params=params,
        headers={"Content-Type": "text/csv", "Content-Length": str(size)},
        timeout=None,
    )
    if not answer.is_success:
        raise Problem(answer)
    told: Mapping[str, Any] = answer.json()
    return told


def _size(path: Path) -> int:
    return path.stat().st_size


async def _pieces(path: Path, size: int) -> AsyncIterator[bytes]:
    """The file, with a line for every tenth of it."""
    sent, told = 0, 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
            sent += len(piece)
            if (tenths := sent * 10 // size) > told and size > PIECE * 10:
                told = tenths
                click.echo(f"{tenths * 10}% · {sent:,} / {size:,} bytes", err=True)


def what_was_read(told: Mapping[str, Any]) -> str:
    """The answer to an upload, in one line."""
    return f"{told['encoding']} · 행 rows {told['rows']:,} · 틀림 refused {told['refused']:,}" + (
        f" · naru campaigns mistakes {told['id']}" if told["refused"] else ""
    )


async def follow_to_the_end(api: Api, id_: str) -> None:
    """A line whenever something has changed, until nothing more will be made."""
    before = ""
    while True:
        told = await api.get(f"{PATH}/{id_}")
        if (now := line(told)) != before:
            click.echo(now)
            before = now
        if told["state"] not in ("running", "ready"):
            return
        await asyncio.sleep(EVERY_S)


def line(told: Mapping[str, Any]) -> str:
    """Where a campaign stands, in one line."""
    ends = " · ".join(f"{name} {count:,}" for name, count in told["ends"].items() if count)
    parts = (
        told["state"],
        told["reason"],
        f"{told['accepted']:,} / {told['rows'] - told['refused']:,}",
        f"open {told['open']:,}" if told["open"] else "",
        ends,
        f"eta {told['eta']}" if told["eta"] else "",
    )
    return " · ".join(part for part in parts if part)

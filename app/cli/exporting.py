"""``naru export``: the messages of a range as a file."""

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import click
import httpx

from app.cli.api import Api, Problem, api_options, asking
from app.cli.failures import Failed
from app.services.states import MessageStatus


@click.command()
@click.option("--from", "start", required=True, metavar="DAY", help="Korean day, or ISO time.")
@click.option("--to", "end", required=True, metavar="DAY", help="Korean day, included; or time.")
@click.option("--status", type=click.Choice([str(one) for one in MessageStatus]))
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), default="csv")
@click.option("--bom", is_flag=True, help="CSV that Excel reads as UTF-8.")
@click.option("--numbers", type=click.Choice(["masked", "full"]), default="masked")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE; else standard output."
)
@api_options
def export(  # noqa: PLR0913 - what, how, and where to
    start: str,
    end: str,
    status: str | None,
    kind: str,
    bom: bool,
    numbers: str,
    out: Path | None,
    key: str | None,
    url: str | None,
) -> None:
    """Write the messages accepted in a range, oldest first; at most 31 days.

    A file appears only when it is whole. Whole numbers need a key with the scope admin.

    예: naru export --from 2026-11-01 --to 2026-11-30 --bom --out 11월.csv
    """
    asked = {"from": start, "to": end, "format": kind, "bom": str(bom).lower(), "numbers": numbers}
    if status:
        asked["status"] = status

    async def run() -> None:
        async with asking(url, key) as api:
            if out is None:
                await _download(api, asked, sys.stdout.buffer)
            else:
                click.echo(f"{out}: {await save(api, asked, out):,} bytes", err=True)

    asyncio.run(run())


async def save(api: Api, asked: dict[str, str], out: Path) -> int:
    """Bytes of the file, which appears whole or not at all. Raises as the download does."""
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            size = await _download(api, asked, file)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return size


async def _download(api: Api, asked: dict[str, str], file: BinaryIO) -> int:
    """Bytes written. Raises Problem, Failed when the download breaks off."""
    size = 0
    async with api.client.stream("GET", "/v1/messages/export", params=asked) as answer:
        if not answer.is_success:
            await answer.aread()
            raise Problem(answer)
        try:
            async for piece in answer.aiter_bytes():
                size += file.write(piece)
        except httpx.TransportError as error:
            raise Failed(
                f"내려받기가 끊겼어요. 다시 해 주세요. (The download broke off after {size:,} "
                f"bytes: {type(error).__name__}. Run it again.)"
            ) from None
    return size

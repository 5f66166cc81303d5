"""``naru attempts``: what was laid aside, and trying it again."""

import asyncio
from collections.abc import Mapping
from typing import Any

import click

from app.cli.api import api_options, asking
from app.cli.output import json_option, show_one, show_rows


@click.group()
def attempts() -> None:
    """Attempts that failed again and again by themselves."""


@attempts.command()
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@json_option
@api_options
def parked(limit: int, as_json: bool, key: str | None, url: str | None) -> None:
    """List parked attempts, the newest first.

    예: naru attempts parked
    """

    async def read() -> list[Mapping[str, Any]]:
        async with asking(url, key) as api:
            found = await api.get("/v1/attempts/parked", limit=limit)
            items: list[Mapping[str, Any]] = found["items"]
            return items

    rows = asyncio.run(read())
    show_rows(rows, as_json=as_json, empty="따로 둔 시도가 없어요. (Nothing is parked.)")


@attempts.command()
@click.argument("attempt_id", metavar="ID", type=click.UUID)
@json_option
@api_options
def requeue(attempt_id: object, as_json: bool, key: str | None, url: str | None) -> None:
    """Try a parked attempt again, after what was wrong has been mended.

    예: naru attempts requeue 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """

    async def ask() -> Mapping[str, Any]:
        async with asking(url, key) as api:
            answer: Mapping[str, Any] = await api.ask("POST", f"/v1/attempts/{attempt_id}/requeue")
            return answer

    show_one(asyncio.run(ask()), as_json=as_json)

"""``naru show`` and ``naru messages``: what became of messages."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from app.cli import timelines
from app.cli.api import api_options, asking
from app.cli.output import json_option, show_json, show_rows
from app.services.states import MessageStatus


@click.command()
@click.argument("message_id", metavar="ID", type=click.UUID)
@timelines.lang_option
@json_option
@api_options
def show(message_id: object, lang: str, as_json: bool, key: str | None, url: str | None) -> None:
    """Show one message and everything that happened to it.

    예: naru show 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42 --lang en
    """

    async def read() -> Mapping[str, Any]:
        async with asking(url, key) as api:
            return await timelines.read(api, str(message_id), lang)

    told = asyncio.run(read())
    if as_json:
        show_json(told)
        return
    message = told["message"]
    click.echo(f"{message['template']}  {message['to']}  {message['reference'] or ''}".rstrip())
    for entry in told["entries"]:
        click.echo(timelines.line(entry))
        if todo := timelines.advice(entry):
            click.echo(todo)
    because = f": {message['explanation'][lang]}" if message["reason"] else ""
    click.echo(f"{message['status']}{because}")


@click.command()
@click.option("--status", type=click.Choice([str(one) for one in MessageStatus]))
@click.option("--reference", help="Your own label.")
@click.option("--to", help="A whole number.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@json_option
@api_options
def messages(  # noqa: PLR0913 - filters
    status: str | None,
    reference: str | None,
    to: str | None,
    limit: int,
    as_json: bool,
    key: str | None,
    url: str | None,
) -> None:
    """List messages, the newest first.

    예: naru messages --status failed --reference 주문-20261123
    """
    given = {"status": status, "reference": reference, "to": to}
    filters = {name: value for name, value in given.items() if value is not None}

    async def read() -> list[Mapping[str, Any]]:
        async with asking(url, key) as api:
            found = await api.get("/v1/messages", limit=limit, **filters)
            items: list[Mapping[str, Any]] = found["items"]
            return items

    items = asyncio.run(read())
    rows = items if as_json else [_row(item) for item in items]
    show_rows(rows, as_json=as_json, empty="그런 메시지가 없어요. (No such messages.)")


def _row(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": item["id"],
        "accepted": datetime.fromisoformat(item["accepted_at"]),
        "status": item["status"],
        "template": item["template"],
        "to": item["to"],
        "fallback": item["fallback_used"],
        "reference": item["reference"],
        "reason": item["reason"],
    }

"""``naru campaigns``: one template to a long list, uploaded once and sent by the gateway itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from app.cli.api import Api, api_options, asking
from app.cli.failures import BadUsage
from app.cli.output import json_option, show_one, show_rows
from app.cli.uploading import PATH, follow_to_the_end, line, send_list, what_was_read

SHOWN = ("id", "name", "template", "state", "reason", "rows", "refused", "accepted", "open")
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp949")
T = TypeVar("T")
list_file = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
campaign_id = click.argument("campaign_id", metavar="ID", type=click.UUID)


@click.group()
def campaigns() -> None:
    """Campaigns: lists of up to millions of rows, sent by the gateway."""


def making(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a new campaign."""
    for option in (
        click.option("--expires-at", metavar="TIME", help="ISO time; not sent any more after it."),
        click.option("--send-at", metavar="TIME", help="ISO time; now when left out."),
        click.option("--high", is_flag=True, help="Before everything normal."),
        click.option(
            "--column", "columns", multiple=True, metavar="이름=FIELD", help="A column's field."
        ),
        click.option("--name", required=True, help="Your name for it."),
        click.option("--template", required=True, metavar="CODE", help="Template to send."),
    ):
        command = option(command)
    return command


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a list."""
    for option in (
        click.option("--allow-duplicates", is_flag=True, help="A number gets it twice if listed."),
        click.option("--encoding", type=click.Choice(ENCODINGS), help="Else it is found out."),
    ):
        command = option(command)
    return command


@campaigns.command()
@list_file
@making
@reading
@click.option("--skip-refused", is_flag=True, help="Leave out the rows that are wrong.")
@click.option("--follow", is_flag=True, help="Print lines until its last message is made.")
@api_options
def send(  # noqa: PLR0913 - a campaign, a list, and how they go
    path: Path,
    encoding: str | None,
    allow_duplicates: bool,
    skip_refused: bool,
    follow: bool,
    key: str | None,
    url: str | None,
    **given: Any,
) -> None:
    """Make a campaign, upload its list and start it. Code 1 when rows are wrong.

    \b
    예: naru campaigns send 고객.csv --template order_shipped --name "11월 안내" --follow
    """

    async def run(api: Api) -> None:
        made = await api.ask("POST", PATH, _new(**given))
        click.echo(made["id"])
        filled = await send_list(api, made["id"], path, encoding, twice=allow_duplicates)
        click.echo(what_was_read(filled))
        body = {"skip_refused": skip_refused}
        await api.ask("POST", f"{PATH}/{made['id']}/start", body)
        if follow:
            await follow_to_the_end(api, made["id"])

    _run(run, key, url)


@campaigns.command()
@making
@api_options
def create(key: str | None, url: str | None, **given: Any) -> None:
    """Make a campaign without a list, and print its id.

    예: naru campaigns create --template order_shipped --name "11월 안내"
    """
    made = _run(lambda api: api.ask("POST", PATH, _new(**given)), key, url)
    click.echo(made["id"])


@campaigns.command()
@campaign_id
@list_file
@reading
@api_options
def upload(
    campaign_id: object,
    path: Path,
    encoding: str | None,
    allow_duplicates: bool,
    key: str | None,
    url: str | None,
) -> None:
    """Upload its list, in place of an earlier one. Code 1 when rows are wrong.

    예: naru campaigns upload 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42 고객.csv
    """
    id_ = str(campaign_id)
    told = _run(lambda api: send_list(api, id_, path, encoding, twice=allow_duplicates), key, url)
    click.echo(what_was_read(told))
    if told["refused"]:
        click.get_current_context().exit(1)


@campaigns.command()
@campaign_id
@click.option("--skip-refused", is_flag=True, help="Leave out the rows that are wrong.")
@api_options
def start(campaign_id: object, skip_refused: bool, key: str | None, url: str | None) -> None:
    """Start it.

    예: naru campaigns start 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """
    _act(campaign_id, "start", key, url, {"skip_refused": skip_refused})


@campaigns.command()
@campaign_id
@api_options
def pause(campaign_id: object, key: str | None, url: str | None) -> None:
    """Make no more messages of it; those made go on.

    예: naru campaigns pause 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """
    _act(campaign_id, "pause", key, url)


@campaigns.command()
@campaign_id
@api_options
def resume(campaign_id: object, key: str | None, url: str | None) -> None:
    """Go on.

    예: naru campaigns resume 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """
    _act(campaign_id, "resume", key, url)


@campaigns.command()
@campaign_id
@api_options
def cancel(campaign_id: object, key: str | None, url: str | None) -> None:
    """End it, and cancel those of its messages that still wait.

    예: naru campaigns cancel 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """
    _act(campaign_id, "cancel", key, url)


@campaigns.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@json_option
@api_options
def list_(limit: int, as_json: bool, key: str | None, url: str | None) -> None:
    """List campaigns, the newest first.

    예: naru campaigns list
    """
    told = _run(lambda api: api.get(PATH, limit=limit), key, url)
    rows = told["items"] if as_json else [_short(one) for one in told["items"]]
    show_rows(rows, as_json=as_json, empty="아직 없어요. (No campaigns yet.)")


@campaigns.command()
@campaign_id
@click.option("--follow", is_flag=True, help="Print lines until its last message is made.")
@json_option
@api_options
def show(
    campaign_id: object, follow: bool, as_json: bool, key: str | None, url: str | None
) -> None:
    """Show how far it is.

    예: naru campaigns show 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42 --follow
    """
    if follow:
        _run(lambda api: follow_to_the_end(api, str(campaign_id)), key, url)
        return
    told = _run(lambda api: api.get(f"{PATH}/{campaign_id}"), key, url)
    show_one(told if as_json else {**_short(told), **told["ends"]}, as_json=as_json)


@campaigns.command()
@campaign_id
@json_option
@api_options
def mistakes(campaign_id: object, as_json: bool, key: str | None, url: str | None) -> None:
    """List the wrong rows of its list, the first 10,000.

    예: naru campaigns mistakes 0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42
    """
    told = _run(lambda api: api.get(f"{PATH}/{campaign_id}/mistakes"), key, url)
    show_rows(told["items"], as_json=as_json, empty="틀린 행이 없어요. (No row is wrong.)")


def _run(work: Callable[[Api], Awaitable[T]], key: str | None, url: str | None) -> T:
    async def run() -> T:
        async with asking(url, key) as api:
            return await work(api)

    return asyncio.run(run())


def _act(
    id_: object, verb: str, key: str | None, url: str | None, body: Mapping[str, Any] | None = None
) -> None:
    told = _run(lambda api: api.ask("POST", f"{PATH}/{id_}/{verb}", body), key, url)
    click.echo(line(told))


def _new(
    name: str,
    template: str,
    columns: tuple[str, ...],
    high: bool,
    send_at: str | None,
    expires_at: str | None,
) -> dict[str, Any]:
    pairs = [text.rpartition("=") for text in columns]
    if wrong := [field for column, equals, field in pairs if not (column and equals)]:
        raise BadUsage(f"--column {wrong[0]}: 이름=FIELD 로 주세요. (Give it as name=field.)")
    body: dict[str, Any] = {
        "name": name,
        "template": template,
        "columns": {column: field for column, _, field in pairs},
        "priority": "high" if high else "normal",
    }
    for option, text in (("send_at", send_at), ("expires_at", expires_at)):
        if text is not None:
            body[option] = _time(option, text)
    return body


def _time(option: str, text: str) -> str:
    """A time with an offset; without one it is this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except ValueError:
        raise BadUsage(f"--{option.replace('_', '-')} {text}: 2026-11-27T09:00 …") from None


def _short(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in SHOWN}

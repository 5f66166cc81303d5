"""What a person asks of a template's review and use: submit, answer, stop, and how it stands."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from app.cli import held
from app.cli.api import api_options
from app.cli.output import json_option, show_json, show_rows

Told = Mapping[str, Any]

account_option = click.option("--account", metavar="NAME", help="Only at this provider account.")


def acting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The codes of templates, where, and how it is told."""
    for add in (api_options, json_option, account_option):
        command = add(command)
    return click.argument("codes", metavar="CODE...", nargs=-1, required=True)(command)


@click.command()
@acting
@click.option("--comment", metavar="TEXT", help="What the reviewers should know.")
def submit(comment: str | None, **given: Any) -> None:
    """Have the newest version reviewed at every Alimtalk sender that has not seen it.

    예: naru templates submit order_shipped points_used
    """
    _each("submit", {"comment": comment or ""}, **given)


@click.command()
@acting
def withdraw(**given: Any) -> None:
    """Take a review request back.

    예: naru templates withdraw order_shipped
    """
    _each("withdraw", **given)


@click.command()
@click.argument("code")
@click.argument("text")
@account_option
@json_option
@api_options
def comment(code: str, text: str, **given: Any) -> None:
    """Say something to the reviewers, while they review or after they rejected it.

    예: naru templates comment order_shipped "회원에게만 보내는 안내입니다."
    """
    _each("comments", {"text": text}, codes=(code,), **given)


@click.command()
@acting
def stop(**given: Any) -> None:
    """Let nothing leave with a template any more, queued messages included.

    With --account only that provider is asked to stop it.

    예: naru templates stop order_shipped
    """
    _each("stop", **given)


@click.command()
@acting
def resume(**given: Any) -> None:
    """Let messages leave with a stopped template again.

    예: naru templates resume order_shipped
    """
    _each("resume", **given)


@click.command()
@acting
def release(**given: Any) -> None:
    """Wake a dormant template.

    예: naru templates release order_shipped
    """
    _each("release", **given)


@click.command()
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@json_option
@api_options
def delete(codes: tuple[str, ...], as_json: bool, key: str | None, url: str | None) -> None:
    """Delete templates that were never approved; the others can be stopped.

    `asked`: its provider is to delete it first.

    예: naru templates delete order_shipped
    """
    rows: list[Told] = []

    async def run() -> None:
        async with held.asking(url, key) as api:
            for code in codes:
                told = await api.ask("DELETE", held.path(code))
                rows.append({"code": code, "result": "asked" if told else "deleted"})

    try:
        asyncio.run(run())
    finally:
        if rows:
            show_rows(rows, as_json=as_json, empty="")


@click.command()
@click.argument("code", required=False)
@json_option
@api_options
def status(code: str | None, as_json: bool, key: str | None, url: str | None) -> None:
    """Show how versions stand at each account, and what the reviewers said.

    Of one template all versions; of all templates the newest, and those in use or in review.

    \b
    예: naru templates status
        naru templates status order_shipped
    """

    async def read() -> list[Told]:
        async with held.asking(url, key) as api:
            if not code:
                return await held.listed(api)
            told = await api.get(held.path(code))
            versions = await api.get(held.path(code, "versions"))
            return [{**told, "versions": versions["items"]}]

    found = asyncio.run(read())
    _show(found, as_json=as_json)
    if code and not as_json:
        for line in _words(found[0]):
            click.echo(line)


COMMANDS = (submit, status, comment, withdraw, stop, resume, release, delete)


def _each(
    verb: str,
    body: Told | None = None,
    *,
    codes: Sequence[str],
    account: str | None,
    as_json: bool,
    **where: str | None,
) -> None:
    """Ask the same of several templates; what was done before a refusal is shown."""
    found: list[Told] = []

    async def run() -> None:
        async with held.asking(**where) as api:
            for code in codes:
                given = {**(body or {}), "account": account or ""}
                found.append(await api.ask("POST", held.path(code, verb), given))

    try:
        asyncio.run(run())
    finally:
        if found:
            _show(found, as_json=as_json)


def _show(found: Sequence[Told], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [row for told in found for row in _rows(told)]
    show_rows(rows, as_json=False, empty="아직 없어요. (No templates yet.)")


def _rows(told: Told) -> Iterator[Told]:
    """A line per version and account, and one for a version that is registered nowhere."""
    for number, is_draft, registrations in _versions(told):
        first = {"code": told["code"], "version": number}
        for one in registrations:
            is_used = told["in_use"].get(one["mode"]) == number and one["state"] == "approved"
            yield first | {
                "account": one["account"],
                "state": _own(told) or one["state"],
                "in_use": is_used,
                "to_ask": one["waiting"] or None,
            }
        if not registrations:
            state = _own(told) or ("draft" if is_draft else "stored")
            is_used = number in told["in_use"].values()
            yield first | {"account": None, "state": state, "in_use": is_used, "to_ask": None}


def _versions(told: Told) -> Iterator[tuple[int, bool, list[Told]]]:
    """Number, whether it is a draft, and registrations of what is known of it, the newest first."""
    if "versions" in told:
        for one in told["versions"]:
            yield one["number"], one["submitted_at"] is None, one["registrations"]
        return
    newest = told["version"]
    numbers = {newest, *(one["version"] for one in told["registrations"])}
    for number in sorted(numbers, reverse=True):
        here = [one for one in told["registrations"] if one["version"] == number]
        yield number, number == newest and not told["submitted"], here


def _own(told: Told) -> str:
    """What we have stopped ourselves is stopped, whatever providers say."""
    return "stopped_here" if told["stopped_at"] else ""


def _words(told: Told) -> Iterator[str]:
    """What to do about each registration, and the talk with the reviewers."""
    for one in [one for _, _, here in _versions(told) for one in here]:
        yield f"\nv{one['version']} {one['account']} ({one['mode']}): {one['detail_ko']}"
        yield f"  ({one['detail']})"
        for said in one["comments"]:
            who = f" {said['author']}" if said["author"] else ""
            yield f"  {said['kind']}{who}: {said['text']}"

"""``naru demo``: everything started, a shop made, four real things shown."""

import json
import os
import shlex
import sys
from contextlib import AsyncExitStack

import click
import httpx

from app.cli import console, walk
from app.cli import shop as shops
from app.cli.api import Problem, connect, local_url
from app.cli.failures import Failed, read_settings
from app.cli.processes import Child, Family
from app.cli.shop import Shop
from app.cli.store import on_store
from app.cli.timelines import lang_option
from app.cli.up import bring_up_to_date, check_ports, children
from app.cli.words import say
from app.config import Settings
from templates import files

LOG = "demo.log"


@click.command()
@click.option("--once", is_flag=True, help="End after the four things instead of serving on.")
@lang_option
def demo(once: bool, lang: str) -> None:
    """Start everything with a demonstration: a shop, four notices, a conversation.

    Nothing leaves this machine. A second run keeps the data and sends nothing again. The test
    key is kept in the data folder (demo.toml) and used by `naru send`, `show` and `messages`.

    \b
    예: naru demo
        naru demo --once --lang en
    """
    chosen = read_settings()
    sandbox = not chosen.sandbox_url
    check_ports(chosen, sandbox=sandbox)
    log = chosen.data / LOG
    click.echo(say(lang, "start", data=chosen.data, log=log))
    on_store(bring_up_to_date, check=False)
    shop = on_store(shops.open_shop)
    front = on_store(console.front)
    click.echo(f"  {say(lang, 'shop', name=shops.NAME)}")
    started = children(chosen, sandbox=sandbox)
    with log.open("wb") as output:
        family = Family(started, output)

        async def show() -> bool:
            await _get_ready(family, started, lang)
            await _walk(chosen, shop, lang, str(log))
            _tell_addresses(chosen, shop, front, lang)
            if not once:
                click.echo(say(lang, "stop"))
            return once

        sys.exit(family.run(show))


async def _get_ready(family: Family, started: list[Child], lang: str) -> None:
    for child in started:
        await family.ready(child)
        click.echo(f"  {say(lang, 'ready', name=child.name)}")


async def _walk(chosen: Settings, shop: Shop, lang: str, log: str) -> None:
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(connect(local_url(chosen), shop.key))
        desk = await stack.enter_async_context(connect(chosen.sandbox))
        password = os.environ.get("NARU_SANDBOX_PASSWORD", "")
        if password:
            desk.client.auth = httpx.BasicAuth("naru", password)
        try:
            await walk.Walk(api, desk, shop, lang, log).run()
        except Problem as problem:
            raise Failed(f"{problem.as_failure().message} ({log})") from None
        except httpx.TransportError as error:
            raise Failed(f"{type(error).__name__}: {error} ({log})") from None


def _tell_addresses(chosen: Settings, shop: Shop, front: str, lang: str) -> None:
    address = local_url(chosen)
    places = {
        "console": front,
        "api": f"{address}/v1",
        "docs": f"{address}/docs",
        "phones": f"{chosen.sandbox}/",
        "desk": f"{chosen.sandbox}/desk",
    }
    click.echo()
    for word, place in places.items():
        click.echo(f"{say(lang, word)}: {place}")
    click.echo(f"\n{say(lang, 'try')}\n{_curl(address, shop.key)}\n")


def _curl(address: str, key: str) -> str:
    """One line to copy: it works in any shell of a Unix."""
    template, sample = files.load(files.starters()["order_shipped"])
    body = {"template": template.code, "to": "010-0000-1006", "variables": sample}
    words = ["curl", f"{address}/v1/messages", "-H", f"Authorization: Bearer {key}"]
    words += ["-H", "Content-Type: application/json", "-d", json.dumps(body, ensure_ascii=False)]
    return shlex.join(words)

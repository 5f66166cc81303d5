"""``naru accounts``: accounts at providers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import click
from sqlmodel.ext.asyncio.session import AsyncSession

from app.cli.credentials import gather
from app.cli.failures import BadUsage, Failed
from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import ProviderAccount
from app.services import accounts as service
from app.services.credentials import LIMITS, MODES, Changes, NewAccount
from app.services.runtime import Runtime
from channels.registry import PROVIDERS


@click.group()
def accounts() -> None:
    """Accounts at providers: what carries messages."""


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that narrow what the provider's routes allow."""
    for name, field, kind, help_ in (
        ("--settle-s", "settle_s", float, "Seconds before an unknown outcome is asked about."),
        ("--deadline-s", "deadline_s", float, "Seconds one request may take."),
        ("--batch", "batch", int, "At most N recipients in one request."),
        ("--rate", "rate_per_s", float, "At most N messages per second."),
        ("--weight", "weight", int, "Share among accounts of the same channel, 0 to 100."),
    ):
        command = click.option(name, field, type=kind, metavar="N", help=help_)(command)
    return command


def price_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--price``."""
    return click.option(
        "--price",
        "prices",
        multiple=True,
        metavar="ROUTE=WON",
        help="What one message costs you by route, as mms=85; statistics add it up.",
    )(command)


@accounts.command()
@click.argument("provider", type=click.Choice(sorted(PROVIDERS)))
@click.option("--name", required=True, help="Your name for it.")
@click.option("--mode", type=click.Choice(MODES), default="sandbox", show_default=True)
@click.option("--credential", "given", multiple=True, metavar="NAME=VALUE", help="VALUE or @FILE.")
@limits
@price_option
@workspace_option
@json_option
def add(  # noqa: PLR0913 - each is part of an account
    provider: str,
    name: str,
    mode: str,
    given: tuple[str, ...],
    prices: tuple[str, ...],
    workspace: str | None,
    as_json: bool,
    **narrower: Any,
) -> None:
    """Add an account and print its callback address.

    A credential comes from --credential, else from the environment (NARU_CREDENTIAL_APP_KEY …),
    else it is asked for; secret ones are not shown while typed. Secrets on a command line are
    seen by others on the machine: prefer @FILE, the environment or the question.

    \b
    예: naru accounts add nhn --name "NHN 실계정" --mode live
        naru accounts add nhn --name NHN --credential secret_key=@secret.txt
    """
    credentials = gather(PROVIDERS[provider].credentials, given, at_sandbox=mode == "sandbox")
    new = NewAccount(
        name=name,
        adapter=provider,
        mode=mode,
        credentials=credentials,
        prices=_prices(prices),
        **narrower,
    )

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            made, _ = await service.add(tx, runtime, owner.id, new)
        return {**_shown(made), "callback": service.callback_url(runtime, made)}

    show_one(on_store(write), as_json=as_json)


@accounts.command("set")
@click.argument("name")
@click.option("--credential", "given", multiple=True, metavar="NAME=VALUE", help="VALUE or @FILE.")
@limits
@price_option
@workspace_option
@json_option
def set_(
    name: str,
    given: tuple[str, ...],
    prices: tuple[str, ...],
    workspace: str | None,
    as_json: bool,
    **narrower: Any,
) -> None:
    """Correct an account's credentials, limits or prices; what is not named stays.

    A paused account is resumed, and running processes take the change over within a second.

    \b
    예: naru accounts set "NHN 실계정" --credential secret_key=@secret.txt
        naru accounts set NHN --batch 100 --settle-s 300 --price alimtalk=6.5
    """
    kept = gather((), given, at_sandbox=False)
    new = Changes(credentials=kept, prices=_prices(prices), **narrower)

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            account = await find(tx.session, workspace, name)
            return _shown(await service.change(tx, runtime, account, new))

    show_one(on_store(write), as_json=as_json)


@accounts.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the accounts, without what is secret.

    예: naru accounts list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            return [_shown(one) for one in await service.list_accounts(session, owner.id)]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No accounts yet.)")


@accounts.command()
@click.argument("name")
@workspace_option
@json_option
def check(name: str, workspace: str | None, as_json: bool) -> None:
    """Ask the provider whether the credentials work; nothing is sent. Code 1 when they do not.

    예: naru accounts check "NHN 실계정"
    """

    async def ask(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.read() as session:
            account = await find(session, workspace, name)
        health = await service.check(runtime, account)
        return {
            "account": account.name,
            "ok": health.ok,
            "problems": list(health.problems),
            **health.details,
        }

    told = on_store(ask)
    show_one(told, as_json=as_json)
    if not told["ok"]:
        raise Failed(f"{name}: 계정을 쓸 수 없어요. (The account does not work; see problems.)")


@accounts.command()
@click.argument("name")
@click.option("--reason", default="paused by the operator", show_default=True)
@workspace_option
@json_option
def pause(name: str, reason: str, workspace: str | None, as_json: bool) -> None:
    """Stop sending through an account; what is queued waits.

    예: naru accounts pause "NHN 실계정" --reason "발신번호 점검"
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            account = await find(tx.session, workspace, name)
            return _shown(await service.pause(tx, account.workspace_id, account.id, reason))

    show_one(on_store(write), as_json=as_json)


@accounts.command()
@click.argument("name")
@workspace_option
@json_option
def disable(name: str, workspace: str | None, as_json: bool) -> None:
    """Use an account no more; what waits moves to others, else its next step follows.

    예: naru accounts disable "NHN 옛 계정"
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            account = await find(tx.session, workspace, name)
            return _shown(await service.disable(tx, account.workspace_id, account.id))

    show_one(on_store(write), as_json=as_json)


@accounts.command()
@click.argument("name")
@workspace_option
@json_option
def resume(name: str, workspace: str | None, as_json: bool) -> None:
    """Send through a paused or disabled account again.

    예: naru accounts resume "NHN 실계정"
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            account = await find(tx.session, workspace, name)
            return _shown(await service.resume(tx, account.workspace_id, account.id))

    show_one(on_store(write), as_json=as_json)


@accounts.command()
@click.argument("name")
@workspace_option
def callback(name: str, workspace: str | None) -> None:
    """Print the address to register at the provider. Keep it secret: it lets results in.

    예: naru accounts callback "NHN 실계정"
    """

    async def read(runtime: Runtime) -> str:
        async with runtime.database.read() as session:
            account = await find(session, workspace, name)
        return service.callback_url(runtime, account)

    click.echo(on_store(read))


async def find(session: AsyncSession, workspace: str | None, name: str) -> ProviderAccount:
    """The account of that name. Raises Failed."""
    owner = await choose(session, workspace)
    known = await service.list_accounts(session, owner.id)
    for account in known:
        if account.name == name.strip():
            return account
    raise Failed(f"There is no account {name}. {_names(known)}")


def names_by_id(known: Sequence[ProviderAccount]) -> dict[UUID, str]:
    """For lists that name the account of something."""
    return {account.id: account.name for account in known}


def _prices(texts: Sequence[str]) -> dict[str, float]:
    """``alimtalk=6.5`` … as numbers. Raises BadUsage."""
    prices = {}
    for text in texts:
        route, _, won = text.partition("=")
        try:
            prices[route] = float(won)
        except ValueError:
            raise BadUsage(
                f"--price {text}: 경로=원 으로 주세요, 예 alimtalk=6.5. (Give it as route=won.)"
            ) from None
    return prices


def _names(known: Sequence[ProviderAccount]) -> str:
    names = ", ".join(account.name for account in known)
    return f"There are: {names}." if names else "Add one with `naru accounts add`."


def _shown(account: ProviderAccount) -> Mapping[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "provider": account.adapter,
        "mode": account.mode,
        "state": account.state,
        "paused_reason": account.paused_reason,
        **{limit: getattr(account, limit) for limit in LIMITS},
        "weight": account.weight,
        "weight_now": account.weight_now,
        "breaker_until": account.breaker_until,
        "prices": [f"{route} {won:g}" for route, won in sorted(account.prices.items())],
    }

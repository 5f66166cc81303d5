"""``naru senders``: sender keys of channels, and caller numbers."""

from collections.abc import Mapping
from typing import Any

import click

from app.cli.accounts import find, names_by_id
from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import Sender
from app.services import accounts as account_service
from app.services import senders as service
from app.services.runtime import Runtime


@click.group()
def senders() -> None:
    """Senders: sender keys of KakaoTalk channels, and registered caller numbers."""


@senders.command()
@click.argument("value")
@click.option("--account", required=True, metavar="NAME", help="Account that carries it.")
@click.option("--kind", type=click.Choice(service.KINDS), required=True)
@click.option("--name", default="", help="What people call it.")
@click.option("--proof", default="", help="Where the proof of ownership is kept.")
@workspace_option
@json_option
def add(  # noqa: PLR0913 - a sender is all of these
    value: str,
    account: str,
    kind: str,
    name: str,
    proof: str,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Add a sender key (alimtalk, chat), a caller number (sms) or an app (push).

    예: naru senders add 1588-1234 --account NHN --kind sms --proof "통신서비스 이용증명원 2026-11"
    """
    new = service.NewSender(kind=kind, value=value, name=name, proof=proof)

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            carrier = await find(tx.session, workspace, account)
            return _shown(await service.add(tx, carrier, new), carrier.name)

    show_one(on_store(write), as_json=as_json)


@senders.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the senders.

    예: naru senders list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            names = names_by_id(await account_service.list_accounts(session, owner.id))
            found = await service.list_senders(session, owner.id)
            return [_shown(one, names.get(one.account_id, "")) for one in found]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No senders yet.)")


def _shown(sender: Sender, account: str) -> Mapping[str, Any]:
    return {
        "id": sender.id,
        "account": account,
        "kind": sender.kind,
        "value": sender.value,
        "name": sender.name,
        "state": sender.state,
        "proof": sender.proof,
    }

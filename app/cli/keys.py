"""``naru keys``: API keys, shown once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import click

from app.cli.failures import Failed
from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import ApiKey
from app.db.models.fields import now
from app.services import keys as service
from app.services.callers import KINDS, SCOPES
from app.services.runtime import Runtime

USUAL = tuple(scope for scope in SCOPES if scope != "admin")


@click.group()
def keys() -> None:
    """API keys. A test key reaches the sandbox only, a team key members and guests only."""


@keys.command()
@click.option("--kind", type=click.Choice(KINDS), default="test", show_default=True)
@click.option("--name", default="", help="What it is for.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help=f"Of: {', '.join(SCOPES)}.")
@click.option("--days", type=click.IntRange(1), help="Valid for so many days; else until revoked.")
@workspace_option
@json_option
def create(
    kind: str,
    name: str,
    scopes: tuple[str, ...],
    days: int | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Make a key and print it: it is shown this one time. Without --scope: all but admin.

    예: naru keys create --kind live --name "쇼핑몰 서버" --scope messages:write
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        expires_at = now() + timedelta(days=days) if days else None
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            made, plain = await service.create(
                tx, runtime.sealer, owner.id, kind, name, scopes or USUAL, expires_at
            )
        return {"key": plain, **_shown(made)}

    show_one(on_store(write), as_json=as_json)
    click.echo("지금만 보여요. 안전한 곳에 두세요. (It is shown this one time.)", err=True)


@keys.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the keys, revoked ones too; the secret half is never shown.

    예: naru keys list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            return [_shown(one) for one in await service.list_keys(session, owner.id)]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No keys yet.)")


@keys.command()
@click.argument("id_or_prefix", metavar="ID")
@workspace_option
@json_option
def revoke(id_or_prefix: str, workspace: str | None, as_json: bool) -> None:
    """End a key, named by its id or prefix; processes refuse it within seconds.

    예: naru keys revoke 3f9c0a1b2c3d
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            known = await service.list_keys(tx.session, owner.id)
            return _shown(await service.revoke(tx, owner.id, _find(known, id_or_prefix)))

    show_one(on_store(write), as_json=as_json)


def _find(known: list[ApiKey], given: str) -> UUID:
    for key in known:
        if given in (str(key.id), key.prefix):
            return key.id
    raise Failed(f"There is no key {given}. List them with `naru keys list`.")


def _shown(key: ApiKey) -> Mapping[str, Any]:
    return {
        "id": key.id,
        "prefix": key.prefix,
        "kind": key.kind,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }

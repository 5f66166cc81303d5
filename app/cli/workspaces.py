"""``naru workspaces``: who owns the data."""

from collections.abc import Mapping
from typing import Any

import click
from sqlmodel import col, select

from app.cli.output import json_option, show_one, show_rows
from app.cli.store import on_store
from app.db.models import Workspace
from app.services import workspaces as service
from app.services.runtime import Runtime


@click.group()
def workspaces() -> None:
    """Workspaces: each owns its data; nothing crosses from one to another."""


@workspaces.command()
@click.argument("name")
@json_option
def add(name: str, as_json: bool) -> None:
    """Make a workspace.

    예: naru workspaces add "나루 상점"
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            made = await service.create(tx, name)
        return _shown(made)

    show_one(on_store(write), as_json=as_json)


@workspaces.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the workspaces, the oldest first.

    예: naru workspaces list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            found = await session.exec(select(Workspace).order_by(col(Workspace.id)))
            return [_shown(one) for one in found]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No workspaces yet.)")


def _shown(workspace: Workspace) -> Mapping[str, Any]:
    return {"id": workspace.id, "name": workspace.name, "since": workspace.created_at}

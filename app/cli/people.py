"""``naru guests``: people outside the workspace whom a team key may write to."""

from collections.abc import Mapping
from typing import Any

import click
from sqlmodel import col, select

from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import Guest, Member
from app.sealing import Unsealable
from app.services import numbers, team
from app.services.runtime import Runtime


@click.group()
def guests() -> None:
    """People outside the workspace. A team key may write to them."""


@guests.command()
@click.argument("name")
@click.argument("number")
@workspace_option
@json_option
def add(name: str, number: str, workspace: str | None, as_json: bool) -> None:
    """Add a guest by name and number.

    예: naru guests add 이바다 010-1234-5678
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        plain = numbers.normalise(number, "number")
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            id_ = await team.add(tx, runtime.sealer, owner.id, "guest", name.strip(), plain)
        return {"id": id_, "name": name.strip(), "number": numbers.mask(plain)}

    show_one(on_store(write), as_json=as_json)


@guests.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the guests; numbers are masked.

    예: naru guests list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            found = await session.exec(
                select(Guest).where(col(Guest.workspace_id) == owner.id).order_by(col(Guest.id))
            )
            return [_shown(runtime, person) for person in found]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No guests yet.)")


def masked(runtime: Runtime, kind: str, person: Member | Guest) -> str:
    """A person's number as it may be shown; empty without one."""
    if person.number_sealed is None:
        return ""
    try:
        return numbers.mask(
            runtime.sealer.open(kind, person.workspace_id, person.id, person.number_sealed)
        )
    except Unsealable:
        return "****"


def _shown(runtime: Runtime, person: Guest) -> Mapping[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "number": masked(runtime, "guest", person),
        "since": person.created_at,
    }

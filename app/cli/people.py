"""``naru members``, ``naru guests``: whom a team key may write to."""

from collections.abc import Mapping
from typing import Any, cast

import click
from sqlmodel import col, select

from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import Guest, Member
from app.sealing import Unsealable
from app.services import numbers, team
from app.services.runtime import Runtime

EXAMPLES = {"member": "naru members add 김나루 010-1234-5678", "guest": "naru guests add 이바다 …"}


def _group(kind: str, words: str) -> click.Group:
    """The same two commands for both tables."""

    @click.group(name=f"{kind}s", help=f"{words} A team key may write to them.")
    def group() -> None:
        pass

    @group.command("add", help=f"Add a {kind} by name and number.\n\n예: {EXAMPLES[kind]}")
    @click.argument("name")
    @click.argument("number")
    @workspace_option
    @json_option
    def add(name: str, number: str, workspace: str | None, as_json: bool) -> None:
        async def write(runtime: Runtime) -> Mapping[str, Any]:
            plain = numbers.normalise(number, "number")
            async with runtime.database.write() as tx:
                owner = await choose(tx.session, workspace)
                id_ = await team.add(tx, runtime.sealer, owner.id, kind, name.strip(), plain)
            return {"id": id_, "name": name.strip(), "number": numbers.mask(plain)}

        show_one(on_store(write), as_json=as_json)

    @group.command("list", help=f"List the {kind}s; numbers are masked.\n\n예: naru {kind}s list")
    @workspace_option
    @json_option
    def list_(workspace: str | None, as_json: bool) -> None:
        async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
            async with runtime.database.read() as session:
                owner = await choose(session, workspace)
                table = team.TABLES[kind]
                found = await session.exec(
                    select(table).where(col(table.workspace_id) == owner.id).order_by(col(table.id))
                )
                people = cast("list[Member | Guest]", list(found))
                return [_shown(runtime, kind, person) for person in people]

        show_rows(on_store(read), as_json=as_json, empty=f"아직 없어요. (No {kind}s yet.)")

    return group


def _shown(runtime: Runtime, kind: str, person: Member | Guest) -> Mapping[str, Any]:
    try:
        number = numbers.mask(
            runtime.sealer.open(kind, person.workspace_id, person.id, person.number_sealed)
        )
    except Unsealable:
        number = "****"
    return {"id": person.id, "name": person.name, "number": number, "since": person.created_at}


members = _group("member", "People of the workspace.")
guests = _group("guest", "People outside the workspace.")

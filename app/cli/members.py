"""``naru members``: who logs in to the console, and whom a team key may write to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click
from sqlmodel import col, select

from app.cli import console
from app.cli.failures import BadUsage, Failed
from app.cli.output import json_option, show_one, show_rows
from app.cli.people import masked
from app.cli.store import choose, on_store, workspace_option
from app.db.models import Member
from app.db.session import Tx
from app.services import numbers, staff, team
from app.services.roles import AGENT, ROLES
from app.services.runtime import Runtime

ONCE = (
    "링크는 지금만 보여요. 3일 안에 한 번 쓸 수 있어요. (Shown this one time; good once, 3 days.)"
)


@click.group()
def members() -> None:
    """People of the workspace. They log in to the console; a team key may write to them."""


@members.command()
@json_option
def setup(as_json: bool) -> None:
    """Print the address where the first owner is made, with the set-up code.

    예: naru members setup
    """
    address = on_store(console.first_run)
    if address is None:
        raise Failed(
            "소유자가 있어요. 들어가거나 naru members reset EMAIL 로 링크를 받으세요. "
            "(There is an owner already. Log in, or make a link: naru members reset EMAIL)"
        )
    show_one({"address": address}, as_json=as_json)


@members.command()
@click.argument("name")
@click.argument("given_number", metavar="[NUMBER]", required=False)
@click.option("--email", help="Of somebody who logs in to the console.")
@click.option("--role", type=click.Choice(list(ROLES)), help=f"With --email; else {AGENT}.")
@click.option("--number", help="A number that team keys may write to.")
@workspace_option
@json_option
def add(  # noqa: PLR0913 - a person is all of these
    name: str,
    given_number: str | None,
    email: str | None,
    role: str | None,
    number: str | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Add a person: with --email one who logs in, with a number one whom team keys reach.

    Prints the link where they set their password.

    \b
    예: naru members add 김나루 --email naru@example.com --role operator
        naru members add 김나루 010-1234-5678
    """
    number = number or given_number
    if email is None and (role is not None or number is None):
        raise BadUsage("Give --email (who logs in), a number (for team keys), or both.")

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        plain = numbers.normalise(number, "number") if number else None
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            if email is None:
                assert plain is not None
                id_ = await team.add(tx, runtime.sealer, owner.id, "member", name.strip(), plain)
                return {"id": id_, "name": name.strip(), "number": numbers.mask(plain)}
            made, token = await staff.add(tx, runtime.sealer, owner.id, email, name, role or AGENT)
            if plain is not None:
                await team.give_number(tx, runtime.sealer, owner.id, made.id, plain)
        return {
            "id": made.id,
            "name": made.name,
            "email": made.email,
            "role": role or AGENT,
            "number": numbers.mask(plain) if plain else "",
            "link": _link(runtime, token),
        }

    made = on_store(write)
    show_one(made, as_json=as_json)
    if made.get("link"):
        click.echo(ONCE, err=True)


@members.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the people: role, whether they can log in, number (masked).

    State: active, invited (no password yet), disabled; empty for a number alone.

    예: naru members list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            found = await session.exec(
                select(Member).where(col(Member.workspace_id) == owner.id).order_by(col(Member.id))
            )
            people: dict[UUID | None, staff.Person] = {
                one.staff_id: one for one in await staff.people(session, owner.id)
            }
            return [_shown(runtime, one, people.get(one.staff_id)) for one in found]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No members yet.)")


@members.command()
@click.argument("email")
@json_option
def reset(email: str, as_json: bool) -> None:
    """Forget a person's password, end their log-ins, print a link for a new one.

    예: naru members reset naru@example.com
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            person, token = await staff.reset(tx, runtime.sealer, email)
        return {"name": person.name, "email": person.email, "link": _link(runtime, token)}

    show_one(on_store(write), as_json=as_json)
    click.echo(ONCE, err=True)


@members.command()
@click.argument("email")
@click.argument("role", type=click.Choice(list(ROLES)))
@workspace_option
@json_option
def role(email: str, role: str, workspace: str | None, as_json: bool) -> None:
    """Give a person another role; the last owner stays one.

    예: naru members role naru@example.com operator
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            id_ = await _find(tx, owner.id, email)
            member = await staff.change_role(tx, owner.id, id_, role)
        return {"id": id_, "name": member.name, "email": email.strip().lower(), "role": role}

    show_one(on_store(write), as_json=as_json)


@members.command()
@click.argument("email")
@workspace_option
@json_option
def remove(email: str, workspace: str | None, as_json: bool) -> None:
    """Take a person out of the workspace: they are out at once. The last owner stays.

    예: naru members remove naru@example.com
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            id_ = await _find(tx, owner.id, email)
            await staff.remove(tx, owner.id, id_)
        return {"id": id_, "email": email.strip().lower(), "removed": True}

    show_one(on_store(write), as_json=as_json)


async def _find(tx: Tx, workspace_id: UUID, email: str) -> UUID:
    for one in await staff.people(tx.session, workspace_id):
        if one.email == email.strip().lower():
            return one.staff_id
    raise staff.unknown()


def _link(runtime: Runtime, token: str | None) -> str | None:
    return console.page(runtime.settings, f"/link/{token}") if token else None


def _shown(runtime: Runtime, member: Member, person: staff.Person | None) -> Mapping[str, Any]:
    state = ""
    if person is not None:
        state = "active" if person.has_password else "invited"
        state = "disabled" if person.is_disabled else state
    return {
        "id": member.id,
        "name": person.name if person else member.name,
        "email": person.email if person else "",
        "role": person.role if person else "",
        "state": state,
        "number": masked(runtime, "member", member),
        "since": member.created_at,
    }

"""``naru templates``: notices as files, and how their reviews stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from app.cli import linting, reviewing
from app.cli.comparing import diff
from app.cli.failures import BadUsage
from app.cli.output import json_option, show_json, show_rows
from app.cli.pulling import pull
from app.cli.pushing import push
from app.cli.starters import list_starters, print_starter
from app.cli.store import choose, on_store, workspace_option
from app.services import templates as service
from app.services.runtime import Runtime
from app.services.versions import Stored
from templates import files
from templates.findings import TemplateProblem
from templates.reading import read_template
from templates.template import Template
from templates.writing import write

PAGE = 100


@click.group()
def templates() -> None:
    """Templates: approved forms of notices, one TOML file each."""


templates.add_command(linting.lint)
templates.add_command(linting.rules)


@templates.command()
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@workspace_option
@json_option
def add(paths: tuple[Path, ...], workspace: str | None, as_json: bool) -> None:
    """Check template files, store them, and have them reviewed at every Alimtalk sender.

    All files are checked first; when one has a fault, none is stored. The same content again
    changes nothing.

    예: naru templates add 주문.toml 배송.toml
    """
    bodies = [_read(path).to_mapping() for path in paths]

    async def write(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            return [_row(await service.create(tx, owner.id, body)) for body in bodies]

    show_rows(on_store(write), as_json=as_json, empty="")


@templates.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the templates and how they stand at each account.

    예: naru templates list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            rows: list[Mapping[str, Any]] = []
            after: UUID | None = None
            while page := await service.list_templates(session, owner.id, after, PAGE):
                rows += [_row(stored) for stored in page]
                after = page[-1].template.id
            return rows

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No templates yet.)")


@templates.command()
@click.argument("code")
@workspace_option
@json_option
def show(code: str, workspace: str | None, as_json: bool) -> None:
    """Show one template as its file would say it, and what each review says.

    예: naru templates show order_shipped
    """

    async def read(runtime: Runtime) -> Stored:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            return await service.get(session, owner.id, code)

    stored = on_store(read)
    if as_json:
        show_json({**_row(stored), "body": stored.version.body})
        return
    click.echo(f"{stored.template.code}  {stored.template.name}  v{stored.version.number}\n")
    click.echo(write(read_template(stored.version.body), {}))
    for one in stored.registered:
        click.echo(f"{one.account.name} ({one.account.mode}): {one.standing.detail_ko}")
    if not stored.registered:
        click.echo("등록된 발신 프로필이 없어요. (Registered at no sender.)")


def _read(path: Path) -> Template:
    try:
        return files.load(path)[0]
    except TemplateProblem as problem:
        lines = "\n".join(
            f"  {one.field or (f'line {one.line}' if one.line else 'file')}: {one.message_ko}"
            for one in problem.findings
        )
        raise BadUsage(f"{path} 을(를) 고쳐야 해요. (The file has faults.)\n{lines}") from None
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from None


def _row(stored: Stored) -> Mapping[str, Any]:
    return {
        "code": stored.template.code,
        "name": stored.template.name,
        "version": stored.version.number,
        "reviews": [f"{one.account.name}: {one.standing.state}" for one in stored.registered],
    }


for command in (diff, push, pull, list_starters, print_starter, *reviewing.COMMANDS):
    templates.add_command(command)

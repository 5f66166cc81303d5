"""``naru pictures``: what templates show, and whether providers have taken it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.cli.failures import BadUsage
from app.cli.output import json_option, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.services import pictures as service
from app.services.picture_measures import LARGEST
from app.services.picture_views import Given, Shown
from app.services.runtime import Runtime

PAGE = 100


@click.group()
def pictures() -> None:
    """Pictures: JPEG or PNG files that templates show by name."""


@pictures.command()
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
    """Store pictures under their file names: all, or none when one has a fault.

    The same file again changes nothing. A changed one needs another name: templates were approved
    with the first.

    예: naru pictures add sale.jpg coupon.png
    """
    files = [(path.name, _read(path)) for path in paths]

    async def write(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            return [_row((await service.store(tx, owner.id, *file))[0]) for file in files]

    show_rows(on_store(write), as_json=as_json, empty="")


@pictures.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the pictures: what each is fit for, and which accounts' providers have it.

    예: naru pictures list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            rows: list[Shown] = []
            while page := await service.list_pictures(
                session, owner.id, rows[-1].id if rows else None, PAGE
            ):
                rows += page
            return [_row(shown) for shown in rows]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No pictures yet.)")


@pictures.command()
@click.argument("name")
@workspace_option
@json_option
def remove(name: str, workspace: str | None, as_json: bool) -> None:
    """Remove a picture that no version of a template shows.

    예: naru pictures remove old.jpg
    """

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            return {"removed": name, "id": await service.remove(tx, owner.id, name)}

    show_one(on_store(write), as_json=as_json)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)  # one more: enough to see that it is too large
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from None


def _row(shown: Shown) -> Mapping[str, Any]:
    facts = shown.facts
    return {
        "name": facts.name,
        "type": facts.media_type,
        "pixels": f"{facts.width}×{facts.height}",
        "bytes": facts.size,
        "uses": [str(use) for use in shown.uses],
        "providers": [_stands(one) for one in shown.given],
    }


def _stands(one: Given) -> str:
    why = f" ({one.error_code} {one.error_text})".replace(" )", ")") if one.error_code else ""
    return f"{one.account} {one.use}: {one.state}{why}"

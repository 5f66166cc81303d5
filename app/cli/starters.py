"""``naru templates starters``: good notices to begin with."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable

import click

from app.cli.failures import BadUsage
from app.cli.output import json_option, show_rows
from templates import files


@click.command("starters")
@json_option
def list_starters(as_json: bool) -> None:
    """List the notices that come with Naru, to begin one's own with.

    예: naru templates starters
    """
    show_rows([_row(path) for path in files.starters().values()], as_json=as_json, empty="")


@click.command("starter")
@click.argument("name")
def print_starter(name: str) -> None:
    """Print the file of one starter, to be changed and pushed.

    예: naru templates starter order_shipped > 배송.toml
    """
    path = files.starters().get(name)
    if path is None:
        raise BadUsage(
            f"{name}: 그런 시작용 템플릿이 없어요. (No such starter; there are "
            f"{', '.join(files.starters())}.)"
        )
    click.echo(path.read_text("utf-8"), nl=False)


def _row(path: Traversable) -> Mapping[str, str]:
    template, _ = files.load(path)
    about, _, _ = path.read_text("utf-8").partition("\n")
    return {"name": template.code, "title": template.name, "about": about.lstrip("# ")}

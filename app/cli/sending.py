"""``naru send``: one notice, or a whole list from a CSV file."""

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import lists, mailing, timelines
from app.cli.api import Api, Problem, api_options, asking
from app.cli.failures import BadUsage
from app.ids import new_id
from templates.compiled import compile_template
from templates.reading import read_template

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


@click.command()
@click.option("--template", "code", required=True, metavar="CODE", help="Template to send.")
@click.option("--to", metavar="NUMBER", help="One recipient.")
@click.option("--var", "variables", multiple=True, metavar="이름=값", help="A variable's value.")
@click.option("--reference", help="Your own label.")
@click.option("--follow", is_flag=True, help="Print what happens until it arrived.")
@click.option(
    "--csv",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list: the first row names the columns.",
)
@click.option("--to-column", metavar="NAME", help=f"Else {', '.join(lists.TO_COLUMNS)}.")
@click.option("--reference-column", metavar="NAME", help="Else `reference`, if there is one.")
@click.option(
    "--allow-duplicates", is_flag=True, help="Send to a number twice if it is there twice."
)
@click.option("--check", "only_check", is_flag=True, help="Check the list, send nothing.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds to keep asking when the gateway is busy or away.",
)
@timelines.lang_option
@api_options
def send(  # noqa: PLR0913 - one command, two ways
    code: str,
    to: str | None,
    variables: tuple[str, ...],
    reference: str | None,
    follow: bool,
    path: Path | None,
    to_column: str | None,
    reference_column: str | None,
    allow_duplicates: bool,
    only_check: bool,
    patience: float,
    lang: str,
    key: str | None,
    url: str | None,
) -> None:
    """Send one notice with --to and --var, or a list with --csv.

    A list is checked whole before its first row leaves. Columns named as the template's variables
    fill them. Repeating a stopped command sends every row once. Refused rows are written to
    FILE.refused.csv. Exit code: 0 all accepted, 1 some refused, 2 the list cannot be used.

    \b
    예: naru send --template order_shipped --to 010-0000-1001 --var 고객명=김나루 --follow
        naru send --template order_shipped --csv 고객.csv
    """
    if (to is None) == (path is None):
        raise BadUsage("--to 와 --csv 가운데 하나만 주세요. (Give either --to or --csv.)")
    if path is None:
        body = {"template": code, "to": to, "variables": _pairs(variables)}
        if reference is not None:
            body["reference"] = reference
        asyncio.run(_send_one(body, lang if follow else None, key, url))
        return
    if variables or reference or follow:
        raise BadUsage("--var, --reference, --follow 는 --to 와 함께 써요. (They go with --to.)")
    layout = lists.open_list(path, to_column, reference_column)
    total = _check(layout, allow_duplicates=allow_duplicates)
    sys.exit(
        asyncio.run(_send_list(layout, total, code, None if only_check else patience, key, url))
    )


async def _send_one(
    body: Mapping[str, Any], lang: str | None, key: str | None, url: str | None
) -> None:
    async with asking(url, key) as api:
        told = await api.ask("POST", "/v1/messages", body, key=f"cli-{new_id()}")
        click.echo(told["id"])
        if lang is None:
            return
        async for entry in timelines.follow(api, told["id"], lang):
            click.echo(timelines.line(entry))


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise BadUsage(f"--var {wrong[0]}: 이름=값 으로 주세요. (Give it as name=value.)")
    return {name: value for name, _, value in pairs}


def _check(layout: lists.Layout, *, allow_duplicates: bool) -> int:
    """Rows of the file, after the first look at all of them. Raises BadUsage."""
    click.echo(
        f"{layout.path}: {layout.encoding.removesuffix('-sig')} 로 읽어요. (encoding)", err=True
    )
    found = lists.check(layout)
    faults = [*found.faults, *([] if allow_duplicates else found.duplicates)]
    if faults:
        hint = " --allow-duplicates" if found.duplicates and not allow_duplicates else ""
        raise BadUsage(
            f"보내지 않았어요. 고칠 행이 {len(faults)}개예요. "
            f"(Nothing was sent: {len(faults)} faults.{hint}){lists.some(faults)}"
        )
    if not found.rows:
        raise BadUsage(f"{layout.path} 에 받는 사람이 없어요. (There are no rows.)")
    return found.rows


async def _send_list(
    layout: lists.Layout,
    total: int,
    code: str,
    patience_s: float | None,
    key: str | None,
    url: str | None,
) -> int:
    """The exit code; ``patience_s`` None sends nothing."""
    async with asking(url, key) as api:
        columns = await _columns(api, code, layout)
        if patience_s is None:
            click.echo(f"{total}행을 보낼 수 있어요. (All {total} rows can be sent.)")
            return 0
        counts: Counter[str] = Counter()
        path = layout.path.with_name(layout.path.name + ".refused.csv")
        try:
            with mailing.RefusedRows(path) as refused, _bar(code, total, counts) as bar:
                one = mailing.sender(api, code, patience_s)
                rows = lists.recipients(layout, columns)
                await mailing.mail(rows, one, counts, refused, lambda: bar.update(1))
        finally:
            click.echo(_words(counts))
        if counts["refused"]:
            click.echo(f"거절된 행은 {path} 에 있어요. (Refused rows are there.)")
        return 1 if counts["refused"] else 0


def _bar(label: str, total: int, counts: Counter[str]) -> "ProgressBar[int]":
    return click.progressbar(
        length=total,
        label=label,
        file=sys.stderr,
        update_min_steps=max(1, total // 500),
        item_show_func=lambda _: _words(counts),
    )


def _words(counts: Counter[str]) -> str:
    return (
        f"접수 accepted {counts['accepted']:,} · 이미 접수됨 already accepted "
        f"{counts['replayed']:,} · 거절 refused {counts['refused']:,}"
    )


async def _columns(api: Api, code: str, layout: lists.Layout) -> list[str]:
    """The columns that fill the template's variables. Raises BadUsage when one is missing."""
    special = (layout.to, layout.reference)
    try:
        told = await api.get(f"/v1/templates/{code}")
    except Problem as problem:
        if problem.code != "scope_missing":
            raise
        click.echo("키로 템플릿을 볼 수 없어, 모든 열을 변수로 보내요. (all columns)", err=True)
        return [name for name in layout.header if name not in special]
    names = compile_template(read_template(told["body"])).names
    if missing := [name for name in names if name not in layout.header]:
        raise BadUsage(
            f"템플릿의 변수에 맞는 열이 없어요: {', '.join(missing)}. "
            f"(Columns are missing; the header has: {', '.join(layout.header)}.)"
        )
    spare = [name for name in layout.header if name not in names and name not in special]
    if spare:
        click.echo(f"쓰지 않는 열: {', '.join(spare)} (columns not used)", err=True)
    return [name for name in layout.header if name in names]

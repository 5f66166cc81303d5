"""``naru templates pull``: the gateway's templates written as files."""

import asyncio
import os
import sys
import tomllib
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

import click

from app.cli import held
from app.cli.api import api_options
from app.cli.failures import BadUsage, Failed
from app.cli.held import Held
from app.cli.output import json_option, show_rows
from templates import files
from templates.samples import stand_ins
from templates.writing import write

HEAD = (
    "# pull 이 쓴 파일입니다. [sample]의 값은 임시로 넣은 것이니 실제와 비슷하게 바꾸어 주세요.\n"
)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only this template.")
@click.option("--force", is_flag=True, help="Overwrite files that say something else.")
@json_option
@api_options
def pull(
    folder: Path,
    codes: tuple[str, ...],
    force: bool,
    as_json: bool,
    key: str | None,
    url: str | None,
) -> None:
    """Write the newest versions of the gateway's templates into a folder, one file each.

    A file of the folder that has the template's code is its file, else it is CODE.toml. A file
    that says the same is left as it is; one that says something else is only overwritten with
    --force, and keeps its first comment lines, its sample values and its lengths. `taken` is a
    CODE.toml that holds another template.
    Exit code: 0 the folder says what the gateway does, 1 some files differ and were left, 2 a file
    or the gateway cannot be reached.

    \b
    예: naru templates pull 템플릿/
        naru templates pull 템플릿/ --code order_shipped --force
    """

    async def read() -> list[Held]:
        async with held.asking(url, key) as api:
            return await held.every(api)

    found = [one for one in asyncio.run(read()) if not codes or one.template.code in codes]
    if missing := sorted(set(codes) - {one.template.code for one in found}):
        raise Failed(f"{', '.join(missing)}: 그런 템플릿이 없어요. (There is no such template.)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = _by_code(folder)
        rows = [_pull(one, there.get(one.template.code), folder, force=force) for one in found]
    except OSError as error:
        raise BadUsage(f"{error.filename or folder}: {error.strerror}") from None
    show_rows(rows, as_json=as_json, empty="아직 없어요. (No templates yet.)")
    if left := [str(row["file"]) for row in rows if row["result"] in ("differs", "taken")]:
        click.echo(
            f"내용이 달라 그대로 둔 파일: {', '.join(left)}. --force 로 덮어써요. "
            "(Left as they are; --force overwrites, but never another template's file.)",
            err=True,
        )
        sys.exit(1)


def _by_code(folder: Path) -> dict[str, Path]:
    """The folder's files by the code they give, also those with faults."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.toml")):
        try:
            code = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("code")
        except (ValueError, RecursionError):  # not even TOML
            code = path.stem
        if isinstance(code, str):
            found.setdefault(code, path)
    return found


def _pull(one: Held, known: Path | None, folder: Path, *, force: bool) -> Mapping[str, object]:
    path = known or folder / f"{one.template.code}.toml"
    is_taken = known is None and path.exists()  # another template's file is never overwritten
    result = "taken" if is_taken else _result(one, path, force=force)
    if result in ("written", "overwritten"):
        _replace(path, _text(one, path))
    return {
        "code": one.template.code,
        "version": one.version,
        "file": str(path),
        "result": result,
    }


def _result(one: Held, path: Path, *, force: bool) -> str:
    if not path.exists():
        return "written"
    if files.open_file(path).template == one.template:
        return "unchanged"
    return "overwritten" if force else "differs"


def _text(one: Held, path: Path) -> str:
    """What to write, with what an earlier file says beyond the template itself."""
    if not path.exists():
        return write(one.template, stand_ins(one.template), head=HEAD)
    known = files.open_file(path)
    sample = stand_ins(one.template, known.sample)
    lengths = {name: most for name, most in known.lengths.items() if name in sample}
    return write(one.template, sample, lengths, _head(path))


def _head(path: Path) -> str:
    lines = path.read_text("utf-8-sig", "replace").splitlines()
    return "".join(f"{line}\n" for line in takewhile(lambda line: line.startswith("#"), lines))


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)

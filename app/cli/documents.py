"""The template files a command line names: which they are, and what is in them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.failures import BadUsage, Failed
from templates import files
from templates.findings import Finding, Severity
from templates.template import Template


@dataclass(frozen=True, slots=True)
class Document:
    """One file without errors, and its template."""

    path: Path
    template: Template


def given(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the files and folders as ``paths``."""
    return click.argument(
        "paths",
        metavar="FILE|DIR...",
        nargs=-1,
        required=True,
        type=click.Path(exists=True, path_type=Path),
    )(command)


def open_all(paths: Iterable[Path]) -> dict[Path, files.Opened]:
    """The files named, and every .toml file in the folders named, each once. Raises BadUsage."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise BadUsage(f"{path} 에 .toml 파일이 없어요. (There is no .toml file in it.)")
        found += inside
    return {path: _open(path) for path in found}


def read(paths: Iterable[Path], lang: str) -> list[Document]:
    """The templates of all files; what the linter warns of goes to standard error.

    Raises Failed with every error and warning of every file, BadUsage for a file that cannot be
    read and for a code that two files have.
    """
    opened = open_all(paths)
    told = [(path, one) for path, file in opened.items() for one in file.findings]
    told = [(path, one) for path, one in told if one.severity is not Severity.HINT]
    lines = [line(path, one, lang) for path, one in told]
    if count := sum(one.severity is Severity.ERROR for _, one in told):
        raise Failed(
            f"오류가 {count}개라 아무것도 하지 않았어요. ({count} errors: nothing was done.)\n"
            + "\n".join(lines)
        )
    for text in lines:
        click.echo(text, err=True)
    found = [Document(path, file.template) for path, file in opened.items() if file.template]
    _check_codes(found)
    return found


def line(path: Path, found: Finding, lang: str) -> str:
    """``order.toml:4: warning no_sender content: what it means — what to do``."""
    message, fix = (
        (found.message_en, found.fix_en) if lang == "en" else (found.message_ko, found.fix_ko)
    )
    place = f"{path}:{found.line}" if found.line else str(path)
    field = f" {found.field}" if found.field else ""
    return f"{place}: {found.severity} {found.rule}{field}: {message} — {fix}".replace("\n", " ")


def _open(path: Path) -> files.Opened:
    try:
        return files.open_file(path)
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}") from None


def _check_codes(documents: Iterable[Document]) -> None:
    first: dict[str, Path] = {}
    for one in documents:
        before = first.setdefault(one.template.code, one.path)
        if before != one.path:
            raise BadUsage(
                f"{before}, {one.path}: 코드가 같아요: {one.template.code}. (Both have this code.)"
            )

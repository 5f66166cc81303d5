"""Templates as TOML files, and the starters that come with Naru.

A file holds the fields of a template at the top (``code``, ``name``, ``content`` …), then
``[[buttons]]``, ``[[plan]]`` and last ``[sample]``: a value for every variable, used in previews
(TOML wants Korean keys in quotes: ``"고객명" = "김나루"``), and if wanted ``[lengths]``: most
characters of a variable's value, for the linter (``"고객명" = 10``).
One line end before a closing ``\"\"\"`` is not part of the text.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from templates.findings import Finding, Severity, TemplateProblem, finding
from templates.lines import Lines
from templates.lint.linter import lint
from templates.reading import examine, read_template
from templates.template import Template
from templates.text import canonical
from templates.values import read_lengths, read_sample

MAX_BYTES = 65_536

BLOCKS = ("content", "extra", "sms", "lms")
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds, and all that can be said about it.

    ``template`` is None where it cannot be stored; ``findings`` are those of
    :func:`templates.lint.linter.lint`, with their lines.
    """

    template: Template | None
    sample: Mapping[str, str]
    lengths: Mapping[str, int]
    findings: tuple[Finding, ...]


def load(path: Path | Traversable) -> tuple[Template, dict[str, str]]:
    """A template and its sample values.

    Raises TemplateProblem (with the line where the TOML itself is broken) and OSError.
    """
    data, sample, lengths = _tables(_parse(_decode(path.read_bytes())))
    template = read_template(data)
    read, findings = read_sample(template, sample, fill=True)
    findings += read_lengths(template, lengths)[1]
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        raise TemplateProblem(errors)
    return template, read


def open_file(path: Path | Traversable) -> Opened:
    """Everything about a file, its errors too. Raises OSError."""
    return open_bytes(path.read_bytes())


def open_bytes(raw: bytes) -> Opened:
    """As :func:`open_file`, of what a file would hold."""
    try:
        text = _decode(raw)
        data, sample, lengths = _tables(_parse(text))
    except TemplateProblem as problem:
        return Opened(None, {}, {}, problem.findings)
    lines = Lines(text)
    sample = {} if sample is None else sample  # a file without one lacks every value
    findings = tuple(
        _at_line(one, data, lines) for one in lint(data, sample=sample, lengths=lengths)
    )
    template, refused = examine(data)
    return Opened(
        None if refused else template,
        read_sample(template, sample, fill=False)[0],
        read_lengths(template, lengths)[0],
        findings,
    )


def starters() -> dict[str, Traversable]:
    """The starter files by name, in order; each can be given to :func:`load`."""
    folder = files("templates").joinpath("starters")
    found = {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}
    return dict(sorted(found.items()))


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise TemplateProblem([finding("", "too_large", limit=MAX_BYTES)])
    try:
        return raw.decode("utf-8-sig")  # Windows editors put a byte order mark
    except UnicodeDecodeError as bad:
        raise TemplateProblem([_broken("UTF-8", raw[: bad.start].count(b"\n") + 1)]) from bad


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as bad:
        raise TemplateProblem([_broken("nesting", None)]) from bad
    except ValueError as bad:  # TOMLDecodeError, and numbers Python refuses
        at = _AT_LINE.search(str(bad))
        line = int(at[1]) if at else text.count("\n") + 1
        raise TemplateProblem([_broken(str(bad), line)]) from bad


def _tables(data: dict[str, Any]) -> tuple[dict[str, Any], Any, Any]:
    """The template's fields, what ``[sample]`` and what ``[lengths]`` hold."""
    sample, lengths = data.pop("sample", None), data.pop("lengths", None)
    for name in BLOCKS:
        if isinstance(data.get(name), str):
            data[name] = data[name].removesuffix("\n").removesuffix("\r")
    return data, sample, lengths


def _broken(detail: str, line: int | None) -> Finding:
    return replace(finding("", "bad_toml", detail), line=line)


def _at_line(found: Finding, data: Mapping[str, Any], lines: Lines) -> Finding:
    text = data.get(found.field)
    before = canonical(text)[: found.start or 0] if isinstance(text, str) else ""
    return replace(found, line=lines.of(found.field, before))

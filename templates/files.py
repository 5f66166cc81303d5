"""Templates as TOML files, and the starters that come with Naru.

A file holds the fields of a template at the top (``code``, ``name``, ``content`` …), then
``[[buttons]]``, ``[[plan]]`` and last ``[sample]``: a value for every variable, used in previews
(TOML wants Korean keys in quotes: ``"고객명" = "김나루"``).
One line end before a closing ``\"\"\"`` is not part of the text.
"""

import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from templates.findings import Finding, TemplateProblem, finding
from templates.reader import Reader
from templates.render import compile_template, render
from templates.template import Template
from templates.text import Unsendable
from templates.variables import MissingVariables, UnknownVariables, check

MAX_BYTES = 65_536

_BLOCKS = ("content", "extra", "sms")
_AT_LINE = re.compile(r"at line (\d+)")


def load(path: Path | Traversable) -> tuple[Template, dict[str, str]]:
    """A template and its sample values.

    Raises TemplateProblem (with the line where the TOML itself is broken) and OSError.
    """
    data = _parse(path.read_bytes())
    sample = data.pop("sample", None)
    for name in _BLOCKS:
        if isinstance(data.get(name), str):
            data[name] = data[name].removesuffix("\n").removesuffix("\r")
    template = Template.from_mapping(data)
    return template, _sample(template, sample)


def starters() -> dict[str, Traversable]:
    """The starter files by name, in order; each can be given to :func:`load`."""
    folder = files("templates").joinpath("starters")
    found = {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}
    return dict(sorted(found.items()))


def _parse(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise TemplateProblem([finding("", "too_large", limit=MAX_BYTES)])
    try:
        text = raw.decode("utf-8-sig")  # Windows editors put a byte order mark
    except UnicodeDecodeError as bad:
        raise TemplateProblem([_broken("UTF-8", raw[: bad.start].count(b"\n") + 1)]) from bad
    try:
        return tomllib.loads(text)
    except RecursionError as bad:
        raise TemplateProblem([_broken("nesting", None)]) from bad
    except ValueError as bad:  # TOMLDecodeError, and numbers Python refuses
        at = _AT_LINE.search(str(bad))
        line = int(at[1]) if at else text.count("\n") + 1
        raise TemplateProblem([_broken(str(bad), line)]) from bad


def _broken(detail: str, line: int | None) -> Finding:
    return replace(finding("", "bad_toml", detail), line=line)


def _sample(template: Template, data: object) -> dict[str, str]:
    """The sample values, shown to fill the template within its limits."""
    reader = Reader({} if data is None else data, "sample")
    sample = {name: reader.text(name, lines=True) for name in map(str, reader.data)}
    source = compile_template(template)
    for problem in check(source.names, sample):
        rule = {MissingVariables: "sample_missing", UnknownVariables: "sample_unknown"}
        for name in problem.names:
            reader.add(name, rule.get(type(problem), "sample_unsendable"), problem.code)
    if not reader.findings:
        try:
            render(source, sample, dict.fromkeys(source.token_buttons, "0" * 32))
        except Unsendable as bad:
            reader.add(getattr(bad, "field", ""), "sample_unsendable", str(bad))
    if reader.findings:
        raise TemplateProblem(reader.findings)
    return sample

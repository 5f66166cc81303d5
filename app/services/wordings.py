"""Wordings as people type them: read from TOML or JSON, written back, compared line by line."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from templates import files, writing
from templates.findings import Finding, TemplateProblem
from templates.lint.linter import lint
from templates.reading import examine, read_template
from templates.template import Template

BESIDE = ("sample", "lengths")  # what a file holds beside the template


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed. ``template``: None where it cannot be stored."""

    template: Template | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; ``mark`` is ``+`` (only new), ``-`` (only old) or empty."""

    mark: str
    text: str


def read(text: str) -> Typed:
    """A template typed as TOML, or as JSON when it begins with a brace; nothing is stored.

    The findings are the linter's, with their lines where it is TOML.
    """
    if not text.lstrip().startswith("{"):
        opened = files.open_bytes(text.encode())
        return Typed(opened.template, opened.findings)
    try:
        data = json.loads(text[: files.MAX_BYTES])
    except (ValueError, RecursionError):
        # the words of the TOML reader say where; what is no JSON object is no TOML either
        return Typed(None, files.open_bytes(text.encode()).findings)
    beside = {name: data.pop(name, None) for name in BESIDE}
    template, refused = examine(data)
    return Typed(None if refused else template, tuple(lint(data, **beside)))


def write(body: Mapping[str, Any]) -> str:
    """A stored wording as TOML, to be mended. Raises TemplateProblem."""
    return writing.write(read_template(body), {})


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """Two stored wordings line by line: what is the same stands between what is not."""
    try:
        texts = write(old), write(new)
    except TemplateProblem:  # of rules that were other ones then
        texts = _plain(old), _plain(new)
    return list(_lines(*(text.splitlines() for text in texts)))


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from (Line("", text) for text in old[a:b])
            continue
        yield from (Line("-", text) for text in old[a:b])
        yield from (Line("+", text) for text in new[c:d])


def _plain(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)

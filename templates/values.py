"""What comes beside a template to try it: sample values, and the longest each variable may be."""

from collections.abc import Iterable, Mapping

from templates.compiled import compile_template
from templates.findings import Finding
from templates.reader import Reader
from templates.render import render
from templates.template import Template
from templates.text import Unsendable, canonical
from templates.variables import (
    BadVariable,
    MissingVariables,
    UnknownVariables,
    VariableProblem,
    check,
    parse,
)

_RULES: Mapping[type[VariableProblem], str] = {
    MissingVariables: "sample_missing",
    UnknownVariables: "sample_unknown",
}


def names_of(template: Template) -> frozenset[str]:
    """All variables of a template, those of broken texts left out."""
    return frozenset(name for _, text in template.texts() for name in _names(text))


def read_sample(
    template: Template, data: object, *, fill: bool
) -> tuple[dict[str, str], list[Finding]]:
    """Sample values by name, and what is wrong with them.

    ``fill``: whether the template is sound and is to be filled with them, as when it is sent.
    """
    reader = Reader({} if data is None else data, "sample")
    sample = {canonical(name): reader.text(name, lines=True) for name in _keys(reader)}
    for problem in check(names_of(template), sample):
        rule = _RULES.get(type(problem), "sample_unsendable")
        for name in problem.names:
            reader.add(name, rule, problem.code)
    if fill and not reader.findings:
        source = compile_template(template)
        try:
            render(source, sample, dict.fromkeys(source.token_buttons, "0" * 32))
        except Unsendable as bad:
            reader.add(getattr(bad, "field", ""), "sample_unsendable", str(bad))
    return sample, reader.findings


def read_lengths(template: Template, data: object) -> tuple[dict[str, int], list[Finding]]:
    """Most characters by name of variable, and what is wrong with them."""
    reader = Reader({} if data is None else data, "lengths")
    known, lengths = names_of(template), {}
    for name in _keys(reader):
        most = reader.whole(name, 0, template.bounds.variable)
        if canonical(name) not in known:
            reader.add(name, "length_unknown")
        elif most is not None:
            lengths[canonical(name)] = most
    return lengths, reader.findings


def _keys(reader: Reader) -> Iterable[str]:
    return [name for name in reader.data if isinstance(name, str)]


def _names(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except BadVariable:
        return ()

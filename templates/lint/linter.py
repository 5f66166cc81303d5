"""The linter: everything that can be said about a template, errors first."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from templates.findings import Finding, Severity
from templates.lint import delivery, links, names, reviewers, sizes, texts
from templates.lint.subject import Subject
from templates.reading import examine
from templates.template import Template
from templates.values import read_lengths, read_sample

Check = Callable[[Subject], Iterable[Finding]]

# every check beside what examine() refuses; order is of no importance
CHECKS: tuple[Check, ...] = (
    delivery.courier,
    delivery.invoice,
    reviewers.ad_words,
    reviewers.ad_form,
    reviewers.sender,
    reviewers.beginning,
    reviewers.substance,
    reviewers.secrets,
    names.adjacent,
    names.lonely,
    names.names,
    texts.mapped,
    texts.spoilt,
    texts.blanks,
    texts.emoji,
    links.hosts,
    links.encryption,
    links.settings,
    sizes.overflow,
    sizes.overflow_bytes,
    sizes.as_lms,
    sizes.ellipsis,
    sizes.first_time,
    sizes.samples,
)
_FIELDS = {name: i for i, name in enumerate((*Template.__slots__, "sample", "lengths"))}
_RANKS = {severity: i for i, severity in enumerate(Severity)}


def lint(data: object, *, sample: object = None, lengths: object = None) -> list[Finding]:
    """All findings about the mapping of a template; errors are what forbids storing it.

    ``sample``: values by name of variable, which must fill it then; ``lengths``: most characters
    by name. Errors come first, then fields in their order. Time is linear in what is given.
    """
    template, findings = examine(data)
    values: Mapping[str, str] = {}
    if sample is not None:
        values, wrong = read_sample(template, sample, fill=not findings)
        findings += wrong
    longest, wrong = read_lengths(template, lengths)
    findings += wrong
    subject = Subject(template, values, longest)
    findings += [found for check in CHECKS for found in check(subject)]
    return sorted(findings, key=_place)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are per severity, those without any too."""
    told = Counter(found.severity for found in findings)
    return {str(severity): told[severity] for severity in Severity}


def _place(found: Finding) -> tuple[int, int, tuple[tuple[int, str], ...], int, str]:
    top = re.split(r"[.\[]", found.field, maxsplit=1)[0]
    parts = tuple(
        (int(n or 0), text) for n, text in re.findall(r"([0-9]{1,9})|([^0-9]+)", found.field)
    )
    field = _FIELDS.get(top, len(_FIELDS))
    return _RANKS[found.severity], field, parts, found.start or 0, found.rule

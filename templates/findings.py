"""What is wrong with a template or a plan, in words for people and codes for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from templates.wording import errors, hints, warnings


class Severity(StrEnum):
    """What a finding means for sending."""

    ERROR = "error"  # it cannot be stored
    WARNING = "warning"  # the reviewers or the customer will probably mind
    HINT = "hint"  # worth knowing


@dataclass(frozen=True, slots=True)
class Rule:
    """Words of one rule; ``{limit}``, ``{count}`` and ``{detail}`` are filled where it has them.

    ``fix_ko``, ``fix_en``: what to do about it.
    """

    ko: str
    en: str
    fix_ko: str = ""
    fix_en: str = ""
    severity: Severity = Severity.ERROR


RULES: dict[str, Rule] = {
    code: Rule(*words, severity=severity)
    for severity, table in (
        (Severity.ERROR, errors.WORDS),
        (Severity.WARNING, warnings.WORDS),
        (Severity.HINT, hints.WORDS),
    )
    for code, words in table.items()
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``field`` is a path such as ``buttons[1].url_mobile``.

    ``start`` and ``end``: where in the field's text it is, or the first of ``count`` such places,
    in characters from 0 of the canonical text, if that is known.
    """

    field: str
    rule: str
    message_ko: str
    message_en: str
    limit: int | None = None
    line: int | None = None  # of the file, from 1, where it is known
    severity: Severity = Severity.ERROR
    count: int | None = None
    start: int | None = None
    end: int | None = None
    fix_ko: str = ""
    fix_en: str = ""


class TemplateProblem(ValueError):
    """A template or plan that cannot be used; ``findings`` name everything found, never empty."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.message_en}" for f in findings))
        self.findings = tuple(findings)


def finding(
    field: str,
    rule: str,
    detail: str = "",
    *,
    limit: int | None = None,
    count: int | None = None,
    at: tuple[int, int] | None = None,
) -> Finding:
    """A finding of one rule of the table. Raises KeyError for a rule that is not there."""
    words = RULES[rule]
    korean, english, fix_ko, fix_en = (
        text.format(detail=detail, limit=limit, count=count)
        for text in (words.ko, words.en, words.fix_ko, words.fix_en)
    )
    return Finding(
        field, rule, korean, english, limit,
        severity=words.severity, count=count, fix_ko=fix_ko, fix_en=fix_en,
        start=at and at[0], end=at and at[1],
    )  # fmt: skip

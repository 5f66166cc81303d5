"""The tables of words: no rule twice, no source that is not one."""

from templates.findings import RULES, Severity
from templates.wording import errors, hints, sources, warnings


def test_a_rule_has_one_severity() -> None:
    tables = (errors.WORDS, warnings.WORDS, hints.WORDS)
    assert sum(map(len, tables)) == len(RULES)
    for severity, table in zip(Severity, tables, strict=True):
        assert {RULES[code].severity for code in table} == {severity}


def test_sources_are_named_and_used() -> None:
    assert sources.OF_RULE.keys() <= RULES.keys()
    assert {tag for rule in RULES for tag in sources.of(rule)} == sources.SOURCES.keys()

"""Every rule speaks both languages, says what to do, and fills in what it mentions."""

import re

import pytest

from templates.findings import RULES, TemplateProblem, finding


@pytest.mark.parametrize("rule", RULES)
def test_both_languages_are_complete(rule: str) -> None:
    found = finding("f", rule, "DETAIL", limit=7777, count=9999)
    row = RULES[rule]
    for message, words in (
        (found.message_ko + found.fix_ko, row.ko + row.fix_ko),
        (found.message_en + found.fix_en, row.en + row.fix_en),
    ):
        assert not re.search(r"\{(detail|limit|count)|\{\{|\}\}", message)
        assert ("DETAIL" in message) == ("{detail}" in words)
        assert ("7777" in message) == ("{limit}" in words)
        assert ("9999" in message) == ("{count}" in words)
    assert (found.severity, found.count, found.limit) == (row.severity, 9999, 7777)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_to_do(rule: str) -> None:
    row = RULES[rule]
    assert all(text.strip() for text in (row.ko, row.en, row.fix_ko, row.fix_en))
    assert re.search("[가-힣]", row.ko)
    assert re.search("[가-힣]", row.fix_ko)
    assert (row.ko, row.en) != (row.fix_ko, row.fix_en)


def test_an_invented_rule_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        finding("f", "no_such_rule")


def test_a_problem_lists_all_its_findings() -> None:
    problem = TemplateProblem([finding("code", "required"), finding("x", "unknown_field")])
    assert [found.field for found in problem.findings] == ["code", "x"]
    assert str(problem) == "code: This field is required.; x: There is no such field."

"""Every rule speaks both languages and fills in what it mentions."""

import pytest

from templates.findings import RULES, TemplateProblem, finding


@pytest.mark.parametrize("rule", RULES)
def test_both_languages_are_complete(rule: str) -> None:
    found = finding("f", rule, "DETAIL", limit=7, count=9)
    for message, words in zip((found.message_ko, found.message_en), RULES[rule], strict=True):
        assert "{" not in message
        assert ("DETAIL" in message) == ("{detail}" in words)
        assert ("7" in message) == ("{limit}" in words)
        assert ("9" in message) == ("{count}" in words)
    assert any("가" <= ch <= "힣" for ch in found.message_ko)


def test_an_invented_rule_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        finding("f", "no_such_rule")


def test_a_problem_lists_all_its_findings() -> None:
    problem = TemplateProblem([finding("code", "required"), finding("x", "unknown_field")])
    assert [found.field for found in problem.findings] == ["code", "x"]
    assert str(problem) == "code: This field is required.; x: There is no such field."

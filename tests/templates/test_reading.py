"""Reading: a template or all its findings, and a look at what cannot be stored."""

from typing import Any

import pytest

from templates.findings import TemplateProblem
from templates.limits import PROVIDERS
from templates.reading import examine, read_template
from templates.template import Template
from tests.templates.rule_table import BASE, WEB


def test_a_sound_template_is_read_either_way() -> None:
    template, findings = examine(BASE)
    assert findings == []
    assert read_template(BASE) == template


@pytest.mark.parametrize(
    "data", [None, 5, [], "code", {}, {"content": "#{a"}, {"buttons": [WEB] * 9}, {3: 4}]
)
def test_what_cannot_be_stored_can_be_looked_at(data: Any) -> None:
    template, findings = examine(data)
    assert isinstance(template, Template)
    with pytest.raises(TemplateProblem) as caught:
        read_template(data)
    assert list(caught.value.findings) == findings


def test_what_is_wrong_reads_as_its_default() -> None:
    template, findings = examine({**BASE, "emphasis": "VIDEO", "security": 1, "name": 7})
    assert (template.emphasis, template.security, template.name) == ("NONE", False, "")
    assert template.content == BASE["content"]
    assert {one.field for one in findings} == {"emphasis", "security", "name"}


@pytest.mark.parametrize("row", PROVIDERS)
def test_limits_are_chosen_by_name(row: str) -> None:
    assert read_template({**BASE, "limits": row}).bounds is PROVIDERS[row]


@pytest.mark.parametrize("row", ["nobody", 5, ["nhn"], ""])
def test_unknown_limits_are_the_strict_ones(row: Any) -> None:
    template, findings = examine({**BASE, "limits": row})
    assert template.limits == "common"
    assert [(one.field, one.rule) for one in findings] == [("limits", "bad_choice")]


def test_null_is_absent() -> None:
    nothing = dict.fromkeys(set(Template.__slots__) - BASE.keys())
    assert read_template({**nothing, **BASE}) == read_template(BASE)


def test_a_hundred_unknown_names_are_enough() -> None:
    _, findings = examine({**BASE, **{f"x{i}": 1 for i in range(1_000)}})
    assert len(findings) == 100

"""Every rule: a template that keeps it, one that does not, and the field that is named."""

from dataclasses import fields
from pathlib import Path

import pytest

from templates.files import open_file
from templates.findings import RULES, Severity, TemplateProblem
from templates.limits import PROVIDERS, Limits
from templates.reading import read_template
from tests.templates.rule_rows import ERRORS, HINTS, WARNINGS
from tests.templates.rule_table import BASE, BOUNDS, FILES, Bound, Row, findings, found

ROWS = [*ERRORS, *WARNINGS, *HINTS]
BESIDE = ("sample", "lengths")


def test_every_rule_has_a_row() -> None:
    shown = {row.rule for row in ROWS} | {bound.rule for bound in BOUNDS} | FILES.keys()
    assert shown == RULES.keys()


def test_every_limit_has_a_row() -> None:
    assert {bound.limit for bound in BOUNDS} == {field.name for field in fields(Limits)}


def test_the_base_is_clean() -> None:
    assert findings({}) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.rule}-{row.field}")
def test_rules(row: Row) -> None:
    kept, broken = found(row.good), found(row.bad)
    assert (row.field, row.rule) not in kept
    told = broken[row.field, row.rule]
    assert told.severity is RULES[row.rule].severity
    if row.at is not None:
        assert (told.start, told.end) == row.at


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row not in ERRORS], ids=lambda row: f"{row.rule}-{row.field}"
)
def test_what_is_no_error_can_be_stored(row: Row) -> None:
    for changes in (row.good, row.bad):
        data = {name: value for name, value in {**BASE, **changes}.items() if name not in BESIDE}
        assert read_template(data).code


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: f"{row.rule}-{row.field}")
def test_errors_are_what_cannot_be_stored(row: Row) -> None:
    assert not [one for one in findings(row.good) if one.severity is Severity.ERROR]
    data = {name: value for name, value in {**BASE, **row.bad}.items() if name not in BESIDE}
    if row.rule.startswith("sample_"):
        assert read_template(data)
        return
    with pytest.raises(TemplateProblem) as caught:
        read_template(data)
    assert (row.field, row.rule) in {(one.field, one.rule) for one in caught.value.findings}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.limit)
def test_limits(bound: Bound, provider: str) -> None:
    row = PROVIDERS[provider]
    most: int = bound.most(row) if bound.most else getattr(row, bound.limit)
    key, limits = (bound.field, bound.rule), {"limits": provider}
    assert key not in found({**bound.build(most), **limits})
    told = found({**bound.build(most + bound.beyond), **limits})[key]
    if bound.limit != "variable":  # its range is told as a whole
        assert (told.limit, told.count) == (most, most + bound.beyond)


@pytest.mark.parametrize("rule", FILES)
def test_rules_of_files(rule: str, tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    told = []
    for raw in FILES[rule]:
        path.write_bytes(raw)
        told.append({(one.field, one.rule) for one in open_file(path).findings})
    assert ("", rule) not in told[0]
    assert ("", rule) in told[1]

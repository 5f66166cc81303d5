"""The tables of docs/templates.md say what the code holds."""

import re
from dataclasses import fields

from templates.buttons import KINDS, QuickKind
from templates.files import starters
from templates.limits import PROVIDERS, STRICT, Limits, differences
from templates.template import Template
from tests.test_docs import ROOT, read, rows_under

PAGE = "docs/templates.md"
TEXT = read(ROOT / PAGE)


def code(cell: str) -> list[str]:
    """What a cell names in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_field_is_told() -> None:
    told = [name for row in rows_under(PAGE, "## Fields") for name in code(row[0])]
    assert {"code", "name", "content"} < set(told)
    assert sorted(told) == sorted(Template.__slots__)


def test_buttons_are_as_told() -> None:
    rows = rows_under(PAGE, "## Buttons")
    assert [code(row[0])[0] for row in rows] == [str(kind) for kind in KINDS]
    for (_, _, must, may, name), needs in zip(rows, KINDS.values(), strict=True):
        assert name == (", ".join(needs.names) or "any")
        if not must.startswith("two of"):
            assert tuple(code(must)) == needs.must
        assert {*code(must), *code(may)} == set(needs.uses)
    replies = re.search(r"kinds ([^,]*(?:, `\w\w`)+)", TEXT)
    assert replies is not None
    assert sorted(code(replies[1])) == sorted(QuickKind)


def test_limits_are_as_told() -> None:
    told = {code(row[0])[0]: row[1] for row in rows_under(PAGE, "## Limits")}
    assert told == {f.name: f"{getattr(STRICT, f.name):,}" for f in fields(Limits)}


def test_differences_are_as_told() -> None:
    head, _, *rows = re.findall(
        r"^\|(.+)\|$", TEXT.partition("Where providers differ:")[2].partition("\n`nhn`")[0], re.M
    )
    names = [cell.strip() for cell in head.split("|")][1:]
    assert names == list(PROVIDERS)
    told = {}
    for row in rows:
        limit, *numbers = (cell.strip() for cell in row.split("|"))
        told[limit.strip("`")] = dict(zip(names, numbers, strict=True))
    assert told == {
        limit: {name: f"{number:,}" for name, number in row.items()}
        for limit, row in differences().items()
    }


def test_the_starters_are_as_told() -> None:
    told = [n for row in rows_under("docs/template-files.md", "## Starters") for n in code(row[0])]
    assert sorted(told) == list(starters())
    number = {21: "Twenty-one"}[len(told)]
    assert f"\n{number} notices that can be sent" in read(ROOT / "docs/template-files.md")

"""The fault matrix: every fault has a row in docs/faults.md and tests that carry its id."""

import ast
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
COUNTS = {"K": 14, "B": 5, "P": 17, "T": 2, "C": 4, "W": 2}
IDS = [f"{letter}{n:02d}" for letter, count in COUNTS.items() for n in range(1, count + 1)]
ID = re.compile(r"\b[KBPTCW][0-9]{2}\b")
NAMED = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")
RULE = re.compile(r"\bR[1-8]\b")
TEST = ast.FunctionDef | ast.AsyncFunctionDef
CELLS = 5  # id, fault, what a user sees, what Naru does, tests


@lru_cache
def carried() -> dict[str, set[str]]:
    """Test (``path::name``, or ``path`` for a whole module) → the ids its docstring carries."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = str(path.relative_to(ROOT))
        if path.name.startswith("test_"):
            found[name] = set(ID.findall(ast.get_docstring(tree) or ""))
        for node in ast.walk(tree):
            if isinstance(node, TEST) and node.name.startswith("test_"):
                said = ID.findall(ast.get_docstring(node) or "")
                found[f"{name}::{node.name}"] = set(said)
    return found


@lru_cache
def rows() -> dict[str, list[str]]:
    """Id → the cells of its row."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {cells[0]: cells for cells in table if ID.fullmatch(cells[0])}


def named() -> dict[str, set[str]]:
    """Id → the tests its row names."""
    return {id_: set(NAMED.findall(cells[-1])) for id_, cells in rows().items()}


def test_every_fault_has_one_row_that_says_everything() -> None:
    assert list(rows()) == IDS, "each once, in order"
    text = PAGE.read_text(encoding="utf-8")
    assert all(len(re.findall(rf"^\| {id_} \|", text, re.MULTILINE)) == 1 for id_ in IDS)
    for cells in rows().values():
        assert len(cells) == CELLS, cells
        assert all(cells), f"{cells[0]} has an empty cell"


@pytest.mark.parametrize("id_", IDS)
def test_every_row_names_tests_that_carry_its_id(id_: str) -> None:
    tests = named()[id_]
    assert tests, "no test"
    assert {test for test in tests if id_ not in carried().get(test, set())} == set()


def test_every_test_that_carries_an_id_is_on_the_page() -> None:
    told = named()
    missing: dict[str, set[str]] = defaultdict(set)
    for test, ids in carried().items():
        for id_ in ids:
            if id_ not in told or test not in told[id_]:
                missing[id_].add(test)
    assert dict(missing) == {}


def test_an_unknown_id_or_a_test_that_is_gone_would_be_seen() -> None:
    assert "tests/test_faults.py::test_gone" not in carried()
    assert ID.findall("K01, K14 and W02, not K1 or XK01") == ["K01", "K14", "W02"]
    assert NAMED.findall("`tests/a/test_b.py::test_c`, `tests/d/test_e.py`") == [
        "tests/a/test_b.py::test_c",
        "tests/d/test_e.py",
    ]

"""The mutants still fit the source, and the tests they name exist."""

import ast
from pathlib import Path

import pytest

from tests import test_faults
from tests.mutations import __main__ as runner
from tests.mutations.mutant import ROOT, Mutant, Stale, address

RULES = [f"R{n}" for n in range(1, 9)]


@pytest.mark.parametrize("mutant", runner.ALL, ids=lambda one: f"{one.id} {one.says}")
def test_it_fits_and_is_python(mutant: Mutant) -> None:
    ast.parse(mutant.mutated())
    assert mutant.old != mutant.new


def defined(test: str) -> bool:
    """Whether a test is there; a class may have inherited it. Raises Stale."""
    path, *names = address(test).partition("[")[0].split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    here = {node.name for node in ast.walk(tree) if isinstance(node, NAMED)}
    conformance = ast.parse((ROOT / "tests/channels/conformance.py").read_text(encoding="utf-8"))
    inherited = {node.name for node in ast.walk(conformance) if isinstance(node, NAMED)}
    return all(name in here or name in inherited for name in names) and bool(names)


NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_every_named_test_exists() -> None:
    named = {test for mutant in runner.ALL for test in mutant.tests}
    assert {test for test in named if not defined(test)} == set()
    with pytest.raises(Stale, match="0 files"):
        defined("test_gone")


def test_every_rule_is_broken_once_at_least() -> None:
    assert {mutant.id for mutant in runner.ALL} >= set(RULES)
    known = {*RULES, *test_faults.IDS}
    assert {mutant.id for mutant in runner.ALL} <= known


def test_one_that_no_longer_fits_is_told() -> None:
    gone = Mutant("R1", "…", "make.py", "no such text", "", ())
    with pytest.raises(Stale, match="0 times"):
        gone.mutated()


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("assert f() == 2", "noticed"),
        ("assert f() > 0", "passes"),
        ("assert g() == 2", "broken: NameError"),
        ("import nowhere", "broken: ModuleNotFoundError"),
    ],
)
def test_only_a_test_that_ran_and_failed_counts(tmp_path: Path, body: str, verdict: str) -> None:
    (tmp_path / "code.py").write_text("def f():\n    return 1 + 1\n")
    (tmp_path / "test_it.py").write_text(
        f"from code import f\n\ndef test_it():\n    {body}\n".replace("from code", "from mine")
    )
    (tmp_path / "mine.py").write_text("def f():\n    return 1\n")
    found = runner.run(tmp_path, ["test_it.py::test_it"])
    said = runner.unnoticed(found, ["test_it.py::test_it"]) or "noticed"
    assert verdict in said


def test_a_test_that_cannot_be_collected_is_no_proof(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(:\n")
    found = runner.run(tmp_path, ["test_it.py::test_it"])
    assert runner.unnoticed(found, ["test_it.py::test_it"])

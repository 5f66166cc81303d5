"""The mutants still fit the source, and the tests they name exist."""

import ast
import subprocess
import sys
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


@pytest.mark.long
def test_every_named_test_is_found() -> None:
    """As pytest finds it, with its parameters."""
    named = sorted({test for mutant in runner.ALL for test in mutant.addresses()})
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*words, *named], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-1500:]}{done.stderr[-1500:]}"


def test_a_test_that_is_gone_is_told() -> None:
    with pytest.raises(Stale, match="0 files"):
        address("test_gone")


def test_every_rule_is_broken_once_at_least() -> None:
    assert {mutant.id for mutant in runner.ALL} >= set(RULES)
    known = {*RULES, *test_faults.IDS}
    assert {mutant.id for mutant in runner.ALL} <= known


def test_one_that_no_longer_fits_is_told() -> None:
    gone = Mutant("R1", "…", "make.py", "no such text", "", ())
    with pytest.raises(Stale, match="0 times"):
        gone.mutated()


@pytest.mark.long
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

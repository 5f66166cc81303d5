"""``python -m tests.mutations``: break each rule in a copy, and demand that its tests fail.

Nothing is changed in place. A test that cannot start does not count as failed: it must run.
Exit code: 0 all noticed, 1 one survived or no longer fits, 2 a test fails without any fault.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import make
from tests.mutations.faults import KEPT
from tests.mutations.mutant import ROOT, Mutant, Stale
from tests.mutations.providers import PROVIDERS
from tests.mutations.rules import RULES

ALL = (*RULES, *KEPT, *PROVIDERS)
AT_ONCE = 2
LONGEST_S = 300
# a mutant that cannot even be imported proves nothing
NO_PROOF = ("SyntaxError", "ImportError", "ModuleNotFoundError", "NameError")


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; prints a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--only", action="append", help="an id, like R3 or K04; may be repeated")
    parser.add_argument("--no-check", action="store_true", help="do not run the tests unbroken")
    asked = parser.parse_args(words)
    chosen = [one for one in ALL if not asked.only or one.id in asked.only]
    if not chosen:
        parser.error(f"no such id; there are {', '.join(dict.fromkeys(one.id for one in ALL))}")
    began = time.monotonic()
    with copies(AT_ONCE) as folders, ThreadPoolExecutor(AT_ONCE) as pool:
        if not asked.no_check:
            wrong = unbroken(folders, chosen)
            if wrong:
                tell(f"fails without any fault:\n  {wrong}")
                return 2
        verdicts = list(pool.map(lambda one: judge(folders, one), chosen))
    survived = sum(verdict != "" for verdict in verdicts)
    took_s = time.monotonic() - began
    tell(f"{len(chosen) - survived} of {len(chosen)} faults noticed, in {took_s:.0f} s")
    return 1 if survived else 0


class copies:
    """Copies of the project's files, in a temporary folder; a queue of those that are free."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __enter__(self) -> SimpleQueue[Path]:
        self._folder = Path(tempfile.mkdtemp(prefix="naru-mutants-"))
        free: SimpleQueue[Path] = SimpleQueue()
        for n in range(self._count):
            copy = self._folder / str(n)
            for path in make.files(ROOT):
                there = copy / path.relative_to(ROOT)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, there)
            free.put(copy)
        return free

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def judge(folders: SimpleQueue[Path], mutant: Mutant) -> str:
    """Nothing when its tests notice it, else why not; a line of the table is printed."""
    folder = folders.get()
    began = time.monotonic()
    try:
        path, tests = mutant.place(folder), mutant.addresses(folder)
        text = path.read_bytes()
        path.write_text(mutant.mutated(folder), encoding="utf-8")
        try:
            verdict = unnoticed(run(folder, tests), tests)
        finally:
            path.write_bytes(text)
    except Stale as stale:
        verdict = f"no longer fits: {stale}"
    finally:
        folders.put(folder)
    took_s = time.monotonic() - began
    word = "SURVIVED" if verdict else "noticed"
    tell(f"{mutant.id:<4} {word:<9}{took_s:6.1f} s  {mutant.says}")
    if verdict:
        tell(f"     {verdict}")
    return verdict


def unbroken(folders: SimpleQueue[Path], chosen: Sequence[Mutant]) -> str:
    """What fails in an unchanged copy."""
    folder = folders.get()
    tests = sorted({test for one in chosen for test in one.addresses(folder)})
    found = run(folder, tests, limit_s=LONGEST_S * 4)
    folders.put(folder)
    return "\n  ".join(name for name, outcome in found if outcome != "passed")


def run(folder: Path, tests: Sequence[str], limit_s: float = LONGEST_S) -> list[tuple[str, str]]:
    """(test, ``passed``, ``failed`` or why it did not run) of every test and parameter."""
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    options = (f"--junitxml={report}", "--color=no", "--no-header")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NARU_CRASH_AT", None)
    try:
        done = subprocess.run(
            [*words, *options], cwd=folder, env=environment, capture_output=True, text=True,
            timeout=limit_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [(", ".join(tests), "out of time")]
    if not report.exists():
        return [(", ".join(tests), done.stdout[-500:] + done.stderr[-500:])]
    return list(outcomes(report))


def outcomes(report: Path) -> Iterator[tuple[str, str]]:
    """What a JUnit report says of each test."""
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure, error = case.find("failure"), case.find("error")
        if error is not None:
            yield name, f"did not run: {error.get('message')}"
        elif failure is not None:
            message = failure.get("message") or ""
            proves = not message.startswith(NO_PROOF)
            yield name, "failed" if proves else f"broken: {message[:200]}"
        else:
            yield name, "passed" if case.find("skipped") is None else "skipped"


def unnoticed(found: Sequence[tuple[str, str]], tests: Sequence[str]) -> str:
    """Why a mutant is not noticed: a test without a failure, or one that did not run."""
    for name, outcome in found:
        if outcome not in ("passed", "failed"):
            return f"{name}: {outcome}"
    for test in tests:
        path, _, rest = test.partition("::")
        place = ".".join((path.removesuffix(".py").replace("/", "."), *rest.split("::")))
        mine = [outcome for name, outcome in found if name == place or name.startswith(f"{place}[")]
        if "failed" not in mine:
            return f"{test} passes" if mine else f"{test} did not run"
    return ""


def tell(line: str) -> None:
    """To the screen, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""The list of reasons to skip holds: shared server, honest summary, nothing left running."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests import needs

ROOT = Path(__file__).parent.parent


def run(folder: Path, text: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one test file with the plugin in a pytest of its own."""
    (folder / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.needs", "-p", "no:cacheprovider"]
    clean = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith(("NARU", "PYT"))}
    return subprocess.run(
        [*command, "-c", os.devnull, f"--rootdir={folder}", *words, str(folder / "test_it.py")],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**clean, "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip


BROWSER = "from tests import needs\ndef test_it(): needs.browser_path()\n"


def test_a_missing_need_is_skipped_and_said(tmp_path: Path) -> None:
    done = run(tmp_path, BROWSER, PATH="")
    assert done.returncode == 0
    assert "Skipped: 1\n  1 x browser: no Chromium or Chrome on this machine\n" in done.stdout


def test_in_ci_a_missing_need_fails(tmp_path: Path) -> None:
    done = run(tmp_path, BROWSER, PATH="", CI="true")
    assert done.returncode == 1
    assert "Skipped: 0\n" in done.stdout


@pytest.mark.parametrize("words", [(), ("-n", "2")])
def test_a_reason_of_its_own_fails_the_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    text = "import pytest\n@pytest.mark.skip(reason='slow today')\ndef test_it(): pass\n"
    done = run(tmp_path, text, *words)
    assert done.returncode == 1
    assert "1 x slow today  <- not on the list" in done.stdout


def test_a_reason_that_is_not_listed_cannot_be_given() -> None:
    with pytest.raises(AssertionError, match="no reason to skip"):
        needs.missing("weather", "rain")


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_it(): pass\n", "-m", "not long")
    assert "Skipped: 0\nLeft out: tests marked long (make test-all runs them)\n" in done.stdout


MIXED = """
import pytest
@pytest.fixture(params=["sqlite", "postgres"])
def store(request): return request.param
def test_plain(): pass
def test_on(store): pass
@pytest.mark.long
def test_long(): pass
"""


@pytest.mark.parametrize("words", [(), ("-n", "2")])
def test_after_test_only_what_differs_runs(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, MIXED, "-v", "--after-test", "-W", "ignore", *words)
    ran = sorted(
        line.split("::")[1].split()[0] for line in done.stdout.splitlines() if "::" in line
    )
    assert set(ran) == {"test_long", "test_on[postgres]"}
    assert "Left out: tests that make test runs in the very same way" in done.stdout


WORKERS = """
import os, pathlib, pytest
from tests import needs

@pytest.fixture
def postgres():
    with needs.fresh_database() as url:
        yield url

@pytest.mark.parametrize("n", range(4))
def test_it(n, postgres):
    server = needs.postgres_url()
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{os.environ[needs.FOLDER]} {server} {postgres} {os.getpid()}\\n")
"""


def test_workers_share_one_server_that_is_gone_afterwards(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    done = run(tmp_path, WORKERS, "-n", "2", NOTES=str(notes), CI="true")
    assert done.returncode == 0, done.stdout
    rows = [line.split() for line in notes.read_text().splitlines()]
    folders, servers, databases, workers = (set(column) for column in zip(*rows, strict=True))
    assert (len(folders), len(servers), len(databases), len(workers)) == (1, 1, 4, 2)
    assert not Path(folders.pop()).exists()
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(asyncpg.connect(servers.pop()))


def test_a_fresh_database_copies_its_template_and_leaves_nothing() -> None:
    with needs.fresh_database() as first:
        needs.ask(plain(first), "CREATE TABLE kept (n int)")
        with needs.fresh_database(template=first.rpartition("/")[2]) as second:
            needs.ask(plain(second), "INSERT INTO kept VALUES (1)")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        needs.ask(plain(second), "SELECT 1")


def plain(url: str) -> str:
    """Give the address as asyncpg itself reads it."""
    return url.replace("+asyncpg", "")

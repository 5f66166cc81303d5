"""How long a commit takes while another process commits in a loop (SQLite, our transaction)."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.db.session import Database
from benchmarks.harness import Benchmark

COMMITS = 400
LONGEST_S = 15.0  # a starved writer is not waited for longer
ROOT = Path(__file__).resolve().parent.parent


def open_database(folder: Path, turnstile: bool) -> Database:
    """Open the product's database, or the same without its turnstile (SQLite's busy handler)."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'naru.db'}", folder)
    if not turnstile:
        database._turnstile = None
    return database


async def commit_once(database: Database) -> None:
    """Commit a row, the smallest thing the product ever writes."""
    async with database.write() as tx:
        await tx.conn.exec_driver_sql("INSERT INTO note (at) VALUES (?)", (time.time_ns(),))


async def commit_times(folder: Path, turnstile: bool) -> list[float]:
    """Commit again and again; returns the time of each in milliseconds."""
    database = open_database(folder, turnstile)
    times: list[float] = []
    end = time.monotonic() + LONGEST_S
    try:
        while len(times) < COMMITS and time.monotonic() < end:
            began = time.perf_counter()
            try:
                await commit_once(database)
            except OperationalError as error:  # "database is locked", after the whole busy time-out
                if "locked" not in str(error):
                    raise
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.001)  # a server commits when a request arrives, not in a loop
    finally:
        await database.close()
    return times


async def create(folder: Path) -> None:
    """Make the table."""
    database = open_database(folder, turnstile=True)
    async with database.schema_change() as connection:
        await connection.exec_driver_sql("CREATE TABLE note (at INTEGER)")
    await database.close()


async def disturb(folder: Path, turnstile: bool) -> None:
    """Commit in a loop until killed: the other process."""
    database = open_database(folder, turnstile)
    await commit_once(database)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        await commit_once(database)


@contextmanager
def neighbour(folder: Path, turnstile: bool) -> Iterator[None]:
    """Have another process commit in a loop meanwhile."""
    mode = "turnstile" if turnstile else "plain"
    words = [sys.executable, "-m", "benchmarks.sqlite_commit", str(folder), mode]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.kill()


def alone(turnstile: bool) -> Callable[[Path], float]:
    """Build the side: p50 with nobody else there."""

    def side(folder: Path) -> float:
        asyncio.run(create(folder))
        return statistics.median(asyncio.run(commit_times(folder, turnstile)))

    return side


def contended(turnstile: bool) -> Callable[[Path], float]:
    """Build the side: p95 beside the other process."""

    def side(folder: Path) -> float:
        asyncio.run(create(folder))
        with neighbour(folder, turnstile):
            times = asyncio.run(commit_times(folder, turnstile))
        return statistics.quantiles(times, n=20, method="inclusive")[-1]

    return side


BENCHMARKS = [
    Benchmark(
        key="sqlite_commit_p95_contended_over_p50_alone",
        says="p95 of a commit while another process commits in a loop, over p50 alone",
        unit="ms",
        sides={
            "p50 alone": alone(turnstile=True),
            "p95 contended": contended(turnstile=True),
            "p50 alone, no turnstile": alone(turnstile=False),
            "p95 contended, no turnstile": contended(turnstile=False),
        },
        value=lambda measures: measures["p95 contended"] / measures["p50 alone"],
        target=50,
    )
]

if __name__ == "__main__":
    asyncio.run(disturb(Path(sys.argv[1]), turnstile=sys.argv[2] == "turnstile"))

"""Crash points kill where they are asked to, and are nothing otherwise."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PASS = """
from app.crash import crash_at
for i in range(4):
    crash_at("K03")
    print(i, flush=True)
    crash_at("K04")
"""
LATER = """
import asyncio
from app.crash import crash_at

async def main():
    crash_at("K04", after_s=0.05)
    print("sent", flush=True)
    await asyncio.sleep(10)
    print("alive", flush=True)

asyncio.run(main())
"""
SOURCES = Path(__file__).parents[2]


def run(code: str, point: str | None) -> tuple[int, list[str]]:
    env = {name: value for name, value in os.environ.items() if name != "NARU_CRASH_AT"}
    if point is not None:
        env["NARU_CRASH_AT"] = point
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("point", "code", "passed"),
    [
        (None, 0, 4),
        ("", 0, 4),
        ("K99", 0, 4),
        ("K03", -signal.SIGKILL, 0),
        ("K04", -signal.SIGKILL, 1),
        ("K04:1", -signal.SIGKILL, 1),
        ("K04:3", -signal.SIGKILL, 3),
        ("K04:5", 0, 4),
    ],
)
def test_it_dies_at_the_nth_passing(point: str | None, code: int, passed: int) -> None:
    assert run(PASS, point) == (code, [str(i) for i in range(passed)])


def test_it_may_let_bytes_leave_first() -> None:
    assert run(LATER, "K04") == (-signal.SIGKILL, ["sent"])


def test_every_point_has_one_place() -> None:
    """A fault test that names a point must hit exactly the place it means."""
    places = [
        point
        for folder in ("app", "scheduler")
        for path in sorted(SOURCES.glob(f"{folder}/**/*.py"))
        for point in re.findall(r'crash_at\("(K\d\d)"', path.read_text())
    ]
    assert places
    assert len(places) == len(set(places))

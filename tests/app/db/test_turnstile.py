"""The fair turnstile: everybody gets a turn, and no end of a waiter or holder blocks the rest."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.db.turnstile import Turnstile

LOOP = """
import asyncio, sys, time
from pathlib import Path
from app.db.turnstile import Turnstile

async def main():
    turnstile, count = Turnstile(Path(sys.argv[1])), 0
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        async with turnstile:
            await asyncio.sleep(0.002)  # a commit
            count += 1
    print(count)

asyncio.run(main())
"""
HOLD = """
import asyncio, sys
from pathlib import Path
from app.db.turnstile import Turnstile

async def main():
    async with Turnstile(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def start(code: str, *words: str) -> subprocess.Popen[str]:
    """A process that has said it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_processes_share_fairly(tmp_path: Path) -> None:
    processes = [start(LOOP, str(tmp_path), "1.5") for _ in range(2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate(timeout=20)[0]) for process in processes]
    assert min(counts) > 20
    assert 0.5 <= counts[0] / counts[1] <= 2


async def test_a_killed_holder_frees_it(tmp_path: Path) -> None:
    process = start(HOLD, str(tmp_path))
    turnstile = Turnstile(tmp_path)
    waiting = asyncio.create_task(once(turnstile))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.wait_for(waiting, 60)
    process.communicate()
    turnstile.close()


async def once(turnstile: Turnstile) -> None:
    async with turnstile:
        await asyncio.sleep(0)


async def test_only_one_is_inside(tmp_path: Path) -> None:
    """Tasks of one process and of two."""
    one, two = Turnstile(tmp_path), Turnstile(tmp_path)
    inside, most = 0, 0

    async def enter(turnstile: Turnstile) -> None:
        nonlocal inside, most
        async with turnstile:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(enter(one if i % 3 else two) for i in range(40)))
    assert most == 1
    one.close()
    two.close()


async def test_an_exception_releases(tmp_path: Path) -> None:
    one, two = Turnstile(tmp_path), Turnstile(tmp_path)

    async def fail() -> None:
        async with one:
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    await asyncio.wait_for(once(two), 60)
    await asyncio.wait_for(once(one), 60)
    one.close()
    two.close()


@pytest.mark.parametrize("cancels", [1, 2, 3])
async def test_a_cancelled_waiter_leaves_no_lock_behind(tmp_path: Path, cancels: int) -> None:
    """Cancelled once or again while its thread still waits: it may never keep what it grabs."""
    mine, other = Turnstile(tmp_path), Turnstile(tmp_path)
    async with other:
        waiter = asyncio.create_task(once(mine))
        behind = asyncio.create_task(once(mine))
        await asyncio.sleep(0.05)
        for _ in range(cancels):
            waiter.cancel()
            await asyncio.sleep(0.01)
        done, _ = await asyncio.wait({waiter}, timeout=1)
        assert done == {waiter}  # a request that is given up ends at once
        await asyncio.sleep(0.02)
        assert not behind.done()
    await asyncio.wait_for(behind, 60)
    await asyncio.wait_for(once(other), 60)
    await asyncio.wait_for(once(mine), 60)
    with pytest.raises(asyncio.CancelledError):
        await waiter
    mine.close()
    other.close()


async def test_one_cancelled_before_its_turn_takes_nothing(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path)
    async with turnstile:
        waiter = asyncio.create_task(once(turnstile))
        await asyncio.sleep(0.01)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
    await asyncio.wait_for(once(turnstile), 60)
    turnstile.close()


def test_its_files_are_private(tmp_path: Path) -> None:
    Turnstile(tmp_path / "var").close()
    assert {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "var").iterdir()} == {
        "gate": 0o600,
        "write": 0o600,
    }

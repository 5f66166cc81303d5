"""Threads share one heap: counted by the C library itself, in a process of its own."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from app.db import heap

# four connections at once, each in its thread; then the C library's own account of its heaps
COUNT = """
import asyncio, ctypes, sys, uvloop
from pathlib import Path
from sqlalchemy import text
from app.db.session import Database

async def read(database, all_open):
    async with database.read() as session:
        await session.exec(text("SELECT randomblob(3000)"))
        await all_open.wait()

async def main():
    folder = Path(sys.argv[1])
    database = Database(f"sqlite+aiosqlite:///{folder / 'naru.db'}", folder)
    async with database.write():
        pass
    all_open = asyncio.Barrier(4)
    await asyncio.gather(*(read(database, all_open) for _ in range(4)))
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(str(folder / "heaps").encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    await database.close()
    print((folder / "heaps").read_text().count("<heap nr="))

uvloop.run(main())
"""


def test_all_connections_share_one(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", COUNT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "1", ran.stdout + ran.stderr


def test_other_c_libraries_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # it has no mallopt
    heap.share()

"""A fair turnstile of two file locks before SQLite's single writer.

SQLite's busy handler sleeps and retries, so a process that commits in a loop starves another for
seconds. Here a writer first waits at the gate: whoever stands there is next, and the one that has
just written must queue behind it.
"""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType


class Turnstile:
    """``async with turnstile:`` holds the right to write, across processes and tasks."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._gate = os.open(folder / "gate", os.O_RDWR | os.O_CREAT, 0o600)
        self._write = os.open(folder / "write", os.O_RDWR | os.O_CREAT, 0o600)
        self._mine = asyncio.Lock()  # tasks of this process, first come first served

    def close(self) -> None:
        """Give the files back."""
        os.close(self._gate)
        os.close(self._write)

    async def __aenter__(self) -> None:
        await self._mine.acquire()
        try:
            if self._grab_now():
                return
            grabbing = asyncio.get_running_loop().run_in_executor(None, self._grab)
        except BaseException:
            self._mine.release()
            raise
        try:
            await asyncio.shield(grabbing)
        except BaseException:
            # the thread cannot be stopped: what it still grabs is given back at once, and until
            # then no other task of this process may try
            grabbing.add_done_callback(self._give_back)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._let_go()

    def _give_back(self, grabbed: asyncio.Future[None]) -> None:
        if grabbed.exception() is None:
            self._let_go()
        else:
            self._mine.release()

    def _let_go(self) -> None:
        fcntl.flock(self._write, fcntl.LOCK_UN)
        self._mine.release()

    def _grab_now(self) -> bool:
        """The common case, nobody else there: two system calls, no thread."""
        try:
            fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            fcntl.flock(self._write, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
            return False
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        return True

    def _grab(self) -> None:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        fcntl.flock(self._write, fcntl.LOCK_EX)
        fcntl.flock(self._gate, fcntl.LOCK_UN)

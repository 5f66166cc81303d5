"""Wake-up hints from app to scheduler: lost ones only cost the poll interval."""

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Protocol

import asyncpg

from app.db.notifier import Notifier


class Hints(Protocol):
    """Send after a commit; wait in the scheduler."""

    async def send(self) -> None:
        """Say that there is work; never fails."""
        ...

    async def wait(self) -> None:
        """Return at the next hint."""
        ...

    async def listen(self) -> None:
        """Start to receive, or again after a lost connection; only the scheduler does."""
        ...

    async def close(self) -> None:
        """Give sockets and connections back."""
        ...


class SocketHints:
    """A datagram to ``wake.sock`` beside the SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "wake.sock")
        self._out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._out.setblocking(False)
        self._in: socket.socket | None = None
        self._event = asyncio.Event()

    async def send(self) -> None:
        """Never blocks and never fails: nobody may be listening, or the path may be too long."""
        self._event.set()
        with contextlib.suppress(OSError):
            self._out.sendto(b"1", self._path)

    async def listen(self) -> None:
        """Bind the socket; a path the system refuses leaves only the poll."""
        if self._in:
            return
        with contextlib.suppress(OSError):
            _remove(self._path)
            inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            inbox.setblocking(False)
            try:
                inbox.bind(self._path)
            except OSError:
                inbox.close()
                raise
            self._in = inbox
            asyncio.get_running_loop().add_reader(inbox, self._read)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while self._in and self._in.recv(64):
                pass
        self._event.set()

    async def wait(self) -> None:
        """Return at the next hint."""
        await self._event.wait()
        self._event.clear()

    async def close(self) -> None:
        """Remove the socket."""
        self._out.close()
        if self._in:
            asyncio.get_running_loop().remove_reader(self._in)
            self._in.close()
            _remove(self._path)


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


class PostgresHints:
    """NOTIFY without words, gathered by the process's one notifying connection."""

    CHANNEL = "naru"

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._event = asyncio.Event()
        self._listener: asyncpg.Connection | None = None

    async def send(self) -> None:
        """Several at once become one."""
        self._event.set()
        self._notifier.tell(self.CHANNEL)

    async def listen(self) -> None:
        """Subscribe; without a connection only the poll is left. A lost one counts as a hint."""
        if self._listener and not self._listener.is_closed():
            return
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await self._notifier.connect()
            connection.add_termination_listener(lambda *_: self._event.set())
            await connection.add_listener(self.CHANNEL, lambda *_: self._event.set())
            self._listener = connection

    async def wait(self) -> None:
        """Return at the next hint."""
        await self._event.wait()
        self._event.clear()

    async def close(self) -> None:
        """Close our listener; the notifier is the database's."""
        if self._listener:
            await self._listener.close()

"""Bells: after a commit that told something, every app process that listens is woken.

The other way round than :mod:`app.db.hints`: any process rings, every app process hears. They
also carry short words that nobody keeps, such as who is typing. A lost ring only costs the poll
interval of the feed; a lost word is said again.

SQLite: each listener binds a datagram socket in ``bells/`` of the data folder, and who rings
sends to all that are there. PostgreSQL: one NOTIFY channel.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import asyncpg

from app.db.notifier import Notifier
from app.ids import new_token

LONGEST = 4_000  # bytes of words; PostgreSQL carries 8,000
RING = ""  # no words: something was committed

Heard = Callable[[str], None]


class Bells(Protocol):
    """Ring after a commit; listen in the app."""

    async def ring(self, words: str = RING, *, own: bool = True) -> None:
        """Wake every listener, with words of at most ``LONGEST`` bytes; never fails.

        ``own``: this process's too.
        """
        ...

    async def listen(self, heard: Heard) -> None:
        """Call ``heard`` at each ring from now on; again after a lost connection."""
        ...

    async def close(self) -> None:
        """Give sockets and connections back."""
        ...


class SocketBells:
    """Datagrams to every socket in ``bells/``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "bells"
        self._out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._out.setblocking(False)
        self._in: socket.socket | None = None
        self._path = ""
        self._heard: Heard | None = None
        self._there: list[str] = []
        self._as_of = -1  # when the folder changed last, as far as ``_there`` knows

    async def ring(self, words: str = RING, *, own: bool = True) -> None:
        """Never blocks: who is full is awake anyway, and a dead listener's socket is removed."""
        data = words.encode()[:LONGEST]
        for path in self._listeners():
            if path == self._path:
                continue
            try:
                self._out.sendto(data, path)
            except ConnectionRefusedError:
                with contextlib.suppress(OSError):
                    os.unlink(path)
            except OSError:
                continue
        if self._heard and own:
            self._heard(words)

    def _listeners(self) -> list[str]:
        """Read the folder again only when it has changed; one look costs two microseconds."""
        try:
            now = os.stat(self._folder).st_mtime_ns
            if now != self._as_of:
                self._there = [entry.path for entry in os.scandir(self._folder)]
                self._as_of = now
        except OSError:
            self._there = []
        return self._there

    async def listen(self, heard: Heard) -> None:
        """Bind a socket of our own; a path the system refuses leaves only the poll."""
        self._heard = heard
        if self._in:
            return
        with contextlib.suppress(OSError):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            path = str(self._folder / f"{os.getpid()}-{new_token()[:8]}")
            inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            inbox.setblocking(False)
            try:
                inbox.bind(path)
            except OSError:
                inbox.close()
                raise
            self._in, self._path = inbox, path
            asyncio.get_running_loop().add_reader(inbox, self._read)

    def _read(self) -> None:
        """All that has come: many rings are one, words are passed on singly."""
        said: list[str] = []
        with contextlib.suppress(OSError):
            while self._in:
                said.append(self._in.recv(LONGEST + 1).decode("utf-8", "replace"))
        if self._heard and said:
            for words in dict.fromkeys(said):
                self._heard(words)

    async def close(self) -> None:
        """Remove the socket."""
        self._out.close()
        self._heard = None
        if self._in:
            asyncio.get_running_loop().remove_reader(self._in)
            self._in.close()
            self._in = None
            Path(self._path).unlink(missing_ok=True)  # noqa: ASYNC240


class PostgresBells:
    """NOTIFY with the words as payload, by the process's one notifying connection."""

    CHANNEL = "naru_bells"

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._heard: Heard | None = None
        self._listener: asyncpg.Connection | None = None

    async def ring(self, words: str = RING, *, own: bool = True) -> None:
        """Our own listener hears at once, the others by NOTIFY."""
        self._notifier.tell(self.CHANNEL, words[:LONGEST])
        if self._heard and own:
            self._heard(words)

    async def listen(self, heard: Heard) -> None:
        """Subscribe; without a connection only the poll is left. A lost one counts as a ring."""
        self._heard = heard
        if self._listener and not self._listener.is_closed():
            return
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await self._notifier.connect()
            connection.add_termination_listener(lambda *_: self._hear(RING))
            await connection.add_listener(self.CHANNEL, self._notified)
            self._listener = connection

    def _notified(self, _: object, pid: int, __: str, words: object) -> None:
        if pid != self._notifier.pid:  # what we said ourselves was heard already
            self._hear(str(words))

    def _hear(self, words: str) -> None:
        if self._heard:
            self._heard(words)

    async def close(self) -> None:
        """Close our listener; the notifier is the database's."""
        self._heard = None
        if self._listener:
            await self._listener.close()
            self._listener = None

"""The one connection by which a process sends NOTIFY on PostgreSQL.

NOTIFY goes after the commit and by a connection of its own: inside the transaction it would make
all commits queue behind one lock. What is told while one is under way leaves together.
"""

import asyncio
import contextlib

import asyncpg

GATHER_S = 0.002  # after each: a flood becomes at most five hundred statements a second


class Notifier:
    """Tell channels; never fails and never waits."""

    def __init__(self, url: str) -> None:
        plain = url.replace("postgresql+asyncpg://", "postgresql://")
        self._url = plain.replace("?ssl=", "?sslmode=").replace("&ssl=", "&sslmode=")
        self._wanted = asyncio.Event()
        self._told: dict[tuple[str, str], None] = {}
        self._sender: asyncio.Task[None] | None = None
        self.pid = 0  # the server's process behind the sending connection

    def tell(self, channel: str, words: str = "") -> None:
        """Ask the sending task for a NOTIFY; the same twice becomes one."""
        self._told[channel, words] = None
        self._wanted.set()
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def connect(self) -> asyncpg.Connection:
        """A connection. Raises OSError, asyncpg.PostgresError, asyncpg.InterfaceError."""
        return await asyncpg.connect(self._url)

    async def _send(self) -> None:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await self.connect()
            self.pid = connection.get_server_pid()
            try:
                # a NOTIFY is a commit, and this one need not outlive anything
                await connection.execute("SET synchronous_commit = off")
                while True:
                    await self._wanted.wait()
                    self._wanted.clear()
                    told, self._told = self._told, {}
                    await connection.execute(";".join(_statement(*one) for one in told))
                    await asyncio.sleep(GATHER_S)
            finally:
                connection.terminate()
        self._told = {}

    async def close(self) -> None:
        """Stop the sending task."""
        if self._sender:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender


def _statement(channel: str, words: str) -> str:
    """One NOTIFY; NUL is no letter of a text in PostgreSQL."""
    if not words:
        return f"NOTIFY {channel}"
    quoted = words.replace("\0", "").replace("'", "''")
    return f"NOTIFY {channel}, '{quoted}'"

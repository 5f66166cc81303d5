"""A way to PostgreSQL that breaks on demand: closed, or cut at a COMMIT."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

COMMIT = b"COMMIT;"
DONE_S = 0.3  # how long the server gets to finish a commit whose answer nobody will hear


@dataclass(eq=False)
class Line:
    """One connection through the proxy."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]  # ours, the server's
    mute: bool = False

    def hang_up(self) -> None:
        """Both ends see a reset."""
        for writer in self.writers:
            writer.transport.abort()


@dataclass
class Proxy:
    """``cut``: "before" or "after" the next COMMIT happens its connection is lost, once."""

    host: str
    upstream: int
    is_open: bool = True
    cut: str = ""
    lines: set[Line] = field(default_factory=set)

    def down(self) -> None:
        """As if the server were stopped at once: connections die, new ones are refused."""
        self.is_open = False
        for line in tuple(self.lines):
            line.hang_up()

    def up(self) -> None:
        """It is back."""
        self.is_open = True

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self.is_open:
            writer.transport.abort()
            return
        answers, out = await asyncio.open_connection(self.host, self.upstream)
        line = Line((writer, out))
        self.lines.add(line)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._ask(reader, out, line), self._answer(answers, writer, line))
        self.lines.discard(line)
        line.hang_up()

    async def _ask(
        self, reader: asyncio.StreamReader, out: asyncio.StreamWriter, line: Line
    ) -> None:
        while data := await reader.read(65_536):
            cut = self.cut if COMMIT in data else ""
            if cut:
                self.cut, line.mute = "", True
            if cut != "before":
                out.write(data)
                await out.drain()
            if cut == "after":
                await asyncio.sleep(DONE_S)
            if cut:
                break
        line.hang_up()

    async def _answer(
        self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line
    ) -> None:
        while data := await answers.read(65_536):
            if not line.mute:
                writer.write(data)
                await writer.drain()
        line.hang_up()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[tuple[str, Proxy]]:
    """The address of a database by way of a proxy, and the proxy."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.netloc.rpartition('@')[0]}@"
    try:
        yield parts._replace(netloc=f"{user}127.0.0.1:{port}").geturl(), proxy
    finally:
        server.close()
        proxy.down()
        await server.wait_closed()

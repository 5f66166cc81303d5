"""A server of somebody else's: counts connections, keeps requests, answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Heard:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = [f"HTTP/1.1 {code} X", "Content-Length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Consumer:
    """``answer`` makes the bytes of an answer, after ``hangs_s`` and once ``gate`` is open."""

    answer: Callable[[Heard], bytes] = lambda heard: OK
    hangs_s: float = 0.0
    gate: asyncio.Event | None = None
    connections: int = 0
    heard: list[Heard] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    port: int = 0
    something: asyncio.Event = field(default_factory=asyncio.Event)  # was heard

    def url(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """An address of it."""
        return f"{scheme}://{host}:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The ``webhook-id`` of everything heard."""
        return [one.headers["webhook-id"] for one in self.heard]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await self._speak(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # they left
        finally:
            self.busy -= 1
            writer.close()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        heard = Heard(line, headers, body)
        self.heard.append(heard)
        self.something.set()
        gate = self.gate  # as it is when the request comes
        await asyncio.sleep(self.hangs_s)
        if gate is not None:
            await gate.wait()
        writer.write(self.answer(heard))
        await writer.drain()


@asynccontextmanager
async def serving(
    consumer: Consumer, trust: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Consumer]:
    """The consumer, listening."""
    server = await asyncio.start_server(consumer.take, host, 0, ssl=trust)
    consumer.port = server.sockets[0].getsockname()[1]
    try:
        yield consumer
    finally:
        server.close()
        await server.wait_closed()

"""A small client on raw sockets: one request at a time, and streams that call at each event.

A general HTTP client would take longer than what is measured with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

Heard = Callable[[bytes], None]


class Line:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str):
        self._reader, self._writer, self._host = reader, writer, host

    @classmethod
    async def to(cls, url: str) -> Line:
        """Connect to an address; its path does not matter."""
        at = urlsplit(url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        return cls(reader, writer, at.netloc)

    async def close(self) -> None:
        """Let go; a connection that broke is gone already."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Write a request."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        self._writer.write("\r\n".join(lines).encode() + body)

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> bytes:
        """A request and its answer's body; anything but 2xx is a mistake of ours."""
        self.send(method, path, headers, body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, _, rest = head.lower().partition(b"\r\n")
        assert status.split()[1].startswith(b"2"), head
        if b"transfer-encoding: chunked" in rest:
            return await self._chunks()
        size = int(rest.partition(b"content-length:")[2].split(b"\r\n")[0])
        return await self._reader.readexactly(size)

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readuntil(b"\r\n")
        return body

    async def listen(self, path: str, headers: Mapping[str, str], heard: Heard) -> None:
        """Call ``heard`` with the data of each event until cancelled."""
        self.send("GET", path, headers)
        await self._reader.readuntil(b"\r\n\r\n")
        while True:
            line = await self._reader.readline()
            if not line:
                return
            if line.startswith(b"data: "):
                heard(line[6:-1])

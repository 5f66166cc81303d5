"""A lost answer: the connection is closed after the request, before any byte of an answer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from fastapi.responses import Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Transport(Protocol):
    def abort(self) -> None: ...


class Cut(Response):
    """Drops the client, who hears nothing for `hold_s` before.

    Outside uvicorn, where there is no connection, it raises instead.
    """

    def __init__(self, hold_s: float = 0.0) -> None:
        super().__init__()
        self.hold_s = hold_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: Transport | None = scope.get("sandbox.transport")
        if transport is None:
            raise ConnectionAbortedError("the answer is lost")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.hold_s):
                await _end(receive)
        transport.abort()
        # the server must see the end of the connection, or it would write an error answer
        await _end(receive)


async def _end(receive: Receive) -> None:
    """Until the connection is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass

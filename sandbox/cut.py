"""A lost answer: the connection is closed after the request, before any byte of an answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from fastapi.responses import Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Transport(Protocol):
    def abort(self) -> None: ...


class Cut(Response):
    """Drops the client. Outside uvicorn, where there is no connection, it raises instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: Transport | None = scope.get("sandbox.transport")
        if transport is None:
            raise ConnectionAbortedError("the answer is lost")
        transport.abort()
        # the server must see the end of the connection, or it would write an error answer
        while (await receive())["type"] != "http.disconnect":
            pass

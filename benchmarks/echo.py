"""A bare server of events, to compare with: what is posted goes to all who listen, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
HEADERS = [(b"content-type", b"text/event-stream")]


class Echo:
    """``GET`` is a stream, ``POST`` an event for all streams."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes]] = set()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            body = (await receive())["body"]
            for queue in self._queues:
                queue.put_nowait(b"id: 1\nevent: echo\ndata: " + body + b"\n\n")
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
            return
        await self._listen(send)

    async def _listen(self, send: Callable[[Message], Awaitable[None]]) -> None:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._queues.add(queue)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        try:
            while True:
                await send(
                    {"type": "http.response.body", "body": await queue.get(), "more_body": True}
                )
        finally:
            self._queues.discard(queue)


app = Echo()

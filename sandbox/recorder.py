"""Middleware around provider paths: records exchanges, counts requests, knows the connection."""

import time

from starlette.types import ASGIApp, Message

from sandbox.cut import Receive, Scope, Send
from sandbox.exchanges import Exchange, shown_body, shown_headers
from sandbox.store import Store

PROVIDERS = ("/nhn/", "/consult/", "/relay/")


class Recorder:
    """Wraps the whole app; other paths pass through untouched."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app, self.store = app, store
        self._seq = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PROVIDERS):
            await self.app(scope, receive, send)
            return
        # under uvicorn `receive` belongs to the cycle that holds the connection
        cycle = getattr(receive, "__self__", None)
        scope["sandbox.transport"] = getattr(cycle, "transport", None)
        started, at = time.perf_counter(), self.store.now()
        asked, answered, status = bytearray(), bytearray(), [0]

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            answered.extend(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, hear, tell)
        finally:
            took_ms = int((time.perf_counter() - started) * 1000)
            self._keep(scope, at, took_ms, (bytes(asked), status[0] or None, bytes(answered)))

    def _keep(
        self, scope: Scope, at: int, took_ms: int, said: tuple[bytes, int | None, bytes]
    ) -> None:
        route = scope.get("route")
        path = str(getattr(route, "path", scope["path"]))
        self.store.count(f"requests {scope['method']} {path}")
        self._seq += 1
        asked, status, answered = said
        self.store.exchanges.append(
            Exchange(
                seq=self._seq,
                at=at,
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                headers=shown_headers(scope["headers"]),
                body=shown_body(asked),
                status=status,
                answer=shown_body(answered),
                took_ms=took_ms,
            )
        )

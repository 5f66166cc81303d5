"""Middleware: records calls of providers, counts them, knows the connection, tells live pages."""

import time
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message

from sandbox.callers import account_of, provider_of, route_of
from sandbox.cut import Receive, Scope, Send
from sandbox.exchanges import LONGEST, Exchange
from sandbox.store import Store

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(slots=True)
class _Heard:
    """What went over the wire so far; chunks are joined once, at the end."""

    at: int
    asked: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)
    status: int | None = None


def _counter(scope: Scope) -> str:
    """The name it is counted under: never what a caller made up, or counters would have no end."""
    known = getattr(scope.get("route"), "path", None)
    path = known or f"/{scope['path'].split('/')[1]}/"
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    return f"requests {method} {path}"


class Recorder:
    """Wraps the whole app. What changes the desk by its own paths is told to live pages."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app, self.store = app, store
        self._seq = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if provider := provider_of(scope["path"]):
            await self._record(provider, scope, receive, send)
            return
        await self.app(scope, receive, send)
        if scope["method"] not in READING:
            self.store.changes.tell_desk()

    async def _record(self, provider: str, scope: Scope, receive: Receive, send: Send) -> None:
        # under uvicorn `receive` belongs to the cycle that holds the connection
        cycle = getattr(receive, "__self__", None)
        scope["sandbox.transport"] = getattr(cycle, "transport", None)
        scope["sandbox.acted"] = []  # chaos writes here what it did
        started, heard = time.perf_counter(), _Heard(self.store.now())

        async def hear() -> Message:
            message = await receive()
            if chunk := message.get("body"):
                heard.asked.append(chunk)
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                heard.status = message["status"]
            if chunk := message.get("body"):
                heard.answered.append(chunk)
            await send(message)

        try:
            await self.app(scope, hear, tell)
        finally:
            took_ms = int((time.perf_counter() - started) * 1000)
            self._keep(provider, scope, heard, took_ms)

    def _keep(self, provider: str, scope: Scope, heard: _Heard, took_ms: int) -> None:
        method, path, headers = scope["method"], scope["path"], tuple(scope["headers"])
        self.store.count(_counter(scope))
        self._seq += 1
        asked, answered = b"".join(heard.asked), b"".join(heard.answered)
        one = Exchange(
            seq=self._seq,
            at=heard.at,
            method=method,
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            asked=asked[:LONGEST],
            status=heard.status,
            answered=answered[:LONGEST],
            took_ms=took_ms,
            ended_at=self.store.now(),
            acted=tuple(scope["sandbox.acted"]),
            provider=provider,
            account=account_of(self.store, provider, path, headers),
            route=route_of(method, path, asked),
            replay_of=scope.get("sandbox.replay_of"),
            whole=len(asked) <= LONGEST,
        )
        self.store.exchanges.append(one)
        scope["sandbox.exchange"] = one  # for a replay, which waits for it
        self.store.changes.tell_desk()

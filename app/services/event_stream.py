"""Server-sent events: one tail behind, a number in front, and a way back in after every cut.

A stream is checked again every few seconds (a revoked key ends it), sends a comment when nothing
happens, ends when the process does, and is cut when its reader does not read: it resumes with the
number it had.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Send

from app.errors import GatewayError
from app.services.callers import Caller
from app.services.feed import Feed, Reel
from app.services.happenings import Happening

BEAT_S = 15.0  # a comment, so that nothing between us believes the line is dead
CHECK_S = 3.0  # how often the caller is looked at again
SLOW_S = 20.0  # how long a reader may leave a full buffer unread
RETRY_MS = 1_000

Render = Callable[[Happening, Caller], bytes | None]
"""A happening as this caller sees it; None when it does not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, from where. ``check`` raises GatewayError when they may no longer.

    ``until``: monotonic; the stream ends then. ``presence``: for a page, which also hears who is in
    which thread.
    """

    caller: Caller
    after: int | None
    render: Render
    check: Callable[[], Awaitable[Caller]]
    until: float | None = None
    presence: bool = False


def frame(kind: str, data: Any, seq: int | None = None) -> bytes:
    """One event; without a number it leaves the reader's place as it is."""
    id_ = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (id_, kind.encode(), orjson.dumps(data))


def once(happening: Happening, form: str, mode: str, make: Callable[[], bytes]) -> bytes:
    """What was made of it before in this form for this mode, or is made now."""
    key = (form, mode)
    made = happening.frames.get(key)
    if made is None:
        made = happening.frames[key] = make()
    return made


def start(last: str | None, after: int | None) -> int | None:
    """Where to begin: after the number a browser sends when it comes back, or the one asked."""
    return int(last) if last and last.isascii() and last.isdecimal() else after


async def stream(feed: Feed, reading: Reading) -> AsyncIterator[bytes]:
    """The bytes of a stream: ``hello``, then events as they come."""
    async with feed.place(reading.caller) as reel:
        line = _Line(feed, reel, reading)
        yield line.hello()
        while not line.over:
            chunk = await line.next()
            if chunk:
                yield chunk


class _Line:
    """One stream under way."""

    def __init__(self, feed: Feed, reel: Reel, reading: Reading) -> None:
        self._feed, self._reel, self._reading = feed, reel, reading
        self._caller = reading.caller
        self._at = reel.end if reading.after is None else reading.after
        self._seen = 0  # version of the presence it has told
        self._more = True  # something may be there already
        self._beat = self._checked = time.monotonic()
        self.over = False

    def hello(self) -> bytes:
        """How long to wait after a cut, and where the stream begins."""
        told = {"sequence": self._at, "simulated": self._caller.simulated}
        return b"retry: %d\n" % RETRY_MS + frame("hello", told, self._at)

    async def next(self) -> bytes:
        """What is new, a comment when nothing was for long, or nothing yet."""
        news = await self._feed.next(self._reel, self._caller, self._at, self._wait_s())
        self._more = news.last != self._at
        frames = [frame("gap", {"after": self._at, "sequence": news.last})] if news.gap else []
        for happening in news.happenings:
            shown = self._reading.render(happening, self._caller)
            if shown is not None:
                frames.append(shown)
        self._at = news.last
        if self._reading.presence:
            frames += self._presence()
        end = await self._end()
        return b"".join([*(frames or self._comment()), *end])

    def _wait_s(self) -> float:
        if self._more:
            return 0.0
        until = self._reading.until
        return CHECK_S if until is None else max(0.0, min(CHECK_S, until - time.monotonic()))

    def _presence(self) -> list[bytes]:
        presence, who = self._feed.presence, self._caller
        version = presence.version(who.workspace_id)
        if version == self._seen:
            return []
        self._seen = version
        return [frame("presence", {"threads": presence.shown(who.workspace_id, who.mode)})]

    def _comment(self) -> list[bytes]:
        """It moves the reader's place on, past what it may not see."""
        now = time.monotonic()
        if now - self._beat < BEAT_S:
            return []
        self._beat = now
        if self._reading.presence:  # a page does not see comments, and wants to know
            return [frame("beat", {}, self._at)]
        return [b": still here\nid: %d\n\n" % self._at]

    async def _end(self) -> list[bytes]:
        """Whether this was the last: the process ends, its time is over, or it may not go on."""
        now = time.monotonic()
        until = self._reading.until
        done = until is not None and now >= until and not self._more
        self.over = self._feed.closed or done
        if now - self._checked < CHECK_S:
            return []
        self._checked = now
        try:
            caller = await self._reading.check()
        except GatewayError as error:
            self.over = True
            return [frame("end", {"code": error.code})]
        # a person who went to another workspace begins anew there
        self.over = self.over or caller.workspace_id != self._caller.workspace_id
        self._caller = caller
        return []


class EventStream(StreamingResponse):
    """The response; ends with its reader, and ends a reader that does not read."""

    def __init__(self, feed: Feed, reading: Reading) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(stream(feed, reading), media_type="text/event-stream", headers=headers)

    async def stream_response(self, send: Send) -> None:
        """Raises TimeoutError for a reader that lets its buffer stand full: it is cut."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async with aclosing(self.body_iterator) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                async with asyncio.timeout(SLOW_S):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

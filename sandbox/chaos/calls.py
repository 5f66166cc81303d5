"""Middleware: chaos for every provider call that sends nothing. Sends have it in their handlers.

What a path means is the provider's own knowledge: it describes its calls, and tells its refusals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message

from sandbox.chaos.rules import Chaos
from sandbox.chaos.sending import Sending, disturb
from sandbox.cut import Receive, Scope, Send


class Told(Exception):
    """The provider's own word, which no rule changes. None: its answer is lost already."""

    def __init__(self, response: Response | None) -> None:
        super().__init__("told")
        self.response = response


@dataclass(frozen=True, slots=True)
class Reading:
    """How one provider's calls are read.

    describe: the call, from its request and body; None for a send, for somebody unknown and for
    what is no call. refused: whether an answer is a refusal of the provider's own.
    """

    describe: Callable[[Request, bytes], Sending | None]
    refused: Callable[[Response], bool]


class CallChaos:
    """Wraps the app inside the recorder; other paths, and calls without a rule, are untouched.

    readings: by the beginning of their paths.
    """

    def __init__(self, app: ASGIApp, chaos: Chaos, readings: Mapping[str, Reading]) -> None:
        self.app, self.chaos, self.readings = app, chaos, readings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reading = self._reading(scope) if self.chaos.calls and scope["type"] == "http" else None
        if reading is None:
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return  # the caller has left
        call = reading.describe(Request(scope), body)
        if call is None:
            await self.app(scope, _again(body, receive), send)
            return
        response = await self._answer(scope, receive, (reading, call, body))
        if response is not None:
            await response(scope, receive, send)

    def _reading(self, scope: Scope) -> Reading | None:
        found = (one for start, one in self.readings.items() if scope["path"].startswith(start))
        return next(found, None)

    async def _answer(
        self, scope: Scope, receive: Receive, asked: tuple[Reading, Sending, bytes]
    ) -> Response | None:
        reading, call, body = asked

        async def take() -> Response:
            response = await self._run(scope, _again(body, receive))
            if response is None or reading.refused(response):
                raise Told(response)
            return response

        try:
            return await disturb(self.chaos.calls, call, take)
        except Told as told:
            return told.response

    async def _run(self, scope: Scope, receive: Receive) -> Response | None:
        """The app's answer, held back; None when it cut the connection instead."""
        started: list[Message] = []
        body = bytearray()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            body.extend(message.get("body", b""))

        await self.app(scope, receive, hold)
        if not started:
            return None
        response = Response(bytes(body), started[0]["status"])
        response.raw_headers = list(started[0]["headers"])
        return response


async def _read(receive: Receive) -> bytes | None:
    """The whole body, None when the caller left before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what the connection says."""
    given = False

    async def hear() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hear

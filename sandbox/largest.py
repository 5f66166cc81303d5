"""Middleware: no request body is larger than the largest upload of a provider."""

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message

from sandbox.cut import Receive, Scope, Send

MOST_BYTES = 16 * 1024 * 1024  # SOLAPI's 15 MB are refused in its own words


class TooLarge(HTTPException):
    """The body did not end in time; told as 413."""

    def __init__(self) -> None:
        super().__init__(413, "요청 본문이 너무 큽니다 (the body is too large)")


class Largest:
    """Counts what comes, whatever its length is said to be."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def hear() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise TooLarge
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        try:
            if declared.isdigit() and int(declared) > self.most:
                raise TooLarge
            await self.app(scope, hear, send)
        except TooLarge as error:  # before the app, which tells it by itself
            refusal = PlainTextResponse(f"{error.detail}\n", 413, {"Connection": "close"})
            await refusal(scope, receive, send)

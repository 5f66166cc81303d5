"""Around every request: its number, its size, safe headers on the answer, one line in the log."""

import re
import time
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.errors import TooLarge
from app.log import logger
from app.services import attachment_limits
from app.services.picture_measures import LARGEST as LARGEST_PICTURE

CALLBACKS = "/callbacks/"
UPLOAD = re.compile(r"/v1/campaigns/[^/]+/rows")
PICTURE = re.compile(r"/v1/pictures/[^/]+")
ATTACHMENT = re.compile(r"/v1/consultations/[^/]+/attachments|/console/inbox/[^/]+/files")
FORM_AROUND = 16_000  # bytes of a form beside its file
LARGEST_CALLBACK = 1_000_000  # bytes; providers send at most some hundred results at once
log = logger("http")


class Gate:
    """ASGI middleware; all in bytes: ``max_upload`` of a campaign's list, ``max_attachment``."""

    def __init__(self, app: ASGIApp, max_body: int, max_upload: int, max_attachment: int) -> None:
        self._app, self._max_body, self._max_upload = app, max_body, max_upload
        self._max_attachment = max_attachment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        limit = self._limit(scope)
        status, began = 500, time.monotonic()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request_id)
            await send(message)

        try:
            if _is_too_large(scope, limit):
                refusal = problems.answer(Request(scope), self._too_large(scope, limit))
                await refusal(scope, receive, answer)
            else:
                await self._app(scope, _counted(receive, limit), answer)
        finally:
            _write(scope, status, time.monotonic() - began, request_id)

    def _limit(self, scope: Scope) -> int:
        if scope["path"].startswith(CALLBACKS):
            return LARGEST_CALLBACK
        if scope["method"] == "PUT" and PICTURE.fullmatch(scope["path"]):
            return min(LARGEST_PICTURE, self._max_body)
        if _is_attachment(scope):
            return self._max_attachment + FORM_AROUND
        is_list = scope["method"] == "PUT" and UPLOAD.fullmatch(scope["path"])
        return self._max_upload if is_list else self._max_body

    def _too_large(self, scope: Scope, limit: int) -> TooLarge:
        if _is_attachment(scope):
            return attachment_limits.too_large("file", self._max_attachment)
        return problems.too_large(limit)


def _is_attachment(scope: Scope) -> bool:
    return scope["method"] == "POST" and bool(ATTACHMENT.fullmatch(scope["path"]))


def _add_headers(message: MutableMapping[str, Any], request_id: str) -> None:
    problems.safe(MutableHeaders(scope=message), request_id)


def _is_too_large(scope: Scope, limit: int) -> bool:
    length = Headers(scope=scope).get("Content-Length", "")
    return length.isascii() and length.isdigit() and int(length) > limit


def _counted(receive: Receive, limit: int) -> Receive:
    """A body that does not say its length is counted while it is read."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            # the framework lets its own kind of exception pass while it reads a body
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(limit))
        return message

    return counted


def _write(scope: Scope, status: int, seconds: float, request_id: str) -> None:
    """The route's template, never the path or the query: they may hold secrets."""
    route = getattr(scope.get("route"), "path", "-")
    say = log.debug if route.startswith("/health") else log.info
    say(
        "request",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        request_id=request_id,
    )

"""Middleware before pages and desk: password in production, no calls from foreign web pages."""

import base64
import binascii
import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from sandbox.cut import Receive, Scope, Send

# providers carry their own credentials; health says nothing
OPEN = ("/nhn/", "/consult/", "/relay/", "/solapi/", "/health/")
READING = ("GET", "HEAD", "OPTIONS")
MOST_WRONG, WINDOW_S = 10, 60.0
MOST_ADDRESSES = 10_000
REALM = {"WWW-Authenticate": 'Basic realm="naru sandbox", charset="UTF-8"'}


class Guesses:
    """Wrong passwords by address: after MOST_WRONG within WINDOW_S nobody there is let in.

    Not even with the right one, or guessing would go on at full speed. clock: in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """How long this address has to wait, 0 when it may try."""
        since, count = self._wrong.get(address, (0.0, 0))
        left = since + WINDOW_S - self.clock()
        return max(0.0, left) if count >= MOST_WRONG else 0.0

    def count(self, address: str) -> None:
        """One more wrong password."""
        since, count = self._wrong.pop(address, (0.0, 0))
        now = self.clock()
        fresh = count == 0 or now - since >= WINDOW_S
        self._wrong[address] = (now, 1) if fresh else (since, count + 1)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)


class Guard:
    """HTTP basic with any user name when there is a password."""

    def __init__(self, app: ASGIApp, password: str = "", guesses: Guesses | None = None) -> None:
        self.app = app
        self.guesses = guesses or Guesses()
        self._digest = _digest(password.encode()) if password else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(OPEN):
            headers = dict(scope["headers"])
            refusal = self._check(scope, headers.get(b"authorization", b""))
            foreign = headers.get(b"sec-fetch-site") == b"cross-site"
            if refusal is None and foreign and scope["method"] not in READING:
                refusal = PlainTextResponse("다른 사이트의 요청입니다\n", 403)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope, header: bytes) -> Response | None:
        """The refusal, None for who may in. A request without a password is no guess."""
        if self._digest is None:
            return None
        address = (scope.get("client") or ("",))[0]
        wait_s = self.guesses.wait_s(address)
        if wait_s:
            later = {"Retry-After": str(int(wait_s) + 1)}
            return PlainTextResponse(
                "비밀번호가 여러 번 틀렸습니다. 잠시 뒤에 다시 해 주세요\n", 429, later
            )
        password = _password(header)
        if password is not None:
            if hmac.compare_digest(_digest(password), self._digest):
                return None
            self.guesses.count(address)
        return PlainTextResponse("비밀번호가 필요합니다\n", 401, REALM)


def _digest(password: bytes) -> bytes:
    """Of one length for every password, so that comparing tells nothing about it."""
    return hashlib.sha256(password).digest()


def _password(header: bytes) -> bytes | None:
    """What was given by HTTP basic; None for nothing, b"" for what cannot be read."""
    if not header:
        return None
    kind, _, token = header.partition(b" ")
    if kind.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(token, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""

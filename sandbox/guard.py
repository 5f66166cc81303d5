"""Middleware before pages and desk: password in production, no calls from foreign web pages."""

import base64
import binascii
import hmac

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from sandbox.cut import Receive, Scope, Send

# providers carry their own credentials; health says nothing
OPEN = ("/nhn/", "/consult/", "/relay/", "/health/")
READING = ("GET", "HEAD", "OPTIONS")


class Guard:
    """HTTP basic with any user name when there is a password."""

    def __init__(self, app: ASGIApp, password: str = "") -> None:
        self.app, self.password = app, password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(OPEN):
            headers = dict(scope["headers"])
            if self.password and not self._knows(headers.get(b"authorization", b"")):
                challenge = {"WWW-Authenticate": 'Basic realm="naru sandbox", charset="UTF-8"'}
                refusal = PlainTextResponse("비밀번호가 필요합니다\n", 401, challenge)
                await refusal(scope, receive, send)
                return
            foreign = headers.get(b"sec-fetch-site") == b"cross-site"
            if foreign and scope["method"] not in READING:
                await PlainTextResponse("다른 사이트의 요청입니다\n", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _knows(self, header: bytes) -> bool:
        kind, _, token = header.partition(b" ")
        if kind.lower() != b"basic":
            return False
        try:
            _, _, password = base64.b64decode(token, validate=True).partition(b":")
        except binascii.Error:
            return False
        return hmac.compare_digest(password, self.password.encode())

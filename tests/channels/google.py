"""Google's two addresses as FCM's account asks them, and a clock moved by hand."""

import asyncio
from typing import Any

import httpx
import respx

from tests.channels.wire import recorded

TOKEN_URL = "https://oauth2.googleapis.com/token"
SEND_URL = "https://fcm.googleapis.com/v1/projects/naru-shop/messages:send"


class Clock:
    """Seconds since 1970, moved by hand."""

    now = 1_795_310_100.0

    def __call__(self) -> float:
        return self.now


class Google:
    """Gives tokens 1, 2, 3 …, and takes messages with those that are good."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.tokens = router.post(TOKEN_URL).mock(side_effect=self._give)
        self.sends = router.post(SEND_URL).mock(side_effect=self._take)
        self.bad: set[str] = set()
        self.life: Any = 3_599

    async def _give(self, _: httpx.Request) -> httpx.Response:
        number = self.tokens.call_count + 1
        await asyncio.sleep(0.01)
        return httpx.Response(200, json={"access_token": f"t{number}", "expires_in": self.life})

    def _take(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] in self.bad:
            return httpx.Response(401, json=recorded("fcm/unauthenticated"))
        return httpx.Response(200, json=recorded("fcm/send_answer"))

    def used(self) -> list[str]:
        return [sent.request.headers["Authorization"] for sent in self.sends.calls]

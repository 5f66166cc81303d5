"""Access tokens: a signed assertion of the service account is exchanged for one, and it is kept.

Source: google-auth 2.62.2, _client.py and service_account.py: the audience is Google's token
endpoint, whatever address the assertion is posted to.
"""

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from channels.adapters.fcm.account import TOKEN_URI, Config
from channels.adapters.fcm.shapes import at, said, words
from channels.transport import Reply, Trouble, exchange, judge, retry_after_s
from channels.vocabulary import Reason

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"  # the least that may send
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE_S = 3_600
SPARE_S = 300.0  # a token is renewed this long before its end
LEAST_S = 30.0  # and is kept at least so long, however short its life is said to be


@dataclass(frozen=True, slots=True)
class NoToken:
    """Why there is no access token; the message itself has not left."""

    reason: Reason
    code: str
    text: str = ""
    retry_after_s: float | None = None


class Tokens:
    """The access token of one account, fetched by one caller while the others wait."""

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config, self._client = config, client
        self._lock = asyncio.Lock()
        self._kept = _Kept()

    def __repr__(self) -> str:
        return "Tokens()"

    async def get(self, deadline: float, refused: str = "") -> str | NoToken:
        """A token; ``refused``: one that FCM did not take, which is not given again."""
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())), self._lock:
                if self._kept.token in ("", refused) or self._config.clock() >= self._kept.until:
                    fetched = await self._fetch(deadline)
                    if isinstance(fetched, NoToken):
                        return fetched
                    self._kept = fetched
                return self._kept.token
        except TimeoutError:
            return NoToken(Reason.PROVIDER_DOWN, "deadline")

    async def _fetch(self, deadline: float) -> "_Kept | NoToken":
        now = self._config.clock()
        form = {"grant_type": GRANT, "assertion": assertion(self._config, int(now))}
        request = self._client.build_request("POST", self._config.token_url, data=form)
        answer = await exchange(self._client, request, deadline)
        body = said(answer)
        token, life = words(at(body, "access_token")), at(body, "expires_in")
        if isinstance(answer, Trouble) or answer.status != 200 or not _is_plain(token):
            return _refusal(answer, body)
        life_s = life if isinstance(life, int) and not isinstance(life, bool) else LIFE_S
        return _Kept(token, now + max(LEAST_S, life_s - SPARE_S))


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(default="", repr=False)
    until: float = 0.0


def assertion(config: Config, now: int) -> str:
    """A JWT (RS256) that asks for an access token of an hour."""
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": config.key_id} if config.key_id else {})
    claims = {
        "iss": config.email,
        "scope": SCOPE,
        "aud": TOKEN_URI,
        "iat": now,
        "exp": now + LIFE_S,
    }
    signed = b".".join(_base64(orjson.dumps(part)) for part in (header, claims))
    return b".".join((signed, _base64(config.key.sign(signed, PKCS1v15(), SHA256())))).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _is_plain(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable()


def _refusal(answer: Reply | Trouble, body: Any) -> NoToken:
    """A refusal in OAuth's words is the account's fault; all else passes by itself."""
    if isinstance(answer, Trouble):
        return NoToken(Reason.PROVIDER_DOWN, answer.what)
    code, text = words(at(body, "error")), words(at(body, "error_description"))
    wait = retry_after_s(answer.retry_after, None)
    if 400 <= answer.status < 500 and answer.status != 429 and code:
        return NoToken(Reason.MISCONFIGURED, code, text)
    judged = judge(answer)
    reason = judged.reason if judged.reason is not Reason.UNREADABLE else Reason.PROVIDER_DOWN
    return NoToken(reason, judged.code, text, wait)

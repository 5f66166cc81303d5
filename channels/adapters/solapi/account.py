"""What an account at SOLAPI is told, what its routes are, and how its requests are signed.

Sources: github.com/solapi/documents (2022-09), authentication and messages v4; the official clients
solapi 5.0.3 (PyPI) and 6.0.1 (npm, 2026-04).
"""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels.contract import Idempotency, Route
from channels.vocabulary import IdempotencyClass, Level

HOST = "https://api.solapi.com"
HOSTS = (HOST,)

# The provider allows 10,000 recipients and 15 MB; with the longest text and five full buttons a
# message takes some 14 kB, so that a thousand always fit.
BATCH = 1_000
HOUR_S = 3600.0


def _route(name: str, receipt_window_s: float) -> Route:
    """Texts, senders and templates stand in each message: none need be shared.

    There is no idempotency key, but our reference is kept with the message (``customFields``) and
    listed with it, so a lost answer is looked up.
    """
    return Route(
        name,
        BATCH,
        frozenset(),
        Idempotency(IdempotencyClass.LOOK_UP),
        frozenset({Level.ACCEPTED, Level.DELIVERED}),
        receipt_window_s=receipt_window_s,
    )


# Windows: SOLAPI says nothing. Kakao keeps a message three days; of a text the longest that a
# Korean carrier takes to report one.
ROUTES: Mapping[str, Route] = {
    "alimtalk": _route("alimtalk", 72 * HOUR_S),
    "sms": _route("sms", 72 * HOUR_S),
    "lms": _route("lms", 80 * HOUR_S),
    "mms": _route("mms", 80 * HOUR_S),
}


@dataclass(frozen=True, slots=True)
class Config:
    """An API key and its secret; ``caller`` is the number that Alimtalk names as its sender."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    caller: str = field(default="", repr=False)
    url: str = HOST
    clock: Callable[[], float] = time.time  # seconds since 1970, for the date of a signature

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """Raises KeyError for a missing required credential."""
        return cls(
            credentials["api_key"],
            credentials["api_secret"],
            "".join(sign for sign in credentials.get("caller", "") if sign.isdigit()),
            (base_url or HOST).rstrip("/"),
        )

    def headers(self) -> dict[str, str]:
        """A fresh signature, as every request carries it: of time and salt, not of what is sent.

        A signature seen within 15 minutes is refused (DuplicatedSignature), so none is kept. The
        transport repeats a request, with its signature, only where the first try made no
        connection: nobody has seen that one.
        """
        now = datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"Authorization": authorization(self.api_key, self.api_secret, now, _salt())}


def authorization(api_key: str, api_secret: str, date: str, salt: str) -> str:
    """The value of the header; ``date`` is ISO 8601, ``salt`` has 12 to 64 characters."""
    signature = hmac.digest(api_secret.encode(), f"{date}{salt}".encode(), "sha256").hex()
    return f"HMAC-SHA256 apiKey={api_key}, date={date}, salt={salt}, signature={signature}"


def _salt() -> str:
    return secrets.token_hex(16)

"""What an account at FCM is told, and what its route is.

Sources: FCM v1 discovery file, revision 20261023; google-auth 2.62.2, service_account.py (2026-11).
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from channels.contract import Idempotency, Route
from channels.vocabulary import IdempotencyClass, Level

HOST = "https://fcm.googleapis.com"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
HOSTS = (HOST, TOKEN_URI)
KEPT_S = 28 * 86_400.0  # Google keeps a message for a phone that is off at most four weeks

# Google takes one message a request and no reference of ours: a lost answer stays lost. What is
# known beyond "accepted" is told by the apps (channels/push.py).
ROUTES: Mapping[str, Route] = {
    "push": Route(
        "push",
        1,
        frozenset(),
        Idempotency(IdempotencyClass.BLIND),
        frozenset(Level),
        receipt_window_s=KEPT_S,
    )
}
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{1,98}[a-z0-9]")
_SMALLEST_KEY = 2_048


@dataclass(frozen=True, slots=True)
class Config:
    """A service account; ``key_id`` names its key among others of the same account."""

    project: str
    email: str = field(repr=False)
    key: RSAPrivateKey = field(repr=False)
    key_id: str = field(default="", repr=False)
    token_url: str = TOKEN_URI
    url: str = HOST
    clock: Callable[[], float] = time.time  # seconds since 1970, for the life of tokens

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """A base URL stands in for both of Google's addresses.

        Raises KeyError for a missing credential, ValueError with the name of the wrong field of
        the service account ("" when it is none at all).
        """
        given = _document(credentials["service_account"])
        if given.get("type") != "service_account":  # google-services.json is another thing
            raise ValueError("type")
        here = base_url.rstrip("/") if base_url else ""
        return cls(
            _fitting(given, "project_id", _PROJECT),
            _fitting(given, "client_email", re.compile(r"[!-~]+@[!-~]+")),
            _key(given.get("private_key")),
            _fitting({"private_key_id": "", **given}, "private_key_id", re.compile(r"[!-~]*")),
            f"{here}/token" if here else _token_uri(given.get("token_uri", TOKEN_URI)),
            here or HOST,
        )

    @property
    def send_url(self) -> str:
        """Where messages of the project go."""
        return f"{self.url}/v1/projects/{self.project}/messages:send"


def _document(text: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("") from None
    if not isinstance(found, dict):
        raise ValueError("")
    return found


def _fitting(given: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(name)
    return value


def _key(pem: Any) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode("ascii"), None)
    except (AttributeError, TypeError, ValueError, UnsupportedAlgorithm):
        raise ValueError("private_key") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _SMALLEST_KEY:
        raise ValueError("private_key")
    return key


def _token_uri(value: Any) -> str:
    """Google's own only: a signed assertion is worth an access token to whoever gets it."""
    parts = urlsplit(value if isinstance(value, str) else "")
    host = parts.hostname or ""
    if parts.scheme != "https" or not (f".{host}".endswith((".googleapis.com", ".google.com"))):
        raise ValueError("token_uri")
    return str(value)

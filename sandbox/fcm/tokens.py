"""`POST /fcm/token`: a signed assertion of a service account becomes an access token of an hour.

What the caller signs is judged by real time; how long a token holds, by the sandbox's clock.
"""

import base64
import binascii
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.fcm.wire import Refused, answer
from sandbox.store import Store

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE = (
    "https://oauth2.googleapis.com/token"  # what Google's own libraries write, wherever they ask
)
SCOPES = frozenset(
    f"https://www.googleapis.com/auth/{name}" for name in ("firebase.messaging", "cloud-platform")
)
HOUR_S, SKEW_S = 3_600, 300
MOST_TOKENS = 10_000

router = APIRouter(include_in_schema=False)


class BadGrant(Exception):
    """An error in the words of OAuth."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


async def tell_bad_grant(request: Request, error: Exception) -> Response:
    if not isinstance(error, BadGrant):
        raise error
    return answer({"error": error.code, "error_description": error.text}, error.status)


@router.post("/token")
async def give(request: Request) -> Response:
    store: Store = request.app.state.store
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    grant, given = (form.get(name, [""])[0] for name in ("grant_type", "assertion"))
    if grant != GRANT:
        raise BadGrant("unsupported_grant_type", f"Invalid grant_type: {grant}")
    if not given:
        raise BadGrant("invalid_request", "Missing required parameter: assertion")
    own = f"{str(request.base_url).rstrip('/')}{request.url.path}"
    account = _account(store, given, own)
    token = f"ya29.c.{secrets.token_urlsafe(48)}"
    ends_at = store.now() + HOUR_S * 1_000
    with store.tx():
        store.run("DELETE FROM fcm_token WHERE expires_at <= ?", (store.now(),))
        store.run(
            "DELETE FROM fcm_token WHERE token IN"
            " (SELECT token FROM fcm_token ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
            (MOST_TOKENS - 1,),
        )
        store.run("INSERT INTO fcm_token VALUES (?, ?, ?)", (token, account["project"], ends_at))
    return answer({"access_token": token, "expires_in": HOUR_S - 1, "token_type": "Bearer"})


def project_of(request: Request, project: str) -> Store:
    """The store, when the bearer may send for this project. Raises Refused 401, 403."""
    store: Store = request.app.state.store
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    row = store.one("SELECT * FROM fcm_token WHERE token = ?", (token,))
    if scheme.lower() != "bearer" or row is None or row["expires_at"] <= store.now():
        raise Refused("UNAUTHENTICATED")
    if row["project"] != project:
        raise Refused("PERMISSION_DENIED")
    return store


def _account(store: Store, given: str, own: str) -> sqlite3.Row:
    """Whose assertion it is. Raises BadGrant."""
    signed, _, signature = given.rpartition(".")
    head, _, body = signed.partition(".")
    header, claims = _part(head), _part(body)
    row = store.one(
        "SELECT * FROM fcm_account WHERE client_email = ?", (str(claims.get("iss", "")),)
    )
    if row is None:
        raise BadGrant("invalid_grant", "Invalid grant: account not found")
    if header.get("alg") != "RS256" or not _is_signed(row["public_key"], signed, signature):
        raise BadGrant("invalid_grant", "Invalid JWT Signature.")
    if claims.get("aud") not in (GOOGLE, own):
        raise BadGrant("invalid_grant", "Invalid JWT: Failed audience check.")
    if not _is_short_lived(claims, store.real() / 1_000):
        text = (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
            " timeframe. Check your iat and exp values in the JWT claim."
        )
        raise BadGrant("invalid_grant", text)
    if not SCOPES & set(str(claims.get("scope", "")).split()):
        text = "Invalid OAuth scope or ID token audience provided."
        raise BadGrant("invalid_scope", text)
    return row


def _part(raw: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(_unpacked(raw))
    except (orjson.JSONDecodeError, binascii.Error, ValueError):
        found = None
    if not isinstance(found, dict):
        raise BadGrant("invalid_grant", "Bad Request")
    return found


def _unpacked(raw: str) -> bytes:
    return base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_", validate=True)


def _is_signed(pem: str, signed: str, signature: str) -> bool:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)  # no other is ever put
    try:
        key.verify(_unpacked(signature), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _is_short_lived(claims: Mapping[str, Any], now_s: float) -> bool:
    made, ends = claims.get("iat"), claims.get("exp")
    if not all(isinstance(one, int | float) for one in (made, ends)):
        return False
    assert isinstance(made, int | float)
    assert isinstance(ends, int | float)
    is_now = made - SKEW_S <= now_s <= ends + SKEW_S
    return is_now and 0 < ends - made <= HOUR_S

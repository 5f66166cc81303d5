"""Whose call it is: the HMAC-SHA256 header, checked as documented.

github.com/solapi/documents, "인증" (2022-09): the signature is the hex HMAC of date and salt as
they stand in the header, keyed with the API secret. Nothing else of the request is signed.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from fastapi import Request

from sandbox.solapi.wire import Refused, parse_ms
from sandbox.store import Store

SKEW_MS = REPEAT_MS = 15 * 60 * 1000
SALT_BYTES = range(12, 65)
NAMES = frozenset({"apikey", "date", "salt", "signature"})
_PART = re.compile(r"\s*([A-Za-z]+)\s*=\s*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Account:
    """id: what SOLAPI calls accountId."""

    api_key: str
    id: str


def caller(request: Request) -> tuple[Store, Account]:
    """Raises InvalidAPIKey, RequestTimeTooSkewed, SignatureDoesNotMatch, DuplicatedSignature."""
    store: Store = request.app.state.store
    given = _parts(request.headers.get("authorization", ""))
    row = store.one("SELECT * FROM solapi_account WHERE api_key = ?", (given["apikey"],))
    if row is None:
        raise _no_key("등록되지 않은 API Key 입니다 (unknown API key)")
    date, salt, signature = given["date"], given["salt"], given["signature"]
    if abs(parse_ms(date, _skewed, None) - store.real()) > SKEW_MS:
        raise _skewed("요청 시각이 15분 이상 다릅니다 (more than 15 minutes off)")
    if len(salt.encode()) not in SALT_BYTES:
        raise _mismatch("salt는 12~64바이트입니다 (salt: 12 to 64 bytes)")
    if not hmac.compare_digest(sign(row["api_secret"], date, salt).encode(), signature.encode()):
        raise _mismatch("서명이 일치하지 않습니다 (the signature does not match)")
    _use_once(store, row["id"], signature)
    return store, Account(row["api_key"], row["id"])


def api_key_of(request: Request) -> str:
    """The API key that a header names, unchecked; "" when nobody has it."""
    store: Store = request.app.state.store
    try:
        given = _parts(request.headers.get("authorization", ""))
    except Refused:
        return ""
    row = store.one("SELECT api_key FROM solapi_account WHERE api_key = ?", (given["apikey"],))
    return str(row["api_key"]) if row else ""


def sign(secret: str, date: str, salt: str) -> str:
    return hmac.new(secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()


def _parts(header: str) -> dict[str, str]:
    """The four parts by lower-case name. Raises InvalidAPIKey."""
    scheme, _, rest = header.partition(" ")
    found = [_PART.fullmatch(part) for part in rest.split(",")]
    parts = {one[1].lower(): one[2] for one in found if one}
    if scheme.upper() != "HMAC-SHA256" or not parts.keys() >= NAMES:
        raise _no_key("Authorization: HMAC-SHA256 apiKey=…, date=…, salt=…, signature=…")
    return parts


def _use_once(store: Store, account_id: str, signature: str) -> None:
    """Raises DuplicatedSignature."""
    now, key = store.real(), f"signature {signature}"
    taken = store.run(
        "INSERT INTO idempotency VALUES (?, ?, ?) ON CONFLICT (account, key)"
        " DO UPDATE SET at = excluded.at WHERE at <= ?",
        (account_id, key, now, now - REPEAT_MS),
    )
    if taken.rowcount != 1:
        message = "이미 쓴 서명입니다 (this signature was used within 15 minutes)"
        raise Refused("DuplicatedSignature", message)


def _no_key(message: str) -> Refused:
    return Refused("InvalidAPIKey", message)


def _skewed(message: str) -> Refused:
    return Refused("RequestTimeTooSkewed", message)


def _mismatch(message: str) -> Refused:
    return Refused("SignatureDoesNotMatch", message)

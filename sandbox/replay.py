"""The same call again, to the sandbox itself: with its secrets, signed anew where it must be."""

import asyncio
import secrets
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp

from sandbox.callers import API_KEY
from sandbox.exchanges import Exchange, Headers
from sandbox.solapi.signing import sign
from sandbox.store import Store

LONGEST_S = 30.0
# refusals of the signature itself: what was signed wrongly goes out as it was
WRONGLY_SIGNED = (b"InvalidAPIKey", b"SignatureDoesNotMatch", b"RequestTimeTooSkewed")


class CannotReplay(Exception):
    """The call was too large to be kept in full."""


async def replay(app: ASGIApp, store: Store, one: Exchange) -> Exchange:
    """The new exchange, marked as a replay. Raises CannotReplay.

    An answer that does not come within half a minute is none.
    """
    if not one.whole:
        raise CannotReplay(one.seq)
    scope = _scope(store, one)
    pieces = [{"type": "http.request", "body": one.asked, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return pieces.pop() if pieces else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        """The recorder has heard it already."""

    try:
        async with asyncio.timeout(LONGEST_S):
            await app(scope, receive, send)
    except (ConnectionAbortedError, TimeoutError):
        pass  # the answer was lost, as it may be by chaos
    made: Exchange = scope["sandbox.exchange"]
    return made


def _scope(store: Store, one: Exchange) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": one.method,
        "scheme": "http",
        "path": one.path,
        "raw_path": one.path.encode(),
        "root_path": "",
        "query_string": one.query.encode("latin-1"),
        "headers": list(signed_anew(store, one)),
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
        "state": {},
        "sandbox.replay_of": one.seq,
    }


def signed_anew(store: Store, one: Exchange) -> Headers:
    """The headers of a repeat. SOLAPI takes a signature once: it gets one of this moment."""
    header = one.header("authorization")
    found = API_KEY.search(header)
    if one.provider != "solapi" or not found or any(w in one.answered for w in WRONGLY_SIGNED):
        return one.headers
    row = store.one("SELECT api_secret FROM solapi_account WHERE api_key = ?", (found[1],))
    if row is None:
        return one.headers
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # callers sign by the real time
    salt = secrets.token_hex(16)
    signature = sign(row["api_secret"], date, salt)
    told = f"HMAC-SHA256 apiKey={found[1]}, date={date}, salt={salt}, signature={signature}"
    others = tuple(pair for pair in one.headers if pair[0].lower() != b"authorization")
    return (*others, (b"authorization", told.encode()))

"""What all calls of the relay share: whose key it is, bodies, answers, refusals."""

import hmac
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.store import Store


class Refusal(Exception):
    """A request refused as a whole."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


async def tell_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return answer({"code": error.code, "text": error.text}, error.status)


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def caller(request: Request) -> tuple[Store, sqlite3.Row]:
    """Whose key it is. Raises Refusal 401."""
    store: Store = request.app.state.store
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    for row in store.all("SELECT * FROM relay_account"):
        if hmac.compare_digest(given.encode(), row["key"].encode()):
            return store, row
    raise Refusal(401, "misconfigured", "unknown key")


async def read_body(request: Request) -> dict[str, Any]:
    """Raises Refusal 400."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "request_refused", "no JSON object")
    return body


def has_sender(account: sqlite3.Row, sender: str) -> bool:
    return sender in orjson.loads(account["senders"])


def need_sender(account: sqlite3.Row, sender: str) -> None:
    """Raises Refusal 400."""
    if not has_sender(account, sender):
        raise Refusal(400, "sender_state", "unknown sender")


def parse_ms(value: str | None) -> int:
    """Milliseconds of an ISO time with zone. Raises Refusal 400."""
    try:
        return int(datetime.fromisoformat(value or "").timestamp() * 1000)
    except ValueError:
        raise Refusal(400, "request_refused", "a time that is none") from None


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()

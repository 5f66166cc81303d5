"""What all calls of SOLAPI share: bodies, answers, refusals, times and ids."""

import secrets
import string
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.solapi.words import ERRORS

KST = timezone(timedelta(hours=9))
LARGEST_BODY = 15 * 1024 * 1024
LETTERS = string.ascii_uppercase + string.digits
Json = Mapping[str, Any]


class Refused(Exception):
    """The whole request is refused. status None: the documented one of this errorCode, else 400."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message
        self.status = status or ERRORS.get(code, 400)


async def tell_refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return answer({"errorCode": error.code, "errorMessage": error.message}, error.status)


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


async def read_body(request: Request) -> dict[str, Any]:
    """The body as an object. Raises ValidationError, PayloadTooLarge."""
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise Refused("PayloadTooLarge", "15MB까지 보낼 수 있습니다 (at most 15 MB)")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise invalid("JSON 객체가 아닙니다 (the body is no JSON object)")
    return body


def invalid(message: str) -> Refused:
    return Refused("ValidationError", message)


def not_found(what: str) -> Refused:
    return Refused("ResourceNotFound", f"그런 리소스가 없습니다 (no such {what})")


def new_id(prefix: str, now_ms: int) -> str:
    """32 characters. Three letters: Seoul time to the second, then 15; six: milliseconds, then 11.

    As in the samples: M4V20180307110044…, KA01TP190626020502205….
    """
    at = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(KST)
    when = at.strftime("%Y%m%d%H%M%S")
    if len(prefix) == 6:
        when = at.strftime("%y%m%d%H%M%S") + f"{now_ms % 1000:03}"
    rest = 32 - len(prefix) - len(when)
    return prefix + when + "".join(secrets.choice(LETTERS) for _ in range(rest))


def iso(ms: int | None) -> str | None:
    if ms is None:
        return None
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def parse_ms(
    text: object, fault: Callable[[str], Refused] = invalid, zone: timezone | None = KST
) -> int:
    """Milliseconds of an ISO time; without a zone it is of `zone`, or none. Raises `fault`."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = None
    if at is None or (at.tzinfo is None and zone is None):
        raise fault(f"시각이 아닙니다 (not an ISO time): {text}")
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return round(at.timestamp() * 1000)

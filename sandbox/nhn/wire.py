"""NHN's envelopes, dates (Seoul time) and request ids."""

import secrets
import string
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.nhn.words import ALIMTALK, SMS

KST = timezone(timedelta(hours=9))
MINUTE, SECOND = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"


class Refused(Exception):
    """The whole request is refused: a header with this code and no body."""

    def __init__(self, code: int, message: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message, self.body = code, message, body or {}


def biz(code: int, *fill: object) -> Refused:
    """A refusal in the words of Bizmessage."""
    return Refused(code, ALIMTALK[code].format(*fill))


def sms(code: int) -> Refused:
    """A refusal in the words of SMS."""
    return Refused(code, SMS[code])


def answer(body: dict[str, Any], code: int = 0, message: str = "SUCCESS") -> Response:
    header = {"resultCode": code, "resultMessage": message, "isSuccessful": code == 0}
    return Response(orjson.dumps({"header": header, **body}), media_type="application/json")


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to a request that raised `Refused`."""
    if not isinstance(error, Refused):
        raise error
    return answer(error.body, error.code, error.message)


async def read_json(request: Request, wrong_type: Refused, unreadable: Refused) -> dict[str, Any]:
    """The body as an object. Raises one of the two refusals."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise wrong_type
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise unreadable from None
    if not isinstance(body, dict):
        raise unreadable
    return body


def new_request_id(now_ms: int) -> str:
    """25 characters: Seoul time to the second, then eleven letters and digits."""
    letters = string.ascii_letters + string.digits
    return seoul(now_ms, "%Y%m%d%H%M%S") + "".join(secrets.choice(letters) for _ in range(11))


def seoul(ms: int, form: str = SECOND) -> str:
    """A time of Seoul; `form` tells nothing finer than a second."""
    return _seoul_second(ms // 1000, form)


@lru_cache(maxsize=1024)  # a thousand results of one webhook share a few seconds
def _seoul_second(at: int, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(KST).strftime(form)


def stamp(ms: int | None) -> str | None:
    """`yyyy-MM-dd HH:mm:ss.S` as in the samples, None for a time that has not come."""
    return None if ms is None else seoul(ms) + f".{ms % 1000 // 100}"


def parse_time(text: str, form: str) -> int | None:
    """Milliseconds of a Seoul time, None when it is not of this form."""
    try:
        return int(datetime.strptime(text, form).replace(tzinfo=KST).timestamp() * 1000)
    except ValueError:
        return None

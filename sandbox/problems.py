"""Errors of the desk API as application/problem+json: code, detail, field."""

from http import HTTPStatus
from itertools import groupby
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from sandbox.talks import CannotDo

MEDIA = "application/problem+json"
SCHEMA = "Problem"
# code → HTTP status, what it means and what helps; a test finds those that are missing here
CODES = {
    "empty": (422, "there is no text"),
    "too_long": (422, "the text is too long; the detail says how much fits"),
    "invalid": (422, "a parameter or field is wrong: `field` names it"),
    "not_found": (404, "there is no such thing; check the address"),
    "nothing_arrived": (404, "nothing that fits has arrived (yet); `wait_s` waits for it"),
    "no_phone": (404, "no phone has this number; send to it, or name it"),
    "no_message": (404, "this phone has no such message"),
    "no_button": (404, "the message has no such button; they count from 0"),
    "no_channel": (404, "no account has this channel; put it with an account"),
    "none": (404, "no scenario has run yet"),
    "bad_scenario": (422, "the scenario's file is wrong: `field` and the detail say where"),
    "clock_back": (409, "the clock only goes forward; `DELETE` puts it back to real time"),
    "built_in": (409, "this scenario is a part of the sandbox and cannot be deleted"),
    "running": (409, "a scenario is running; stop it first"),
    "off": (409, "the phone is off; switch it on"),
    "no_kakao": (409, "the phone is not on KakaoTalk"),
    "blocked": (409, "the phone blocks this channel"),
    "barred": (409, "the channel blocked this customer"),
    "no_consult": (409, "no account of the consultation hub has this channel"),
    "not_whole": (409, "this call was too large to be kept whole, so it cannot be sent again"),
    "not_a_form": (415, "photos come as multipart/form-data"),
    "not_a_photo": (422, "a file is no picture that can be read; the detail names it"),
    "too_many": (422, "too many at once; the detail says how many may be"),
    "too_large": (413, "a file is too large; the detail says how large it may be"),
    "state": (409, "the template's state does not allow it; `acts` lists what is allowed"),
}


class ProblemOut(BaseModel):
    """What every refusal looks like. `code` is stable."""

    type: str = Field("about:blank")
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["invalid"])
    detail: str = Field(examples=["전화번호가 아닙니다"])
    field: str | None = Field(None, examples=["to"])


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for the description: codes of CODES by status, in words."""
    content = {MEDIA: {"schema": {"$ref": f"#/components/schemas/{SCHEMA}"}}}
    known = sorted((CODES[code][0], code) for code in codes)
    return {
        status: {
            "description": "; ".join(f"`{code}`: {CODES[code][1]}" for _, code in same),
            "content": content,
        }
        for status, same in groupby(known, key=lambda one: one[0])
    }


class Problem(Exception):
    """Raised by the desk API. `field`: the parameter or body field at fault, if one is."""

    def __init__(self, status: int, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.field = status, code, detail, field


def not_found(what: str) -> Problem:
    return Problem(404, "not_found", f"그런 {what} 없습니다")


def _answer(problem: Problem) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "field": problem.field,
    }
    return Response(orjson.dumps(body), problem.status, media_type=MEDIA)


async def tell(request: Request, error: Exception) -> Response:
    if isinstance(error, CannotDo):
        return _answer(Problem(error.status, error.code, error.detail, error.field))
    if not isinstance(error, Problem):
        raise error
    return _answer(error)


async def tell_invalid(request: Request, error: Exception) -> Response:
    """A body or a parameter that does not fit its model."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    return _answer(Problem(422, "invalid", first["msg"], place or None))


async def tell_http(request: Request, error: Exception) -> Response:
    """Unknown paths and wrong methods."""
    if not isinstance(error, HTTPException):
        raise error
    code = HTTPStatus(error.status_code).name.lower()
    return _answer(Problem(error.status_code, code, str(error.detail)))

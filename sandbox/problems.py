"""Errors of the desk API as application/problem+json: code, detail, field."""

from http import HTTPStatus

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from sandbox.phone import CannotDo


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
    return Response(orjson.dumps(body), problem.status, media_type="application/problem+json")


async def tell(request: Request, error: Exception) -> Response:
    if isinstance(error, CannotDo):
        return _answer(Problem(error.status, error.code, error.detail))
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

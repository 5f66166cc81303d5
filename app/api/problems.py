"""Errors as the caller sees them: RFC 9457 problem+json, whatever went wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from app.db.outages import is_outage
from app.errors import (
    GatewayError,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from app.log import logger

MEDIA = "application/problem+json"
MOST_ERRORS = 20
SCHEMA = "Problem"

NOTHING = "default-src 'none'; frame-ancestors 'none'"
OWN_FILES = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)  # the API docs start with a script in the page
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": NOTHING,
    "Cache-Control": "no-store",
}

log = logger("api")


class Problem(BaseModel):
    """What every refusal looks like. `code` is stable; `detail` says what, why and what to do."""

    type: str = Field("about:blank")
    title: str = Field(examples=["Invalid request"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["bad_number"])
    detail: str = Field(examples=["The number is not a Korean phone number. Give it as …"])
    field: str | None = Field(None, description="path of the field at fault", examples=["to"])
    data: dict[str, Any] | None = Field(None, description="limits, counts, names")
    simulated: bool | None = Field(None, description="true where a test key asked")
    request_id: str | None = Field(None, description="only where we failed: tell it to us")


WHAT = {
    400: "The body is not JSON, or a cursor is not ours",
    401: "No API key, or one that is not valid",
    403: "The key may not do this",
    404: "Not there, or not this workspace's",
    409: "The state of things does not allow it now",
    413: "The body is too large",
    422: "A field is wrong",
    429: "Too many requests; see Retry-After",
    503: "What was asked cannot be kept now; see Retry-After",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for the API's description."""
    content = {MEDIA: {"schema": {"$ref": f"#/components/schemas/{SCHEMA}"}}}
    return {status: {"description": WHAT[status], "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(SQLAlchemyError, _store_error)
    app.add_exception_handler(Exception, _unexpected)


def answer(request: Request, error: GatewayError, **more: Any) -> JSONResponse:
    """The answer for one error."""
    body = error.problem() | more
    caller = getattr(request.state, "caller", None)
    if caller is not None and caller.simulated:
        body["simulated"] = True
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, error.status, headers, media_type=MEDIA)


def safe(headers: MutableHeaders, request_id: str) -> None:
    """Add what every answer carries, keeping what a route has set itself."""
    is_docs = (
        headers.get("Content-Type", "").startswith("text/html")
        and "Content-Security-Policy" not in headers
    )
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if is_docs:
        headers["Content-Security-Policy"] = OWN_FILES
    headers["X-Request-Id"] = request_id


def not_found() -> NotFound:
    """The same words for what is not there and for what may not be seen."""
    return NotFound("not_found", "There is nothing here. Check the address and the id.")


def too_large(limit: int) -> TooLarge:
    """The refusal of a body over ``limit`` bytes."""
    return TooLarge(
        "body_too_large",
        f"The body is over {limit} bytes. Send less at once.",
        data={"limit": limit},
    )


class MethodNotAllowed(GatewayError):
    """405: the address is right, the method is not."""

    status, title = 405, "Method not allowed"


async def _gateway_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GatewayError)
    return answer(request, error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return answer(request, not_found())
    if error.status_code == 405:
        refused = MethodNotAllowed("method_not_allowed", "This address has other methods.")
        response = answer(request, refused)
        response.headers.update(error.headers or {})
        return response
    if error.status_code == 413:
        return answer(request, too_large(int(error.detail)))
    return answer(request, Malformed("bad_request", "The request could not be read."))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return answer(request, explain(error.errors()))


async def _store_error(request: Request, error: Exception) -> JSONResponse:
    """A database that is away is waited for; a statement it refuses is our own fault."""
    assert isinstance(error, SQLAlchemyError)
    if not is_outage(error):
        return await _unexpected(request, error)
    request_id = getattr(request.state, "request_id", "")
    log.warning("database away", request_id=request_id, error=type(error).__name__)
    return answer(
        request,
        Unavailable(
            "database_unavailable",
            "The database does not answer. Repeat the request shortly, with the same "
            "Idempotency-Key if it had one.",
            retry_after_s=1,
        ),
    )


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """Our own fault: the caller gets a number to tell, the log gets the kind of error."""
    request_id = getattr(request.state, "request_id", "")
    log.error("internal error", request_id=request_id, error=type(error).__name__)
    failed = GatewayError(
        "internal_error",
        "Something went wrong here. Repeat the request with the same Idempotency-Key; if it "
        "happens again, tell the operator the request id.",
    )
    response = answer(request, failed, request_id=request_id)
    safe(response.headers, request_id)  # this answer does not pass the gate
    return response


def explain(errors: Sequence[Mapping[str, Any]]) -> GatewayError:
    """One refusal for what the framework found; values of the caller are not repeated."""
    found = [_finding(error) for error in errors[:MOST_ERRORS]]
    first, kind = found[0], errors[0]["type"]
    if kind == "json_invalid":
        return Malformed("bad_json", "The body is not JSON. Send UTF-8 JSON.")
    if errors[0]["loc"][0] == "path":
        return not_found()
    if kind == "extra_forbidden":
        return Invalid(
            "unknown_field",
            f"There is no field {first['field']}. Check its spelling, or leave it out.",
            field=first["field"],
            data={"errors": found},
        )
    return Invalid(
        "invalid_request",
        f"{first['field'] or 'The body'}: {first['detail']}.",
        field=first["field"] or None,
        data={"errors": found},
    )


def _finding(error: Mapping[str, Any]) -> dict[str, str]:
    """Field path (``recipients[3].to``) and plain words of one finding."""
    where, *path = error["loc"]
    field = ""
    for part in path:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    if error["type"] == "missing" and not field and where == "body":
        return {"field": "", "detail": "a JSON body is needed"}
    if error["type"] in ("model_attributes_type", "dict_type") and not field:
        return {"field": "", "detail": "a JSON object with Content-Type application/json is needed"}
    return {"field": field, "detail": str(error["msg"]).removeprefix("Value error, ")}

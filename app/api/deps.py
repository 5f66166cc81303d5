"""What routes ask for: the runtime, a caller with a scope, a place in a list."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from app.errors import Forbidden, Malformed
from app.services import keys
from app.services.callers import SCOPES, Caller
from app.services.runtime import Runtime

MOST = 100
T = TypeVar("T")

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    bearerFormat="naru_test_….…",
    description="`Authorization: Bearer naru_test_…` (or `naru_live_…`, `naru_team_…`)",
)
_header = APIKeyHeader(
    name="X-Api-Key",
    auto_error=False,
    scheme_name="API key in a header of its own",
    description="The same key, for clients that cannot set Authorization",
)


Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]  # no line ends, nothing invisible


class Body(BaseModel):
    """What a caller sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What a caller gets."""

    simulated: bool = False  # true for a test key: nothing reached a real phone


# those that every request asks for are coroutines: a plain function would be run in a thread
async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(_runtime)]


def caller_with(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, whose key has ``scope``.

    Raises Unauthorized ``no_api_key``, ``bad_api_key`` and Forbidden ``scope_missing``.
    """
    return caller_with_any(scope)


def caller_with_any(*scopes: str) -> Callable[..., Awaitable[Caller]]:
    """As :func:`caller_with`, for what shows each caller what its scopes let it read."""
    unknown = set(scopes) - set(SCOPES)
    if unknown:
        raise ValueError(f"no scope {unknown}")

    async def caller(
        request: Request,
        runtime: RuntimeDep,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
        header: Annotated[str | None, Depends(_header)] = None,
    ) -> Caller:
        found = await keys.authenticate(runtime, bearer.credentials if bearer else header)
        request.state.caller = found
        if not found.scopes.intersection(scopes):
            need_scope(found, scopes[0])
        return found

    return caller


def need_scope(caller: Caller, scope: str) -> None:
    """Raises Forbidden ``scope_missing``."""
    if scope not in caller.scopes:
        raise Forbidden(
            "scope_missing",
            f"This key lacks the scope {scope}. Use a key that has it, or create one.",
            data={"scope": scope, "has": sorted(caller.scopes)},
        )


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in a list: at most ``limit`` items after the id ``after``."""

    limit: int
    after: UUID | None

    def cut(self, rows: Sequence[T], id_of: Callable[[T], UUID]) -> tuple[list[T], str | None]:
        """The page out of ``limit + 1`` rows that were asked for, and the next cursor."""
        page = list(rows[: self.limit])
        is_last = len(rows) <= self.limit
        return page, None if is_last else to_cursor(id_of(page[-1]))


def to_cursor(id_: UUID) -> str:
    """An opaque cursor: the place right after that row."""
    return base64.urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def from_cursor(cursor: str) -> UUID:
    """The row behind a cursor. Raises Malformed ``bad_cursor``."""
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise Malformed(
            "bad_cursor",
            "The cursor is not one of ours. Take `next` from the page before, or begin without.",
            field="cursor",
        ) from None


async def _paging(
    limit: Annotated[int, Query(ge=1, le=MOST, description="items on a page")] = 50,
    cursor: Annotated[
        str | None, Query(description="`next` of the page before", max_length=100)
    ] = None,
) -> Paging:
    return Paging(limit, None if cursor is None else from_cursor(cursor))


PagingDep = Annotated[Paging, Depends(_paging)]

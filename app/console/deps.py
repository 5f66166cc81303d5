"""What every page asks for first: who is there, whether they may, and whether it is their own form.

Roles are enforced here and nowhere else: a route names the scope it needs, ``visit("admin")``.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request

from app.errors import Forbidden, GatewayError
from app.services import logins
from app.services.callers import SCOPES
from app.services.logins import Door, Visit
from app.services.runtime import Runtime

COOKIE = "__Host-naru"  # RFC 6265bis: only from this host, only over a secure connection
PLAIN_COOKIE = "naru"  # where the operator allows plain http
READING = frozenset({"GET", "HEAD"})
OWN_SITE = ("same-origin", "none")
ASKED: dict[Callable[..., Any], str | None] = {}  # the scope of each dependency made here


class NotLoggedIn(GatewayError):
    """401: nobody is there; a page sends them to the log-in and back."""

    status, title = 401, "Not logged in"

    def __init__(self) -> None:
        super().__init__("not_logged_in", "Log in first.")


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(_runtime)]


def cookie_name(runtime: Runtime) -> str:
    """What the log-in's cookie is called here."""
    return PLAIN_COOKIE if runtime.settings.console_http else COOKIE


def visit(scope: str | None, *, busy: bool = True) -> Callable[..., Awaitable[Visit]]:
    """A dependency: the person who is logged in, whose role has ``scope`` (None: anybody's).

    What changes something must come from our own page: same origin, and the login's own token
    in the form's field ``csrf`` or the header ``X-CSRF``. ``busy``: it counts as use of the login;
    what a page asks by itself does not. Raises NotLoggedIn, Forbidden
    ``role_missing``, ``other_site``, ``stale_form``.
    """
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"no scope {scope!r}")

    async def found(request: Request, runtime: RuntimeDep) -> Visit:
        token = request.cookies.get(cookie_name(runtime), "")
        who = await logins.find(runtime, token, busy=busy) if token else None
        if who is None:
            raise NotLoggedIn
        request.state.visit = who
        if scope is not None and not who.may(scope):
            raise Forbidden(
                "role_missing",
                "Your role does not allow this. Ask an owner of the workspace.",
                data={"role": who.role, "scope": scope},
            )
        if request.method not in READING:
            from_here(request)
            await _check_form(request, who)
        return who

    ASKED[found] = scope
    return found


Anybody = Annotated[Visit, Depends(visit(None))]


def from_here(request: Request) -> None:
    """Refuse what another site sent (OWASP CSRF cheat sheet: Origin, then Sec-Fetch-Site).

    Raises Forbidden ``other_site``.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None:
        strange = origin.partition("://")[2] != request.headers.get("host", "")
    else:
        strange = site is not None and site not in OWN_SITE
    if strange:
        raise Forbidden("other_site", "This came from another site. Open the page here again.")


async def _check_form(request: Request, who: Visit) -> None:
    given = request.headers.get("x-csrf")
    if given is None:
        field = (await request.form()).get("csrf")
        given = field if isinstance(field, str) else ""
    if not hmac.compare_digest(given.encode(), who.csrf.encode()):
        raise Forbidden("stale_form", "This page is from another log-in. Load it again.")


def door(request: Request) -> Door:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    return Door(address, request.headers.get("user-agent", ""))


def log_in_address(request: Request) -> str:
    """The log-in that comes back to this page."""
    path = request.url.path
    if request.method not in READING or path == "/console":
        return "/console/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/console/login?next={quote(path + query, safe='')}"


def safe_next(address: str) -> str | None:
    """An address to go on to, when it is a page of ours; None for any other."""
    inside = address == "/console" or address.startswith(("/console/", "/console?"))
    strange = any(ord(char) < 33 or char in "\\" for char in address) or "//" in address
    return address if inside and not strange and len(address) < 2000 else None

"""Coming in and going out: the first owner, the log-in, the link that sets a password."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.deps import (
    Anybody,
    RuntimeDep,
    cookie_name,
    door,
    from_here,
    safe_next,
    visit,
)
from app.console.forms import PageRoute, read_form, see
from app.console.frame import first_page
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import LANGUAGES
from app.db.models import Workspace
from app.db.session import Tx
from app.errors import Forbidden, GatewayError, Invalid
from app.services import logins, passwords, setup_code, staff, workspaces
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
YEAR_S = 365 * 24 * 3600
OwnSite = Depends(from_here)


@router.get("/login")
async def show_log_in(request: Request, runtime: RuntimeDep) -> Response:
    """The log-in; a new installation begins with its first owner."""
    async with runtime.database.read() as session:
        if await staff.is_first(session):
            return see("/console/start")
    return await _log_in_page(request, runtime)


@router.post("/login", dependencies=[OwnSite])
async def log_in(request: Request, runtime: RuntimeDep) -> Response:
    form = await read_form(request)
    address, remember = form.get("email", ""), form.get("remember") == "1"
    try:
        need_https(request, runtime)
        token, _ = await logins.log_in(
            runtime, address, form.get("password", ""), door(request), remember=remember
        )
    except GatewayError as error:
        return await _log_in_page(request, runtime, error, address)
    return enter(runtime, token, remember, safe_next(form.get("next", "")) or "/console")


async def _log_in_page(
    request: Request, runtime: Runtime, error: GatewayError | None = None, email: str = ""
) -> Response:
    values = {
        "error": error,
        "why": explained(error, language_of(request)) if error else "",
        "email": email,
        "next": safe_next(request.query_params.get("next", "")) or "",
        "host": urlsplit(runtime.settings.public).netloc,
    }
    return await page(request, None, "login.html", values, error.status if error else 200)


@router.post("/logout")
async def log_out(runtime: RuntimeDep, who: Anybody) -> Response:
    async with runtime.database.write() as tx:
        await logins.log_out(tx, who.login_id)
    response = see("/console/login")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    _set_cookie(response, runtime, "", 0)
    return response


@router.get("/start")
async def show_start(request: Request, runtime: RuntimeDep) -> Response:
    """The first owner of a new installation; afterwards there is only the log-in."""
    async with runtime.database.read() as session:
        if not await staff.is_first(session):
            return see("/console/login")
    setup_code.make(runtime.settings.data)
    return await _start_page(request, {"code": request.query_params.get("code", "")})


@router.post("/start", dependencies=[OwnSite])
async def start(request: Request, runtime: RuntimeDep) -> Response:
    form = await read_form(request)
    try:
        need_https(request, runtime)
        setup_code.check(runtime.settings.data, form.get("code", ""))
        email, name = (
            staff.check_email(form.get("email", "")),
            staff.check_name(form.get("name", "")),
        )
        password = form.get("password", "")
        passwords.check(password, email.partition("@")[0], name)
        stored = await passwords.hashed(password)
        async with runtime.database.write() as tx:
            workspace = await _first_workspace(tx, form.get("workspace", ""))
            owner = await staff.first_owner(tx, workspace.id, email, name, stored)
            token, _ = await logins.open_login(
                tx, runtime.sealer, owner, door(request), remember=True
            )
    except GatewayError as error:
        return await _start_page(request, form, error)
    setup_code.forget(runtime.settings.data)
    return enter(runtime, token, True, "/console")


async def _first_workspace(tx: Tx, name: str) -> Workspace:
    """The oldest workspace there is, else a new one of this name."""
    oldest = await workspaces.oldest(tx.session)
    if oldest is not None:
        return oldest
    if not name.strip():
        raise Invalid("bad_workspace", "Give the workspace a name.", field="workspace")
    return await workspaces.create(tx, name)


async def _start_page(
    request: Request, form: dict[str, str], error: GatewayError | None = None
) -> Response:
    runtime: Runtime = request.app.state.runtime
    async with runtime.database.read() as session:
        workspace = await workspaces.oldest(session)
    values = {
        "form": {name: form.get(name, "") for name in ("code", "email", "name", "workspace")},
        "workspace": workspace.name if workspace else "",
        "error": error,
        "why": explained(error, language_of(request)) if error else "",
    }
    return await page(request, None, "start.html", values, error.status if error else 200)


@router.get("/link/{token}")
async def show_link(request: Request, runtime: RuntimeDep, token: str) -> Response:
    """The page where a person sets their own password."""
    async with runtime.database.write() as tx:
        person = await staff.by_link(tx, runtime.sealer, token)
    return await page(request, None, "link.html", {"person": person, "error": None, "why": ""})


@router.post("/link/{token}", dependencies=[OwnSite])
async def set_password(request: Request, runtime: RuntimeDep, token: str) -> Response:
    form = await read_form(request)
    password = form.get("password", "")
    async with runtime.database.write() as tx:
        person = await staff.by_link(tx, runtime.sealer, token)
    try:
        need_https(request, runtime)
        passwords.check(password, person.email.partition("@")[0], person.name)
    except GatewayError as error:
        values = {
            "person": person,
            "error": error,
            "why": explained(error, language_of(request)),
        }
        return await page(request, None, "link.html", values, error.status)
    stored = await passwords.hashed(password)
    async with runtime.database.write() as tx:
        person = await staff.by_link(tx, runtime.sealer, token)
        await staff.set_password(tx, person, stored)
        cookie, _ = await logins.open_login(
            tx, runtime.sealer, person, door(request), remember=True
        )
    return enter(runtime, cookie, True, "/console")


@router.post("/workspace")
async def change_workspace(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    """Go on in another workspace of the same person."""
    form = await read_form(request)
    async with runtime.database.write() as tx:
        await logins.move(tx, who, workspaces.read_id(form.get("workspace", "")))
    return see("/console")


@router.post("/mode")
async def change_mode(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    """Look at what really leaves, or at the sandbox."""
    mode = (await read_form(request)).get("mode", "")
    async with runtime.database.write() as tx:
        await logins.look_at(tx, who, "sandbox" if mode == "sandbox" else "live")
    return see(_back(request, who))


@router.post("/language")
async def change_language(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    form = await read_form(request)
    language = form.get("language", "")
    if language in LANGUAGES:
        async with runtime.database.write() as tx:
            await staff.speak(tx, who.staff_id, language)
    return see(safe_next(form.get("back", "")) or _back(request, who))


def _back(request: Request, who: Visit) -> str:
    """The page a form came from, when it is ours."""
    parts = urlsplit(request.headers.get("referer", ""))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return safe_next(path) or first_page(who)


def enter(runtime: Runtime, token: str, remember: bool, address: str) -> Response:
    """Go on with a new log-in: its cookie is set."""
    response = see(address)
    _set_cookie(response, runtime, token, int(logins.KEEP.total_seconds()) if remember else None)
    return response


def _set_cookie(response: Response, runtime: Runtime, token: str, max_age: int | None) -> None:
    response.set_cookie(
        cookie_name(runtime),
        token,
        max_age=max_age,
        path="/",
        secure=not runtime.settings.console_http,
        httponly=True,
        samesite="lax",
    )


def need_https(request: Request, runtime: Runtime) -> None:
    """Raise Forbidden ``https_needed`` where a password would cross a network in the open."""
    host = request.url.hostname or ""
    if request.url.scheme == "https" or runtime.settings.console_http or _is_loopback(host):
        return
    raise Forbidden(
        "https_needed",
        "Passwords are taken over HTTPS only. Put HTTPS in front, or in a closed network set "
        "NARU_CONSOLE_HTTP=true.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@router.get("")
async def begin(who: Annotated[Visit, Depends(visit(None))]) -> Response:
    """Where this role begins."""
    return see(first_page(who))

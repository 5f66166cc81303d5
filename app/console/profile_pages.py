"""Your own page: name, language, password, and the browsers you are logged in with."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.console.deps import Anybody, RuntimeDep, door
from app.console.entry import enter, need_https
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import LANGUAGES
from app.db.models import Staff
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.services import access, browsers, logins, passwords, staff
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/profile", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def show(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    """Who I am here."""
    return await _page(request, runtime, who)


@router.post("")
async def change(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    """My name and my language."""
    form = await read_form(request)
    language = form.get("language", "")
    try:
        async with runtime.database.write() as tx:
            await staff.rename(tx, who.staff_id, form.get("name", ""))
            if language in LANGUAGES:
                await staff.speak(tx, who.staff_id, language)
            await access.note(tx, who, "profile.changed", who.staff_id)
    except GatewayError as error:
        return await _page(request, runtime, who, error, form)
    return see("/console/profile")


@router.post("/password")
async def change_password(request: Request, runtime: RuntimeDep, who: Anybody) -> Response:
    """A new password with the old one; every log-in ends and this browser gets a new one."""
    form = await read_form(request)
    new, here = form.get("password", ""), door(request)
    try:
        need_https(request, runtime)
        passwords.check(new, who.email.partition("@")[0], who.name)
        await logins.check_password(runtime, who, form.get("old", ""), here.address)
        stored = await passwords.hashed(new)
        async with runtime.database.write() as tx:
            person = await tx.session.get_one(Staff, who.staff_id)
            await staff.set_password(tx, person, stored)
            token, _ = await logins.open_login(tx, runtime.sealer, person, here, remember=True)
            await access.note(tx, who, "profile.password", who.staff_id)
    except GatewayError as error:
        return await _page(request, runtime, who, error)
    return enter(runtime, token, True, "/console/profile")


@router.post("/logins/{login_id}/end")
async def end_login(
    request: Request, runtime: RuntimeDep, who: Anybody, login_id: UUID
) -> Response:
    """End one of my own log-ins."""
    async with runtime.database.write() as tx:
        await browsers.end(tx, who.staff_id, login_id)
    return see("/console/login" if login_id == who.login_id else "/console/profile")


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    error: GatewayError | None = None,
    form: dict[str, str] | None = None,
) -> Response:
    async with runtime.database.read() as session:
        mine = await browsers.of_person(session, who.staff_id, clock())
    field = (error.field or "") if error else ""
    if error and error.code == "bad_login":
        field = "old"
    values: dict[str, Any] = {
        "here": "",
        "logins": mine,
        "name": form.get("name", "") if form else who.name,
        "speaks": form.get("language", "") if form else who.language,
        "error": error,
        "field_": field,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "profile.html", values, error.status if error else 200)

"""People and roles: who can log in, what each role may do, links that set a password."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.addresses import link
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.frame import ROLE_NAMES
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import mark
from app.errors import GatewayError, Refused
from app.services import access, resets, staff
from app.services.logins import Visit
from app.services.roles import ROLES
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/members", include_in_schema=False, route_class=PageRoute)
Admin = Annotated[Visit, Depends(visit("admin"))]
ROLE_WORDS = {
    "owner": mark("모두 할 수 있어요. 사람, 키, 계정을 바꿔요."),
    "operator": mark("보내고, 템플릿과 상담을 다뤄요. 사람과 키, 계정은 바꾸지 못해요."),
    "agent": mark("상담만 보고 답해요."),
    "viewer": mark("메시지, 템플릿, 상담을 보기만 해요."),
}


@router.get("")
async def show_list(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """Everybody who can log in to this workspace."""
    return await _page(request, runtime, who)


@router.post("")
async def add(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """One more person; the link is on this one page and nowhere else."""
    form = await read_form(request)
    try:
        async with runtime.database.write() as tx:
            person, token = await staff.add(
                tx,
                runtime.sealer,
                who.workspace_id,
                form.get("email", ""),
                form.get("name", ""),
                form.get("role", ""),
            )
            await access.note(tx, who, "member.added", person.id, form["role"])
    except GatewayError as error:
        return await _page(request, runtime, who, form, error)
    made = {"name": person.name, "link": link(request, runtime, token) if token else ""}
    return await _page(request, runtime, who, made=made)


@router.post("/{staff_id}/role")
async def change_role(
    request: Request, runtime: RuntimeDep, who: Admin, staff_id: UUID
) -> Response:
    """Another role for somebody else."""
    role = (await read_form(request)).get("role", "")
    try:
        _not_oneself(who, staff_id)
        async with runtime.database.write() as tx:
            await staff.change_role(tx, who.workspace_id, staff_id, role)
            await access.note(tx, who, "member.role", staff_id, role)
    except GatewayError as error:
        return await _page(request, runtime, who, error=error)
    return see("/console/members")


@router.post("/{staff_id}/link")
async def new_link(request: Request, runtime: RuntimeDep, who: Admin, staff_id: UUID) -> Response:
    """Forget somebody's password and end their log-ins; the link for a new one, shown once."""
    try:
        _not_oneself(who, staff_id)
        async with runtime.database.write() as tx:
            token = await resets.reset_here(tx, runtime.sealer, who.workspace_id, staff_id)
            await access.note(tx, who, "member.reset", staff_id)
            people = await staff.people(tx.session, who.workspace_id)
    except GatewayError as error:
        return await _page(request, runtime, who, error=error)
    name = next(one.name for one in people if one.staff_id == staff_id)
    made = {"name": name, "link": link(request, runtime, token)}
    return await _page(request, runtime, who, made=made)


@router.post("/{staff_id}/remove")
async def remove(request: Request, runtime: RuntimeDep, who: Admin, staff_id: UUID) -> Response:
    """Somebody else leaves the workspace: they are out at once."""
    try:
        _not_oneself(who, staff_id)
        async with runtime.database.write() as tx:
            await staff.remove(tx, who.workspace_id, staff_id)
            await access.note(tx, who, "member.removed", staff_id)
    except GatewayError as error:
        return await _page(request, runtime, who, error=error)
    return see("/console/members")


def _not_oneself(who: Visit, staff_id: UUID) -> None:
    """Nobody locks themselves out by a slip. Raises Refused ``own_row``."""
    if staff_id == who.staff_id:
        raise Refused("own_row", "Ask another owner to change your own role, link or place here.")


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    form: dict[str, str] | None = None,
    error: GatewayError | None = None,
    made: dict[str, str] | None = None,
) -> Response:
    async with runtime.database.read() as session:
        people = await staff.people(session, who.workspace_id)
    values: dict[str, Any] = {
        "here": "members",
        "people": people,
        "form": form or {},
        "roles": [(role, ROLE_NAMES[role], ROLE_WORDS[role]) for role in ROLES],
        "made": made,
        "error": error,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "members.html", values, error.status if error else 200)

"""A new wording: from a starter, from what is stored, or pasted; checked before it is kept."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.console import template_words
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.template_pages import modes_of
from app.errors import GatewayError
from app.services import access, templates, wordings
from app.services.logins import Visit
from app.services.runtime import Runtime
from app.services.wordings import Typed
from templates import files
from templates.findings import Severity, TemplateProblem

router = APIRouter(prefix="/console/write", include_in_schema=False, route_class=PageRoute)
Writer = Annotated[Visit, Depends(visit("templates:write"))]


@router.get("")
async def show_form(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """The starters to begin with; with ``?starter=``, ``?from=`` or ``?own=1`` the form."""
    query = request.query_params
    starters = files.starters()
    if (name := query.get("starter", "")) in starters:
        text = starters[name].read_text("utf-8")
        return await _form(request, who, {"text": text, "code": ""})
    if code := query.get("from", ""):
        return await _form(request, who, await _stored(runtime, who, code))
    if query.get("own"):
        return await _form(request, who, {"text": "", "code": ""})
    offered = [(name, files.load(path)[0]) for name, path in starters.items()]
    return await page(request, who, "template_pick.html", {"here": "templates", "offered": offered})


async def _stored(runtime: Runtime, who: Visit, code: str) -> dict[str, str]:
    async with runtime.database.read() as session:
        stored = await templates.get(session, who.workspace_id, code)
    try:
        return {"text": wordings.write(stored.version.body), "code": code}
    except TemplateProblem:  # of rules that were other ones then
        return {"text": "", "code": code}


@router.post("")
async def save(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """Check it (``do=check``), keep a draft (``save``), or keep it and ask for its review."""
    form = await read_form(request)
    do, code = form.get("do", "check"), form.get("code", "")
    typed = await run_in_threadpool(wordings.read, form.get("text", ""))
    if do not in ("save", "submit") or typed.template is None:
        return await _form(request, who, form, typed)
    body, submit = typed.template.to_mapping(), do == "submit"
    place, modes = who.workspace_id, modes_of(who)
    try:
        async with runtime.database.write() as tx:
            if code:
                stored = await templates.put(tx, place, code, body, modes, submit=submit)
            else:
                stored = await templates.create(tx, place, body, modes, submit=submit)
            kind = "template.submitted" if submit else "template.saved"
            await access.note(tx, who, kind, stored.template.id, stored.template.code)
    except GatewayError as error:
        return await _form(request, who, form, typed, error)
    return see(f"/console/templates/{stored.template.code}")


async def _form(
    request: Request,
    who: Visit,
    form: dict[str, str],
    typed: Typed | None = None,
    error: GatewayError | None = None,
) -> Response:
    language = language_of(request, who)
    findings = typed.findings if typed else ()
    errors = sum(one.severity is Severity.ERROR for one in findings)
    values: dict[str, Any] = {
        "here": "templates",
        "form": {name: form.get(name, "") for name in ("text", "code")},
        "is_checked": typed is not None,
        "errors": errors,
        "findings": template_words.told(findings, language),
        "error": error,
        "why": explained(error, language) if error else "",
    }
    status = error.status if error else 422 if errors else 200
    return await page(request, who, "template_write.html", values, status)

"""A notice instead of an answer, where the chat is closed: choose a template, fill it, send it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console import render
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, see
from app.console.inbox.column import agent_of
from app.console.inbox.replying import Form, Given, Writer, bad_form
from app.console.problem_words import explained
from app.errors import GatewayError
from app.ids import new_token
from app.services import customer, messages, notice_choices, notice_instead
from app.services.accept import Acceptor
from app.services.catalogue import Catalogue
from app.services.idempotency import Asked
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/inbox", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("consultations:write"))]
VALUE = "v-"  # before a variable's name in the form
KEY = 64


@router.get("/{thread_id}/notice")
async def show_notice(
    request: Request, runtime: RuntimeDep, who: Reader, thread_id: UUID, template: str = ""
) -> Response:
    """The templates that open a chat, and the form of the chosen one."""
    form = Form({"template": template, "client_key": new_token()}, None, None)
    return await _form_page(request, runtime, who, thread_id, form)


@router.post("/{thread_id}/notice")
async def send_notice(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Send it. The form's ``client_key`` makes a second click the first one's echo."""
    key = form.get("client_key")
    if not 0 < len(key) <= KEY or not key.isalnum():
        raise bad_form("client_key")
    values = {
        name.removeprefix(VALUE): value.strip()
        for name, value in form.fields.items()
        if name.startswith(VALUE)
    }
    instead = notice_instead.Instead(form.get("template"), values)
    catalogue: Catalogue = request.app.state.catalogue
    acceptor: Acceptor = request.app.state.acceptor
    try:
        new = await notice_instead.asked(runtime, who.caller, thread_id, instead)
        preparing = notice_instead.prepare(runtime, catalogue, who.caller, (thread_id, new), key)
        asked = Asked(who.workspace_id, messages.ENDPOINT, key, new.digest())
        accepted = await acceptor.accept_once(asked, preparing)
    except GatewayError as error:
        return await _form_page(request, runtime, who, thread_id, form, error)
    told: dict[str, Any] = accepted.response
    await notice_instead.link(runtime, who.caller, thread_id, UUID(told["id"]), agent_of(who))
    return see(f"/console/inbox/{thread_id}")


async def _form_page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    thread_id: UUID,
    form: Form,
    error: GatewayError | None = None,
) -> Response:
    async with runtime.database.read() as session:
        known = await customer.panel(session, runtime, who.caller, thread_id)
    catalogue: Catalogue = request.app.state.catalogue
    offered = await notice_choices.choices(runtime, catalogue, who.caller)
    language = render.language_of(request, who)
    values = {
        "here": "inbox",
        "thread_id": thread_id,
        "customer": known,
        "choices": offered,
        "chosen": next((one for one in offered if one.code == form.get("template")), None),
        "form": form,
        "error": error,
        "why": explained(error, language) if error else "",
    }
    status = error.status if error else 200
    return await render.page(request, who, "inbox_notice.html", values, status)

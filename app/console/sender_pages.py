"""Senders: sender keys and caller numbers, the proof that they are ours, whether they are used."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.account_pages import mode_of
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import mark
from app.errors import GatewayError, Invalid
from app.services import access, accounts, senders
from app.services.logins import Visit
from app.services.runtime import Runtime
from app.services.senders import KINDS, NewSender

router = APIRouter(prefix="/console/senders", include_in_schema=False, route_class=PageRoute)
Admin = Annotated[Visit, Depends(visit("admin"))]
KIND_WORDS = {
    "alimtalk": mark("알림톡 발신 프로필"),
    "sms": mark("문자 발신번호"),
    "chat": mark("상담톡 발신 프로필"),
    "push": mark("푸시를 받을 앱"),
}
LONGEST = {"name": 100, "proof": 500}


@router.get("")
async def show_list(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """All senders, and the form for one more."""
    return await _page(request, runtime, who, {})


@router.post("")
async def add(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """One more; an Alimtalk sender has the workspace's templates reviewed for it."""
    form = await read_form(request)
    try:
        new = NewSender(
            kind=form.get("kind", ""),
            value=form.get("value", ""),
            name=_line(form, "name"),
            proof=_line(form, "proof"),
        )
        account_id = _id(form.get("account", ""))
        async with runtime.database.write() as tx:
            account = await accounts.get(tx.session, who.workspace_id, account_id, mode_of(who))
            sender = await senders.add(tx, account, new)
            words = f"{account.name}: {sender.kind} {sender.value}"
            await access.note(tx, who, "sender.added", sender.id, words)
    except GatewayError as error:
        return await _page(request, runtime, who, form, error)
    return see("/console/senders")


@router.post("/{sender_id}/state")
async def change_state(
    request: Request, runtime: RuntimeDep, who: Admin, sender_id: UUID
) -> Response:
    """Use a sender no more, or again."""
    blocked = (await read_form(request)).get("do", "") == "block"
    async with runtime.database.write() as tx:
        sender = await senders.set_blocked(
            tx, who.workspace_id, sender_id, mode_of(who), blocked=blocked
        )
        kind = "sender.blocked" if blocked else "sender.opened"
        await access.note(tx, who, kind, sender.id, f"{sender.kind} {sender.value}")
    return see("/console/senders")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("choose_account", "Choose the account.", field="account") from None


def _line(form: dict[str, str], name: str) -> str:
    """Raises Invalid ``line_too_long``."""
    text = " ".join(form.get(name, "").split())
    if len(text) > LONGEST[name]:
        raise Invalid(
            "line_too_long",
            f"{name} has at most {LONGEST[name]} characters.",
            field=name,
            data={"limit": LONGEST[name], "count": len(text)},
        )
    return text


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    form: dict[str, str],
    error: GatewayError | None = None,
) -> Response:
    mode = mode_of(who)
    async with runtime.database.read() as session:
        found = await senders.list_senders(session, who.workspace_id, mode)
        known = await accounts.list_accounts(session, who.workspace_id, mode)
    values: dict[str, Any] = {
        "here": "senders",
        "senders": found,
        "accounts": {one.id: one for one in known},
        "kinds": [(kind, KIND_WORDS[kind]) for kind in KINDS],
        "kind_words": KIND_WORDS,
        "form": form,
        "error": error,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "senders.html", values, error.status if error else 200)

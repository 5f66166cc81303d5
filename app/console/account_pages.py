"""Provider accounts: the list, checking one now, pausing it, and its callback address."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import mark
from app.db.models import ProviderAccount
from app.db.models.fields import now as clock
from app.errors import GatewayError, Unavailable
from app.sealing import Unsealable
from app.services import access, accounts, eta
from app.services.logins import Visit
from app.services.runtime import Runtime
from channels import registry

router = APIRouter(prefix="/console/accounts", include_in_schema=False, route_class=PageRoute)
Admin = Annotated[Visit, Depends(visit("admin"))]
BY_HAND = "paused_in_console"
ROUTES = {
    "alimtalk": mark("알림톡"),
    "sms": mark("SMS"),
    "lms": mark("LMS"),
    "mms": mark("MMS"),
    "chat": mark("상담톡"),
    "push": mark("앱 푸시"),
}


def mode_of(who: Visit) -> str | None:
    """Which accounts a visit reaches: in the sandbox those of the sandbox, else all."""
    return "sandbox" if who.mode == "sandbox" else None


@router.get("")
async def show_list(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """All accounts and what waits at each."""
    return await list_page(request, runtime, who)


@router.post("/{account_id}/check")
async def check(request: Request, runtime: RuntimeDep, who: Admin, account_id: UUID) -> Response:
    """Ask the provider whether the credentials work, at no cost."""
    async with runtime.database.read() as session:
        account = await accounts.get(session, who.workspace_id, account_id, mode_of(who))
    try:
        health = await accounts.check(runtime, account)
    except (Unsealable, ValueError):
        error = Unavailable(
            "account_unusable",
            "The stored credentials cannot be used. Is secrets.toml the one they were stored "
            "with? If not, give them again.",
        )
        return await list_page(request, runtime, who, error)
    async with runtime.database.write() as tx:
        words = f"{account.name}: {'ok' if health.ok else 'bad'}"
        await access.note(tx, who, "account.checked", account.id, words)
    return await list_page(request, runtime, who, told=(account_id, "health", health))


@router.post("/{account_id}/callback")
async def reveal(request: Request, runtime: RuntimeDep, who: Admin, account_id: UUID) -> Response:
    """The callback address holds a secret: it is shown on demand, and that is recorded."""
    async with runtime.database.write() as tx:
        account = await accounts.get(tx.session, who.workspace_id, account_id, mode_of(who))
        await access.note(tx, who, "callback.revealed", account.id, account.name)
    try:
        address = accounts.callback_url(runtime, account)
    except Unsealable:
        error = Unavailable("account_unusable", "The stored credentials cannot be opened.")
        return await list_page(request, runtime, who, error)
    return await list_page(request, runtime, who, told=(account_id, "callback", address))


@router.post("/{account_id}/state")
async def change_state(
    request: Request, runtime: RuntimeDep, who: Admin, account_id: UUID
) -> Response:
    """Stop sending through an account, or send through it again."""
    do = (await read_form(request)).get("do", "")
    async with runtime.database.write() as tx:
        account = await accounts.get(tx.session, who.workspace_id, account_id, mode_of(who))
        if do == "pause":
            await accounts.pause(tx, who.workspace_id, account_id, BY_HAND)
        else:
            await accounts.resume(tx, who.workspace_id, account_id)
        kind = "account.paused" if do == "pause" else "account.resumed"
        await access.note(tx, who, kind, account_id, account.name)
    return see("/console/accounts")


async def list_page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    error: GatewayError | None = None,
    told: tuple[UUID, str, Any] | None = None,
) -> Response:
    """The list. ``told``: what to show at one account: its health, or its callback address."""
    now = clock()
    async with runtime.database.read() as session:
        found = await accounts.list_accounts(session, who.workspace_id, mode_of(who))
        queues = {one.id: await eta.of_account(session, one, now) for one in found}
    values: dict[str, Any] = {
        "here": "accounts",
        "accounts": [(one, registry.PROVIDERS[one.adapter], _state(one, now)) for one in found],
        "queues": queues,
        "routes": ROUTES,
        "told": told or (None, "", None),
        "by_hand": BY_HAND,
        "error": error,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "accounts.html", values, error.status if error else 200)


def _state(account: ProviderAccount, now: datetime) -> tuple[str, str, str]:
    if account.state == "disabled":
        return "", "x", mark("쓰지 않음")
    if account.state == "paused":
        return "warn", "pause", mark("멈춤")
    if account.breaker_until is not None and account.breaker_until > now:
        return "warn", "alert", mark("잠시 쉼")
    return "ok", "check", mark("쓰는 중")

"""Adding a provider account, and correcting one: its own fields, its limits, its prices."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.console.account_pages import ROUTES, Admin, mode_of
from app.console.deps import RuntimeDep
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.db.models import ProviderAccount
from app.errors import GatewayError, Invalid, NotFound
from app.services import access, accounts
from app.services.credentials import Changes, NewAccount
from app.services.logins import Visit
from channels import registry

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
CREDENTIAL, PRICE = "c:", "p:"  # before a credential's and a route's name, in the form


@router.get("/account")
async def show_new(request: Request, who: Admin) -> Response:
    """Choose a provider; with ``?adapter=`` its form."""
    adapter = request.query_params.get("adapter", "")
    if adapter not in registry.PROVIDERS:
        values = {"here": "accounts", "providers": registry.PROVIDERS, "routes": ROUTES}
        return await page(request, who, "account_pick.html", values)
    return await _form(request, who, adapter, {})


@router.post("/account")
async def add(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """Seal the credentials; the provider is not asked yet."""
    form = await read_form(request)
    adapter = form.get("adapter", "")
    if adapter not in registry.PROVIDERS:
        raise NotFound("unknown_provider", "There is no such provider.")
    try:
        mode = mode_of(who) or form.get("mode", "")
        new = NewAccount(
            name=form.get("name", ""),
            adapter=adapter,
            mode=mode,
            credentials=_named(form, CREDENTIAL),
            prices=_prices(form),
            rate_per_s=_number(form, "rate_per_s"),
            weight=_whole(form, "weight"),
        )
        async with runtime.database.write() as tx:
            account, _ = await accounts.add(tx, runtime, who.workspace_id, new)
            await access.note(tx, who, "account.added", account.id, f"{account.name}: {adapter}")
    except GatewayError as error:
        return await _form(request, who, adapter, form, error=error)
    return see("/console/accounts")


@router.get("/accounts/{account_id}")
async def show_one(request: Request, runtime: RuntimeDep, who: Admin, account_id: UUID) -> Response:
    """What can be corrected; of the credentials nothing is shown."""
    async with runtime.database.read() as session:
        account = await accounts.get(session, who.workspace_id, account_id, mode_of(who))
    form = {"rate_per_s": _plain(account.rate_per_s), "weight": str(account.weight)}
    form |= {PRICE + route: _plain(price) for route, price in account.prices.items()}
    return await _form(request, who, account.adapter, form, account)


@router.post("/accounts/{account_id}")
async def change(request: Request, runtime: RuntimeDep, who: Admin, account_id: UUID) -> Response:
    """Other limits, prices, or credentials; a credential left empty stays."""
    form = await read_form(request)
    async with runtime.database.read() as session:
        account = await accounts.get(session, who.workspace_id, account_id, mode_of(who))
    try:
        given = _named(form, CREDENTIAL)
        changes = Changes(
            credentials=given,
            prices=_prices(form),
            rate_per_s=_number(form, "rate_per_s"),
            weight=_whole(form, "weight"),
        )
        async with runtime.database.write() as tx:
            kept = await accounts.get(tx.session, who.workspace_id, account_id, mode_of(who))
            await accounts.change(tx, runtime, kept, changes)
            words = f"{account.name}: {', '.join(given)}" if given else account.name
            await access.note(tx, who, "account.changed", account_id, words)
    except GatewayError as error:
        return await _form(request, who, account.adapter, form, account, error)
    return see("/console/accounts")


def _named(form: Mapping[str, str], before: str) -> dict[str, str]:
    """Fields of one kind that are filled, by their own names."""
    return {
        name.removeprefix(before): text.strip()
        for name, text in form.items()
        if name.startswith(before) and text.strip()
    }


def _prices(form: Mapping[str, str]) -> dict[str, float]:
    return {
        route: _read(text, f"prices.{route}", "bad_price")
        for route, text in _named(form, PRICE).items()
    }


def _number(form: Mapping[str, str], name: str) -> float | None:
    text = form.get(name, "").strip()
    return _read(text, name, "bad_limit") if text else None


def _whole(form: Mapping[str, str], name: str) -> int | None:
    value = _number(form, name)
    if value is not None and not value.is_integer():
        raise _no_number(name, "bad_weight")
    return None if value is None else int(value)


def _read(text: str, field: str, code: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise _no_number(field, code) from None


def _no_number(field: str, code: str) -> Invalid:
    data = {"limit": 100 if code == "bad_weight" else 1_000_000, "decimals": 2}
    return Invalid(code, "This is no number that fits here.", field=field, data=data)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


async def _form(
    request: Request,
    who: Visit,
    adapter: str,
    form: Mapping[str, str],
    account: ProviderAccount | None = None,
    error: GatewayError | None = None,
) -> Response:
    """The form again: what is secret is never put back into it."""
    provider = registry.PROVIDERS[adapter]
    secrets = {CREDENTIAL + one.name for one in provider.credentials if one.secret}
    values: dict[str, Any] = {
        "here": "accounts",
        "provider": provider,
        "account": account,
        "form": {name: text for name, text in form.items() if name not in secrets},
        "wrong": _wrong(error),
        "routes": ROUTES,
        "error": error,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "account_form.html", values, error.status if error else 200)


def _wrong(error: GatewayError | None) -> set[str]:
    """Names of the form's fields that are at fault."""
    if error is None or error.field is None:
        return set()
    top, _, rest = error.field.partition(".")
    if top == "credentials":
        return {CREDENTIAL + name for name in error.data.get("names", [rest]) if name}
    return {PRICE + rest} if top == "prices" else {error.field}

"""The desk as a page: each of its parts is made by the module of its name."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sandbox.accounts import change_relay, list_accounts
from sandbox.fcm.accounts import list_fcm
from sandbox.pages.desk_top import desk_top_of
from sandbox.pages.dial import dial_of
from sandbox.pages.forms import PageProblem, PageRoute, from_here, read_form, whole
from sandbox.pages.render import page, say_for, store_of
from sandbox.pages.requests import inspector_of
from sandbox.pages.reviews import desk_of
from sandbox.pages.scenarios import scenarios_of

LONGEST_S = 600.0
SECONDS = ("accept_delay_s", "answer_delay_s", "result_delay_s", "registered_s", "auto_review_s")
CHOICES = {"review": ("manual", "auto"), "webhooks": ("1", "0"), "nhn_idempotency": ("1", "0")}
CLASSES = ("dedupe", "look_up", "window_look_up", "blind")
LONGEST_TTL_S = 3_600

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/desk")
async def show_desk(request: Request) -> HTMLResponse:
    return desk_page(request)


def desk_page(request: Request, status: int = 200, **instead: object) -> HTMLResponse:
    """The whole desk. instead: parts of it that are other than usual, by their names."""
    store, say = store_of(request), say_for(request)
    values = {
        "here": "desk",
        "head": desk_top_of(store, say),
        "desk": desk_of(store, request.query_params, say),
        "inspector": inspector_of(store, request, say),
        "dial": dial_of(store, request, say),
        "scenarios": scenarios_of(store, request, say),
        "settings": store.settings,
        "longest_s": LONGEST_S,
        "relays": list_accounts(store)["relay"],
        "classes": CLASSES,
        "longest_ttl_s": LONGEST_TTL_S,
        "projects": list_fcm(store),
    }
    return page(request, "desk.html", values | instead, status)


@router.post("/desk/settings", dependencies=[Depends(from_here)])
async def change_settings(request: Request) -> Response:
    form = await read_form(request)
    changed: dict[str, str | int | float | bool] = {
        name: _seconds(form, name) for name in SECONDS if name in form
    }
    for name, allowed in CHOICES.items():
        if name in form:
            if form[name] not in allowed:
                raise PageProblem("err_value")
            changed[name] = form[name] if name == "review" else form[name] == "1"
    store = store_of(request)
    store.change_settings(changed)
    store.results_due.set()  # an automatic review may be due at once
    return RedirectResponse("/desk#settings", 303)


@router.post("/desk/accounts/relay", dependencies=[Depends(from_here)])
async def change_promise(request: Request) -> Response:
    """What a relay does with a reference that comes again."""
    form = await read_form(request)
    kind, ttl_s = form.get("idempotency", ""), whole(form, "dedupe_ttl_s")
    if kind not in CLASSES or not 1 <= ttl_s <= LONGEST_TTL_S:
        raise PageProblem("err_value")
    changed: dict[str, str | int] = {"idempotency": kind, "dedupe_ttl_s": ttl_s}
    if not change_relay(store_of(request), form.get("id", ""), changed):
        raise PageProblem("err_gone_account", 404)
    return RedirectResponse("/desk#relays", 303)


def _seconds(form: Mapping[str, str], name: str) -> float:
    try:
        value = float(form[name])
    except ValueError as wrong:
        raise PageProblem("err_value") from wrong
    if not 0 <= value <= LONGEST_S:
        raise PageProblem("err_value")
    return value

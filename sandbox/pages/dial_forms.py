"""Forms of the chaos dial: a rule is added, changed, copied, switched, deleted; seed; all off."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sandbox.chaos.effects import SLIPS
from sandbox.chaos.rules import MOST_RULES, Armed, Rule
from sandbox.pages.desk import show_desk
from sandbox.pages.dial import Form, values_of
from sandbox.pages.forms import PageProblem, PageRoute, flag, from_here, read_form, whole
from sandbox.pages.render import say_for, store_of
from sandbox.pages.words import WORDS
from sandbox.store import Store

# in the order of the form: the cursor goes to the first that is wrong
FIELDS = (
    *("effect", "seconds", "status", "accepted", "retry_after_s", "code", "body", "per_s", "unit"),
    *("times", "forge", "provider", "call", "account", "route", "number", "template"),
    *("probability", "count"),
)
CHOSEN = frozenset({"effect", "provider", "call", "route", "accepted", "body", "unit", "forge"})

router = APIRouter(
    prefix="/desk/chaos",
    include_in_schema=False,
    route_class=PageRoute,
    dependencies=[Depends(from_here)],
)


@router.post("/rule")
async def save_rule(request: Request) -> Response:
    """A new rule, or another one in the place of `id`. A refused form is shown again, 422."""
    form, store = await read_form(request), store_of(request)
    one = _need(store, form) if form.get("id") not in (None, "", "0") else None
    if one is None and len(store.chaos.armed) >= MOST_RULES:
        errors = {"": say_for(request)("err_rules_full", n=MOST_RULES)}
        return await _again(request, one, form, errors)
    try:
        rule = Rule.model_validate(said(form))
    except ValidationError as wrong:
        return await _again(request, one, form, errors_of(request, wrong))
    if one is None:
        one = store.chaos.add(rule)
    elif rule.model_copy(update={"on": one.rule.on}) == one.rule:
        store.chaos.switch(one, rule.on)
    else:
        store.chaos.change(one, rule)
    return _back(f"rule-{one.id}")


@router.post("/dial")
async def turn(request: Request) -> Response:
    """How often, how late and at most how often: what a row of the table has fields for."""
    form, store = await read_form(request), store_of(request)
    one = _need(store, form)
    values = values_of(one.rule) | {
        name: form[name] for name in ("probability", "seconds", "count") if name in form
    }
    try:
        rule = Rule.model_validate(said(values))
    except ValidationError as wrong:
        return await _again(request, one, values, errors_of(request, wrong))
    store.chaos.change(one, rule)
    return _back(f"rule-{one.id}")


@router.post("/switch")
async def switch(request: Request) -> Response:
    form, store = await read_form(request), store_of(request)
    one, on = _need(store, form), flag(form, "on")
    if on is None:
        raise PageProblem("err_value")
    store.chaos.switch(one, on)
    return _back(f"rule-{one.id}")


@router.post("/copy")
async def copy(request: Request) -> Response:
    """The copy is off, asked last, and open to be changed."""
    form, store = await read_form(request), store_of(request)
    one = _need(store, form)
    if len(store.chaos.armed) >= MOST_RULES:
        errors = {"": say_for(request)("err_rules_full", n=MOST_RULES)}
        return await _again(request, one, values_of(one.rule), errors)
    added = store.chaos.add(one.rule.model_copy(update={"on": False}))
    return RedirectResponse(f"/desk?rule={added.id}&copied=1#rule-form", 303)


@router.post("/delete")
async def delete(request: Request) -> Response:
    form, store = await read_form(request), store_of(request)
    store.chaos.remove(_need(store, form))
    return _back("chaos")


@router.post("/seed")
async def sow(request: Request) -> Response:
    """Another seed; counters and dice of all rules begin anew."""
    form, store = await read_form(request), store_of(request)
    given = form.get("seed", "").strip()
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        request.state.dial_seed = given
        return await _refused(request)
    store.chaos.restart(int(given))
    return _back("chaos")


@router.post("/off")
async def all_off(request: Request) -> Response:
    store_of(request).chaos.switch_off()
    return _back("chaos")


def said(form: Mapping[str, str]) -> dict[str, Any]:
    """A form as a rule is said over the API: what is empty is not said, per cent are a share."""
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in FIELDS}
    values = {name: value for name, value in values.items() if value}
    if "probability" in values:
        values["probability"] = _share(values["probability"])
    if values.get("effect", "").startswith("receipt_") and values.get("call") == "send":
        del values["call"]
    return {**values, "on": form.get("on") == "1"}


def _share(percent: str) -> float | str:
    """A number that is none is left to be refused."""
    try:
        return float(percent) / 100
    except ValueError:
        return percent


def errors_of(request: Request, wrong: ValidationError) -> dict[str, str]:
    """In the reader's language, by field."""
    found = {str(one["loc"][0]) if one["loc"] else "": one for one in wrong.errors()}
    return {name: _words(request, name, found[name]) for name in FIELDS if name in found}


def _words(request: Request, name: str, one: ErrorDetails) -> str:
    say = say_for(request)
    if one["type"] in SLIPS:
        names = {part: _named(request, part, value) for part, value in one["ctx"].items()}
        return say(f"slip_{one['type']}", **names)
    if name in CHOSEN or f"lim_{name}" not in WORDS:
        return say("err_choose")
    return say("err_limits", limits=say(f"lim_{name}"))


def _named(request: Request, part: str, value: str) -> str:
    """What a slip speaks of, as the form calls it."""
    prefix = {"effect": "e_", "field": "f_", "call": "k_"}.get(part, "")
    return say_for(request)(prefix + value) if prefix + value in WORDS else value


def _need(store: Store, form: Mapping[str, str]) -> Armed:
    one = store.chaos.find(whole(form, "id"))
    if one is None:
        raise PageProblem("err_rule_gone", 404)
    return one


async def _again(
    request: Request, one: Armed | None, values: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    """The desk with the form as it was sent, and what is wrong beside each field."""
    place = list(store_of(request).chaos.armed).index(one) + 1 if one else 0
    request.state.dial_form = Form(one.id if one else 0, place, values, errors)
    return await _refused(request)


async def _refused(request: Request) -> Response:
    shown = await show_desk(request)
    shown.status_code = 422
    return shown


def _back(place: str) -> Response:
    return RedirectResponse(f"/desk#{place}", 303)

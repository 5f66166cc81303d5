"""The chaos dial as part of the desk: rules as a table, and the form of one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from sandbox.accounts import list_accounts
from sandbox.chaos.effects import USES
from sandbox.chaos.rules import Armed, Rule
from sandbox.pages.forms import maybe_whole
from sandbox.pages.moment import amount
from sandbox.pages.words import Say
from sandbox.store import Store

PROVIDERS = ("nhn", "solapi", "relay", "consult", "fcm")
ROUTES = ("alimtalk", "sms", "lms", "mms", "push")
BODIES = ("html", "cut_json", "charset", "null", "list", "code_type")
FORGES = ("signature", "reference", "result")
CALLS = ("send", "template", "upload", "list", "chat", "any")
EFFECTS = tuple(USES)
_KEYS = {
    "nhn": "app_key",
    "solapi": "api_key",
    "relay": "id",
    "consult": "client_id",
    "fcm": "project_id",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as listed. name: what a screen reader calls it. seconds None: it has none."""

    id: int
    rule: Rule
    acted: int
    name: str
    whom: str
    whom_more: str
    what: str
    what_more: str
    percent: str
    step: str
    seconds: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one rule. id 0: a new one. values: as text. errors: words by field."""

    id: int
    place: int
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    copied: bool = False

    def value(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Dial:
    """What the page shows of the dial.

    uses: which effects have a field; used_by: the same in words. choices: what a field may be,
    with its words.
    """

    seed: str
    seed_error: str
    on: int
    rows: list[Row]
    form: Form | None
    accounts: list[tuple[str, str]]
    uses: Mapping[str, str]
    used_by: Mapping[str, str]
    choices: Mapping[str, list[tuple[str, str]]]


def dial_of(store: Store, request: Request, say: Say) -> Dial:
    """`?rule=` opens the form of a rule, by its id or `new`; a refused one is as it was sent."""
    known = _accounts(store, say)
    rows = [_row(one, n, known, say) for n, one in enumerate(store.chaos.armed, 1)]
    form: Form | None = getattr(request.state, "dial_form", None)
    return Dial(
        seed=getattr(request.state, "dial_seed", str(store.chaos.seed)),
        seed_error=say("chaos_seed_err") if hasattr(request.state, "dial_seed") else "",
        on=store.chaos.on,
        rows=rows,
        form=form or _asked(store, request),
        accounts=[(key, f"{say('p_' + provider)} · {name}") for (provider, key), name in known],
        uses=_uses(),
        used_by={
            name: ", ".join(say(f"e_{one}") for one in effects.split())
            for name, effects in _uses().items()
            if name != "call"
        },
        choices=_choices(say),
    )


def _asked(store: Store, request: Request) -> Form | None:
    wanted = request.query_params.get("rule", "")
    if wanted == "new":
        return Form(0, 0, {"effect": "timeout_after", "probability": "100", "on": "1"})
    one = store.chaos.find(maybe_whole(request.query_params, "rule") or 0)
    if one is None:
        return None
    place = list(store.chaos.armed).index(one) + 1
    return Form(one.id, place, values_of(one.rule), copied="copied" in request.query_params)


def values_of(rule: Rule) -> dict[str, str]:
    """A rule as the texts of its form."""
    said = rule.model_dump(exclude_none=True, exclude={"probability"})
    values = {name: _text(value) for name, value in said.items()}
    unused = {"times", "unit"} - USES[rule.effect]
    shown = {name: value for name, value in values.items() if name not in unused}
    return {**shown, "probability": _percent(rule)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return amount(value) if isinstance(value, float) else str(value)


def _percent(rule: Rule) -> str:
    return amount(round(rule.probability * 100, 4))


def _row(one: Armed, n: int, known: list[tuple[tuple[str, str], str]], say: Say) -> Row:
    rule, names = one.rule, {key: name for (_, key), name in known}
    whom = say(f"p_{rule.provider}") if rule.provider else say("whom_all")
    if rule.account:
        whom += f" · {names.get(rule.account, rule.account)}"
    what, percent = say(f"e_{rule.effect}"), _percent(rule)
    return Row(
        id=one.id,
        rule=rule,
        acted=one.acted,
        name=say("rule_name", n=n, whom=whom, what=what),
        whom=whom,
        whom_more=_joined(_narrowed(rule, say)),
        what=what,
        what_more=_joined(_values(rule, say)),
        percent=percent,
        step="1" if percent.isdecimal() else "any",
        seconds=amount(rule.pause_s) if "seconds" in USES[rule.effect] else None,
    )


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(parts)


def _narrowed(rule: Rule, say: Say) -> list[str]:
    """Beside provider and account; the usual call of a rule is not worth a word."""
    found = [] if rule.account else [say("whom_accounts")]
    if rule.call != "send":
        found.append(say(f"k_{rule.call}"))
    if rule.route:
        found.append(say(f"r_{rule.route}"))
    if rule.number:
        found.append(say("whom_number", ending=rule.number))
    if rule.template:
        found.append(say("whom_template", code=rule.template))
    return found


def _values(rule: Rule, say: Say) -> list[str]:
    uses, found = USES[rule.effect], []
    if rule.effect == "rate_limit":
        found.append(say(f"v_rate_{rule.unit}", value=amount(rule.per_s or 0)))
    found += [str(value) for value in (rule.status, rule.code) if value is not None]
    if "accepted" in uses:
        found.append(say("v_taken" if rule.takes else "v_not_taken"))
    if "body" in uses:
        found.append(say(f"b_{rule.body}" if rule.body else "v_drawn"))
    if rule.forge:
        found.append(say(f"g_{rule.forge}"))
    if "times" in uses:
        found.append(say("v_times", value=rule.times))
    if rule.retry_after_s is not None:
        found.append(say("v_retry", value=rule.retry_after_s))
    return found


def _accounts(store: Store, say: Say) -> list[tuple[tuple[str, str], str]]:
    """Provider and key of every account, with the name of its first channel or its key."""
    found = []
    listed = list_accounts(store)
    for provider in PROVIDERS:
        for one in listed[provider]:
            key = str(one[_KEYS[provider]])
            names = [s["name"] for s in one.get("senders", ()) if isinstance(s, dict) and s["name"]]
            found.append(((provider, key), str(names[0]) if names else key))
    return found


def _uses() -> dict[str, str]:
    """By field: the effects that have it."""
    fields = sorted(set().union(*USES.values()))
    calling = " ".join(e for e in EFFECTS if not e.startswith("receipt_"))
    found = {name: " ".join(e for e in EFFECTS if name in USES[e]) for name in fields}
    return {**found, "call": calling}


def _choices(say: Say) -> dict[str, list[tuple[str, str]]]:
    """By field; where nothing needs to be said, that comes first."""
    return {
        "effect": [(one, say(f"e_{one}")) for one in EFFECTS],
        "call": [(one, say(f"k_{one}")) for one in CALLS],
        "provider": [("", say("any_provider")), *((p, say(f"p_{p}")) for p in PROVIDERS)],
        "route": [("", say("any_route")), *((one, say(f"r_{one}")) for one in ROUTES)],
        "body": [("", say("v_drawn")), *((one, say(f"b_{one}")) for one in BODIES)],
        "forge": [("", say("choose")), *((one, say(f"g_{one}")) for one in FORGES)],
    }

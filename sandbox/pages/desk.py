"""The desk as a page: reviews, settings, counters and the newest provider calls."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sandbox import reviews
from sandbox.exchanges import KEPT, SECRET_HEADERS, Exchange
from sandbox.pages.bubbles import Bubble, Notice, draw
from sandbox.pages.forms import PageProblem, PageRoute, from_here, read_form
from sandbox.pages.moment import Moment
from sandbox.pages.render import page, say_for, store_of
from sandbox.pages.words import Say
from sandbox.reviews import Template
from sandbox.store import Store

IN_REVIEW = "TSC02"
SHOWN_REVIEWS = 20
SHOWN_CALLS = 50
LONGEST_COMMENT = 500
LONGEST_S = 600.0
SECONDS = ("accept_delay_s", "answer_delay_s", "result_delay_s", "auto_review_s")
CHOICES = {"review": ("manual", "auto"), "webhooks": ("1", "0")}
VERDICTS = ("approve", "reject")
# a secret is a shell variable in a copied command, never its value
_SHELL_SECRETS = {name: "$" + name.upper().replace("-", "_") for name in SECRET_HEADERS}

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Review:
    template: Template
    bubble: Bubble
    at: Moment
    length: int


@dataclass(frozen=True, slots=True)
class Call:
    """One provider call as listed. code: the provider's own, 0 when all is well."""

    exchange: Exchange
    at: Moment
    tone: str
    code: int
    question: str
    answer: str
    curl: str


@router.get("/desk")
async def show_desk(request: Request) -> HTMLResponse:
    """`?q=` keeps the calls whose path, body or answer has these letters."""
    store, say = store_of(request), say_for(request)
    waiting = reviews.list_templates(store, IN_REVIEW)
    q = request.query_params.get("q", "").strip()
    values = {
        "here": "desk",
        "counters": _counters(store, say),
        "waiting": len(waiting),
        "reviews": [_review(store, template, say) for template in waiting[:SHOWN_REVIEWS]],
        "settings": store.settings,
        "longest_s": LONGEST_S,
        "longest_comment": LONGEST_COMMENT,
        "calls": _calls(store, q, str(request.base_url).rstrip("/"), say),
        "kept": KEPT,
        "q": q,
    }
    return page(request, "desk.html", values)


@router.post("/desk/review", dependencies=[Depends(from_here)])
async def judge(request: Request) -> Response:
    """Approve, or reject with a reason the sender reads."""
    form = await read_form(request)
    verdict, comment = form.get("verdict", ""), form.get("comment", "").strip()
    if verdict not in VERDICTS or len(comment) > LONGEST_COMMENT:
        raise PageProblem("err_value")
    if verdict == "reject" and not comment:
        raise PageProblem("err_comment")
    sender_key, code = form.get("sender_key", ""), form.get("code", "")
    if reviews.judge(store_of(request), sender_key, code, verdict, comment) is None:
        raise PageProblem("err_gone", 404)
    return RedirectResponse("/desk#review", 303)


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
            changed[name] = form[name] == "1" if name == "webhooks" else form[name]
    store = store_of(request)
    store.change_settings(changed)
    store.results_due.set()  # an automatic review may be due at once
    return RedirectResponse("/desk#settings", 303)


def _seconds(form: Mapping[str, str], name: str) -> float:
    try:
        value = float(form[name])
    except ValueError as wrong:
        raise PageProblem("err_value") from wrong
    if not 0 <= value <= LONGEST_S:
        raise PageProblem("err_value")
    return value


def _counters(store: Store, say: Say) -> list[tuple[str, int]]:
    found = store.counters()
    requests = sum(n for name, n in found.items() if name.startswith("requests "))
    rows = [
        ("c_requests", requests),
        ("c_accepted", found.get("recipients accepted", 0)),
        ("c_refused", found.get("recipients refused", 0)),
        ("c_chat", found.get("arrived chat", 0)),
        ("c_sms", found.get("arrived sms", 0)),
        ("c_webhooks", found.get("webhooks sent", 0)),
        ("c_webhooks_failed", found.get("webhooks failed", 0)),
        ("c_lost", found.get("answers lost", 0)),
    ]
    return [(say(words), n) for words, n in rows]


def _review(store: Store, template: Template, say: Say) -> Review:
    body = template.body
    text = str(body.get("templateContent") or "")
    return Review(
        template=template,
        bubble=draw(Notice(0, "", text, body)),
        at=Moment(template.updated_at, store.now(), say),
        length=len(text),
    )


def _calls(store: Store, q: str, base: str, say: Say) -> list[Call]:
    found = [one for one in reversed(store.exchanges) if not q or _has(one, q)]
    return [
        Call(
            exchange=one,
            at=Moment(one.at, store.now(), say),
            tone=_tone(one),
            code=_code(one.answer),
            question=_readable(one.body),
            answer=_readable(one.answer),
            curl=curl_of(one, base),
        )
        for one in found[:SHOWN_CALLS]
    ]


def _has(one: Exchange, q: str) -> bool:
    return any(q in text for text in (one.path, one.query, one.body, one.answer))


def _tone(one: Exchange) -> str:
    if one.status is None:
        return "doubt"
    return "ok" if one.status < 400 and not _code(one.answer) else "bad"


def _code(answer: str) -> int:
    """`header.resultCode` of NHN, `code` of the consultation hub."""
    try:
        body = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return 0
    if not isinstance(body, dict):
        return 0
    header = body.get("header")
    found = header.get("resultCode") if isinstance(header, dict) else body.get("code")
    return found if isinstance(found, int) else 0


def _readable(text: str) -> str:
    """JSON with line breaks, anything else as it is."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return text


def curl_of(one: Exchange, base: str) -> str:
    """The call as a shell command; secrets are shell variables to be set by the reader."""
    query = f"?{one.query}" if one.query else ""
    parts = ["curl", "-X", one.method, shlex.quote(f"{base}{one.path}{query}")]
    for name, value in one.headers.items():
        if name == "user-agent":
            continue
        secret = _SHELL_SECRETS.get(name)
        parts += ["-H", f'"{name}: {secret}"' if secret else shlex.quote(f"{name}: {value}")]
    if one.body:
        parts += ["--data-binary", shlex.quote(one.body)]
    return " ".join(parts)

"""The request inspector as part of the desk: the list of calls; the opened one is beside it."""

import re
from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sandbox.callers import ROUTES
from sandbox.exchanges import Exchange
from sandbox.inspector import (
    PROVIDERS,
    Wanted,
    code_of,
    find,
    form_of,
    is_quick,
    unknown_of,
)
from sandbox.pages.forms import PageProblem, PageRoute, from_here, maybe_whole, read_form, whole
from sandbox.pages.moment import Moment
from sandbox.pages.render import own_address, store_of
from sandbox.pages.requests_open import Opened, Reader, open_request, reader_of
from sandbox.pages.words import Say
from sandbox.replay import CannotReplay, replay
from sandbox.store import Store

SHOWN = 20
MINUTE_MS = 60_000
STATUSES = ("", "ok", "refused", "lost")
FILTERS = ("provider", "account", "route", "status", "q", "before", "until")
LONGEST_ACCOUNT, LONGEST_PART = 14, 20
VERSION = re.compile(r"v\d[\d.]*")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the list. unknown: how many undocumented fields, 0 for what is not read yet."""

    seq: int
    at: Moment
    method: str
    path: str
    short: str
    account: str
    tone: str
    icon: str
    words: str
    took_ms: int
    unknown: int
    undocumented: bool
    is_replay: bool
    is_open: bool
    href: str


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    count: int
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the filters; options: value and words."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Inspector:
    """What the page shows of the calls. left: how many are older than the last row.

    newer: calls since the reader paused, None when the list goes on. opened None beside `asked`:
    that call is gone.
    """

    rows: list[Row]
    tabs: list[Tab]
    choices: list[Choice]
    q: str
    kept: int
    minute: int
    left: int
    older: str
    newest: str
    newer: int | None
    pause: str
    resume: str
    plain: str
    hidden: list[tuple[str, str]]
    asked: int | None
    opened: Opened | None
    close: str


def inspector_of(store: Store, request: Request, say: Say) -> Inspector:
    """`?provider=&account=&route=&status=&q=` narrow the list, `before` turns its pages.

    `until` holds it where it was; `request` is the opened call.
    """
    wanted = _wanted(request)
    asked = maybe_whole(request.query_params, "request")
    found = list(find(store, wanted))
    reader = reader_of(store, request, say)
    rows = [_row(one, request, reader, asked) for one in found[:SHOWN]]
    newest = store.exchanges[-1].seq if len(store.exchanges) else 0
    return Inspector(
        rows=rows,
        tabs=_tabs(request, wanted, reader),
        choices=_choices(store, wanted, say),
        q=wanted.q,
        kept=len(store.exchanges),
        minute=_last_minute(store),
        left=max(0, len(found) - SHOWN),
        older=_link(request, "before", before=str(rows[-1].seq)) if rows else "",
        newest=_link(request, "before", "until") if wanted.before is not None else "",
        newer=None if wanted.until is None else max(0, newest - wanted.until),
        pause=_link(request, "until", until=str(newest)),
        resume=_link(request, "until"),
        plain=_link(request, *FILTERS),
        hidden=[(k, request.query_params[k]) for k in ("provider", "until") if _has(request, k)],
        asked=asked,
        opened=open_request(reader, asked),
        close=_link(request, "request"),
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    provider, route = asked.get("provider", ""), asked.get("route", "")
    status = asked.get("status", "")
    return Wanted(
        provider=provider if provider in PROVIDERS else "",
        account=asked.get("account", ""),
        route=route if route in ROUTES else "",
        status=status if status in STATUSES else "",
        q=asked.get("q", "").strip(),
        before=maybe_whole(asked, "before"),
        until=maybe_whole(asked, "until"),
    )


def _has(request: Request, name: str) -> bool:
    return bool(request.query_params.get(name))


def _link(asked: Request, /, *without: str, **more: str) -> str:
    """This page with some fields left out and others added, at the inspector."""
    return own_address(asked, "part", "lang", *without, **more) + "#requests"


def _row(one: Exchange, request: Request, reader: Reader, asked: int | None) -> Row:
    tone, icon, words = _answer(one, reader.say)
    query = reader.mask.query(one)
    path = reader.mask.text(one.path) + (f"?{query}" if query else "")
    return Row(
        seq=one.seq,
        at=reader.moment(one.at),
        method=one.method,
        path=path,
        short=_short(path),
        account=_clip(one.account),
        tone=tone,
        icon=icon,
        words=words,
        took_ms=one.took_ms,
        unknown=len(unknown_of(one)) if is_quick(one) else 0,
        undocumented=form_of(one) is None,
        is_replay=one.replay_of is not None,
        is_open=one.seq == asked,
        href=_link(request, "request", request=str(one.seq)),
    )


def _answer(one: Exchange, say: Say) -> tuple[str, str, str]:
    """Tone, icon and words of an answer."""
    if one.status is None:
        return "doubt", "ask", say("no_answer")
    code = code_of(one)
    if one.status >= 400 or code:
        return "bad", "x", f"{one.status}{f' · {code}' if code else ''}"
    return "ok", "check", str(one.status)


def _short(path: str) -> str:
    """Keys, versions and ids in the middle left out: what is called stands at the ends."""
    plain, asks, _ = path.partition("?")
    parts = plain.split("/")
    if len(parts) > 5 and parts[4].lower() == "appkeys":
        parts[3:6] = ["…"]
    last = len(parts) - 1
    shown = ["…" if place < last and _is_dull(part) else part for place, part in enumerate(parts)]
    return "/".join(shown) + ("?…" if asks else "")


def _is_dull(part: str) -> bool:
    return len(part) > LONGEST_PART or bool(VERSION.fullmatch(part))


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST_ACCOUNT else f"{text[:LONGEST_ACCOUNT]}…"


def _tabs(request: Request, wanted: Wanted, reader: Reader) -> list[Tab]:
    """Providers that called, with how many calls are kept; the open one always."""
    store = reader.store
    counts = Counter(one.provider for one in store.exchanges)
    every = Tab(
        reader.say("call_all"),
        len(store.exchanges),
        _link(request, "provider", "account", "before"),
        not wanted.provider,
    )
    return [
        every,
        *(
            Tab(
                reader.pick(one.name),
                counts[name],
                _link(request, "provider", "account", "before", provider=name),
                wanted.provider == name,
            )
            for name, one in PROVIDERS.items()
            if counts[name] or wanted.provider == name
        ),
    ]


def _choices(store: Store, wanted: Wanted, say: Say) -> list[Choice]:
    calls = (one for one in store.exchanges if wanted.provider in ("", one.provider))
    accounts = sorted({one.account for one in calls if one.account} | {wanted.account} - {""})
    return [
        Choice(
            "status",
            say("f_status"),
            wanted.status,
            [(one, say(f"f_status_{one}")) for one in STATUSES],
        ),
        Choice(
            "route",
            say("f_route"),
            wanted.route,
            [(one, say(f"f_route_{one}")) for one in ("", *ROUTES)],
        ),
        Choice(
            "account",
            say("f_account"),
            wanted.account,
            [("", say("f_account_")), *((one, _clip(one)) for one in accounts)],
        ),
    ]


def _last_minute(store: Store) -> int:
    since, count = store.now() - MINUTE_MS, 0
    for one in reversed(store.exchanges):
        if one.at < since:
            break
        count += 1
    return count


@router.post("/desk/requests/replay", dependencies=[Depends(from_here)])
async def replay_call(request: Request) -> Response:
    """Send a call again; the new one is opened, with both answers."""
    store, seq = store_of(request), whole(await read_form(request), "seq")
    one = store.exchanges.find(seq)
    if one is None:
        raise PageProblem("err_request_gone", 404)
    try:
        made = await replay(request.app, store, one)
    except CannotReplay:
        raise PageProblem("err_not_whole", 409) from None
    return RedirectResponse(f"/desk?request={made.seq}#requests", 303)


@router.post("/desk/requests/clear", dependencies=[Depends(from_here)])
async def clear(request: Request) -> Response:
    store_of(request).exchanges.clear()
    return RedirectResponse("/desk#requests", 303)

"""How a page is made: Jinja2 with everything escaped, the language, and headers that hold it in."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sandbox.pages.clock import clock_of
from sandbox.pages.moment import Moment, amount, grouped, thousands
from sandbox.pages.words import LANGUAGES, Say, speaker
from sandbox.store import Store

ROOT = Path(__file__).parent.parent
# No script, style or frame but our own files; forms only to ourselves; nobody may frame us.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
YEAR_S = 365 * 24 * 3600
_LINK = re.compile(r"https?://[^\s<>\"'`]+")
_VARIABLE = re.compile(r"#\{[^{}\n]{1,50}\}")


def linked(text: str) -> Markup:
    """Escaped text whose http and https addresses are links that open in a new tab."""
    out, at = Markup(), 0
    for found in _LINK.finditer(text):
        address = found.group().rstrip(".,)]")
        out += escape(text[at : found.start()])
        out += Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(
            address
        )
        at = found.start() + len(address)
    return out + escape(text[at:])


def marked(text: str) -> Markup:
    """Escaped text with every unfilled `#{name}` in a tint."""
    out, at = Markup(), 0
    for found in _VARIABLE.finditer(text):
        out += escape(text[at : found.start()])
        out += Markup('<span class="var">{}</span>').format(found.group())
        at = found.end()
    return out + escape(text[at:])


_PAGES = Environment(
    loader=FileSystemLoader(ROOT / "html"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {
    "phone": grouped,
    "amount": amount,
    "number": thousands,
    "linked": linked,
    "marked": marked,
}


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def say_for(request: Request) -> Say:
    return speaker(language_of(request))


def language_of(request: Request) -> str:
    """`?lang=`, else the cookie, else Korean."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def page(
    request: Request, template: str, values: Mapping[str, object], status: int = 200
) -> HTMLResponse:
    """One page in the reader's language; `?lang=` is remembered for a year."""
    language = language_of(request)
    say = speaker(language)
    store = store_of(request)
    now = store.now()
    html = _PAGES.get_template(template).render(
        t=say,
        language=language,
        other_language=own_address(
            request, "lang", "part", lang=LANGUAGES[1 - LANGUAGES.index(language)]
        ),
        now=Moment(now, now, say),
        top=top_of(store),
        clock=clock_of(store, say),
        seq=store.changes.seq,
        **values,
    )
    response = HTMLResponse(html, status, headers=HEADERS)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie("lang", language, max_age=YEAR_S, httponly=True, samesite="lax")
    return response


def top_of(store: Store) -> dict[str, int]:
    """The counts of the top bar."""
    counters = store.counters()
    return {
        "requests": sum(n for name, n in counters.items() if name.startswith("requests")),
        "arrived": sum(n for name, n in counters.items() if name.startswith("arrived")),
        "chaos": store.chaos.on,
        "reviews": store.number("SELECT count(*) FROM template WHERE queued_at IS NOT NULL"),
    }


def own_address(request: Request, /, *without: str, **more: str) -> str:
    """This address as path and query, some fields left out, others added."""
    asked = [pair for pair in parse_qsl(request.url.query, True) if pair[0] not in without]
    query = urlencode([*asked, *more.items()])
    return f"{request.url.path}?{query}" if query else request.url.path

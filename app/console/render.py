"""How a page is made: Jinja2 with everything escaped, the language, and headers that hold it in."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app import __version__
from app.console import moments
from app.console.frame import frame_of
from app.console.words import LANGUAGES, WORDS
from app.db.models.fields import now as clock
from app.services.logins import Visit

ROOT = Path(__file__).parent
# No script, style or frame but our own files; forms only to ourselves; nobody may frame us.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_VARIABLE = re.compile(r"#\{[^{}\n]{1,50}\}")


def marked(text: str) -> Markup:
    """Escaped text with every unfilled `#{name}` in a tint."""
    out, at = Markup(), 0
    for found in _VARIABLE.finditer(text):
        out += escape(text[at : found.start()])
        out += Markup('<span class="var">{}</span>').format(found.group())
        at = found.end()
    return out + escape(text[at:])


def _environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(ROOT / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(WORDS[language], newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "number": moments.number,
        "lasting": moments.lasting,
        "day": partial(moments.day, language=language),
        "marked": marked,
    }
    return made


_PAGES = {language: _environment(language) for language in LANGUAGES}


def language_of(request: Request, visit: Visit | None = None) -> str:
    """`?lang=`, else what the person chose, else the cookie, else Korean."""
    asked = request.query_params.get("lang") or (visit and visit.language)
    asked = asked or request.cookies.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


async def page(
    request: Request,
    visit: Visit | None,
    template: str,
    values: Mapping[str, object],
    status: int = 200,
) -> HTMLResponse:
    """One page, or a part of one, in the reader's language.

    In every template: ``visit``, ``frame`` (navigation and its counts; None before the log-in),
    ``language``, ``now``, ``when(at)``, ``own(**changed)`` (this address with other fields).
    """
    language, now = language_of(request, visit), clock()
    html = (
        _PAGES[language]
        .get_template(template)
        .render(
            visit=visit,
            frame=await frame_of(request, visit) if visit else None,
            language=language,
            now=now,
            when=partial(moments.when, now=now, language=language),
            own=partial(own_address, request),
            version=__version__,
            **values,
        )
    )
    return HTMLResponse(html, status, headers=HEADERS)


def own_address(request: Request, /, **changed: object) -> str:
    """This address as path and query, with some fields changed; None leaves one out."""
    kept = [(k, v) for k, v in parse_qsl(request.url.query, True) if k not in changed]
    more = [(k, str(v)) for k, v in changed.items() if v is not None]
    query = urlencode([*kept, *more])
    return f"{request.url.path}?{query}" if query else request.url.path

"""The description of the desk API: one line per route, refusals as they are, a page without CDN."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from sandbox.problems import SCHEMA, ProblemOut, refusals

OPENAPI, DOCS, FILES = "/desk/api/openapi.json", "/desk/api/docs", "/desk/api/docs/files"
TEXT = """
시험하고 연습하는 메신저입니다. 실제로는 아무것도 나가지 않습니다.

A messenger to rehearse with; nothing leaves it. This is the API of its desk, for tests and scripts.
Providers' own calls are described where the providers describe them.

* Where a password is set, every call needs it by HTTP basic, with any user name; else 401. Too
  many wrong ones are a 429 with `Retry-After`.
* Refusals are `application/problem+json` with a stable `code`, the `field` at fault and a `detail`.
* Times are milliseconds since 1970, durations end in `_s`, numbers are taken in any spelling.
"""
# the page begins with a script of its own; nothing comes from elsewhere
CSP = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def describe(app: FastAPI) -> None:
    """Say summaries and refusals in the app's OpenAPI."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _mend(plain())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def add_docs(app: FastAPI) -> None:
    """The page at DOCS. The app must have been made by fastapi_offline with `static_url` FILES."""

    @app.get(DOCS, include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url=OPENAPI,
            title=app.title,
            swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{FILES}/swagger-ui.css",
            swagger_favicon_url=f"{FILES}/favicon.png",
            swagger_ui_parameters={"validatorUrl": None},  # it would ask an outside host about us
        )
        page.headers["Content-Security-Policy"] = CSP
        return page


def _mend(described: dict[str, Any]) -> None:
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas[SCHEMA] = {**ProblemOut.model_json_schema(), "title": SCHEMA}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    invalid = refusals("invalid")[422]
    for path, methods in described["paths"].items():
        for call in methods.values():
            if call.get("tags") == ["desk"]:
                call["tags"] = [_part_of(path)]
            summary, _, more = call.get("description", "").partition("\n")
            call["summary"], call["description"] = summary.strip(), more.strip()
            if "HTTPValidationError" in str(call["responses"].get("422")):
                call["responses"]["422"] = invalid


def _part_of(path: str) -> str:
    """accounts, templates, chaos …: the first word of the path; lone routes stay together."""
    word = path.split("/")[3]
    return "desk" if word in ("settings", "counters", "reset") else word

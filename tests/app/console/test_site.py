"""The roles: every route names the scope it needs, and who lacks it is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.console import site
from app.console.deps import ASKED
from app.services.roles import ROLES
from tests.app.console.visitors import Visitor, words_of

# what somebody who has not logged in may ask for
OPEN = {
    "/",
    "/console/static/{name}",
    "/console/login",
    "/console/start",
    "/console/link/{token}",
}
ID = "0192f0e0-0000-7000-8000-000000000000"


def routes() -> Iterator[tuple[str, str, Any]]:
    """(method, path, scope) of every route; the scope is MISSING where none is asked for."""
    app = FastAPI()
    site.add_console(app)
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path or ""
        if isinstance(route, APIRoute) and (path == "/" or path.startswith("/console")):
            calls = [one.call for one in route.dependant.dependencies]
            scopes = [ASKED[call] for call in calls if call in ASKED]
            for method in sorted((context.methods or set()) - {"HEAD"}):
                yield method, path, scopes[0] if scopes else "MISSING"


ALL = list(routes())


def test_every_route_names_what_it_needs() -> None:
    assert {path for _, path, scope in ALL if scope == "MISSING"} == OPEN


def test_what_changes_something_is_no_mere_reading() -> None:
    """A form or a script's request that changes things needs a scope to write, or none at all."""
    mild = {path for m, path, scope in ALL if m != "GET" and str(scope).endswith(":read")}
    assert mild <= site.MILD


def filled(path: str) -> str:
    """A path with ids nobody has."""
    parts = [ID if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("role", ["agent", "viewer"])
async def test_who_lacks_the_scope_is_refused(role: str, agent: Visitor, viewer: Visitor) -> None:
    visitor = {"agent": agent, "viewer": viewer}[role]
    for method, path, scope in ALL:
        if scope in (None, "MISSING") or scope in ROLES[role]:
            continue
        if method == "GET":
            page = await visitor.get(filled(path), 403)
            assert "이 역할로는 할 수 없어요" in words_of(page)
        else:
            refused = await visitor.ask(method, filled(path), 403)
            assert refused["code"] == "role_missing", (method, path)


async def test_nobody_sees_anything_without_a_log_in(stranger: Any) -> None:
    for method, path, scope in ALL:
        if scope == "MISSING":
            continue
        answer = await stranger.request(method, filled(path))
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith("/console/login")


async def test_the_front_leads_to_the_console(stranger: Any) -> None:
    assert (await stranger.get("/")).headers["location"] == "/console"
    script = await stranger.get("/console/static/shell.js")
    assert script.headers["content-type"].startswith("text/javascript")
    for name in ("../render.py", "..%2Frender.py", "nothing.js"):
        assert (await stranger.get(f"/console/static/{name}")).status_code in (303, 404)

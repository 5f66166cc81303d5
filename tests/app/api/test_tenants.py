"""The tenant matrix: every route against everyone who may not use it, generated from the app.

A new route without a row in ``tests/app/api/tenants.py`` fails here.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.config import Settings
from app.main import create_app
from app.services.callers import SCOPES
from app.services.runtime import Runtime, open_runtime
from tests.app.api.shop import bearer, key_with
from tests.app.api.tenants import ROWS, World, build


def routes_of(app: FastAPI) -> list[str]:
    """``GET /v1/templates`` … of every route that works for a workspace."""
    found = {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        if context.path is not None and context.path.startswith("/v1")
        for method in (context.methods or ())
        if method not in ("HEAD", "OPTIONS")
    }
    return sorted(found)


ROUTES = routes_of(create_app())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> tuple[Path, World]:
    """Built once and copied: building takes ten times as long as asking one route."""
    folder = tmp_path_factory.mktemp("tenants") / "var"
    folder.mkdir()
    shutil.copy(migrated, folder / "naru.db")
    settings = Settings(data=folder, database_url="")

    async def make() -> World:
        app = create_app(settings)
        async with open_runtime(settings) as runtime, app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://naru") as client:
                return await build(runtime, client)

    return folder, asyncio.run(make())


@pytest.fixture
async def runtime(app_settings: Settings, built: tuple[Path, World]) -> AsyncIterator[Runtime]:
    """The built store, a copy for each test."""
    shutil.copytree(built[0], app_settings.data)
    async with open_runtime(app_settings) as opened:
        yield opened


@pytest.fixture
def world(runtime: Runtime, built: tuple[Path, World]) -> World:
    return replace(built[1], runtime=runtime)


def test_every_route_has_a_row() -> None:
    assert sorted(ROWS) == ROUTES
    assert {row.scope for row in ROWS.values()} <= set(SCOPES)


def told(answer: httpx.Response) -> dict[str, Any]:
    """The body; of a file its last line, which says what came before; of a picture its header, of
    a stream its first event."""
    if answer.headers["Content-Type"].startswith("image/"):
        return {"simulated": answer.headers.get("X-Simulated") == "true"}
    if answer.headers["Content-Type"].startswith("text/event-stream"):
        data = [line for line in answer.content.splitlines() if line.startswith(b"data: ")]
        hello: dict[str, Any] = orjson.loads(data[0].removeprefix(b"data: "))
        return hello | {"items": data[1:]}
    body: dict[str, Any] = orjson.loads(answer.content.splitlines()[-1])
    return body


def is_empty(answer: httpx.Response) -> bool:
    """Whether a list holds nothing, or an answer is no list."""
    body = told(answer)
    return not body.get("items") and not body.get("rows")


@pytest.mark.parametrize("route", ROUTES)
async def test_nobody_else_gets_in(world: World, client: httpx.AsyncClient, route: str) -> None:
    row = ROWS[route]

    async def ask(mode: str, headers: dict[str, str]) -> httpx.Response:
        method, path, body = world.request(route, mode)
        return await client.request(method, path, json=body, headers=headers)

    without = await ask("live", {})
    assert (without.status_code, without.json()["code"]) == (401, "no_api_key")
    wrong = await ask("live", bearer(world.key("live")[:-3] + "abc"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_api_key")

    for kind, mode in (("live", "live"), ("test", "sandbox")):
        others = [scope for scope in SCOPES if scope not in (row.scope, *row.also)]
        low = await ask(mode, bearer(await key_with(world.runtime, world.shop, kind, *others)))
        assert (low.status_code, low.json()["code"]) == (403, "scope_missing")
        assert low.json()["data"]["scope"] == row.scope

        stranger = await ask(mode, bearer(world.stranger[mode]))
        assert stranger.status_code == row.foreign, stranger.text
        assert is_empty(stranger)
        assert not any(id_ in stranger.text for id_ in world.live_ids())

    rehearsal = await ask("live", bearer(world.key("sandbox")))
    assert rehearsal.status_code == row.wrong_mode, rehearsal.text
    assert not any(id_ in rehearsal.text for id_ in world.live_ids())
    assert told(rehearsal)["simulated"] is True

    own = await ask("sandbox", bearer(world.key("sandbox")))
    assert own.status_code == row.own, own.text
    assert told(own)["simulated"] is True


async def test_what_is_not_one_s_own_looks_like_what_is_not_there(
    world: World, client: httpx.AsyncClient
) -> None:
    """The same body, whether an id is another workspace's or nobody's."""
    nobody = dict.fromkeys(world.ids["live"], "01a20733-8e47-7305-b40f-3fde26dc1001")
    nobody["number"] = "1"  # no id: it counts the versions of one template
    for route, row in ROWS.items():
        if "{" not in route or row.foreign != 404:
            continue
        headers = bearer(world.stranger["live"])
        method, path, body = world.request(route, "live")
        foreign = await client.request(method, path, json=body, headers=headers)
        path = route.split(" ")[1].format_map(nobody)
        absent = await client.request(method, path, json=body, headers=headers)
        assert (foreign.status_code, foreign.content) == (404, absent.content), route

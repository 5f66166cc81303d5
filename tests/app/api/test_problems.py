"""Errors as the caller sees them."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import Field
from sqlalchemy import text

from app.api import problems
from app.api.deps import Body
from app.db.session import Database
from app.errors import GatewayError, TooMany, Unavailable
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, bearer


class Item(Body):
    to: str = Field(max_length=20)


class Order(Body):
    items: list[Item]


@pytest.fixture
def failing(app: FastAPI) -> FastAPI:
    """The application with routes that go wrong."""

    @app.post("/try/order")
    async def order(body: Order) -> None:
        return None

    @app.get("/try/fall")
    async def fall() -> None:
        raise RuntimeError("planted detail 01012345678")

    @app.get("/try/busy")
    async def busy() -> None:
        raise TooMany("slow_down", "Wait.", retry_after_s=7)

    @app.get("/try/away")
    async def away() -> None:
        raise Unavailable("away", "Later.")

    @app.get("/try/store/{statement}")
    async def store(request: Request, statement: str) -> None:
        async with request.app.state.runtime.database.read() as session:
            await session.exec(text(statement))

    return app


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    problems.Problem.model_validate(body)
    return body


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        (b"{", 400, "bad_json", None),
        (b"\xff\xfe", 400, "bad_json", None),
        (b"", 422, "invalid_request", None),
        (b"[]", 422, "invalid_request", None),
        (b"{}", 422, "invalid_request", "items"),
        (b'{"items": [{"to": "a"}, {"to": 1}]}', 422, "invalid_request", "items[1].to"),
        (b'{"items": [{"to": "a", "planted": 1}]}', 422, "unknown_field", "items[0].planted"),
        (b'{"items": [], "more": 1}', 422, "unknown_field", "more"),
    ],
)
async def test_a_body_that_cannot_be_read_names_what_is_wrong(
    failing: FastAPI,
    client: httpx.AsyncClient,
    content: bytes,
    status: int,
    code: str,
    field: str | None,
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/try/order", content=content, headers=headers)
    assert is_problem(answer, status, code).get("field") == field


async def test_a_body_without_its_type_says_so(failing: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.post("/try/order", content=b'{"items": []}')
    assert "Content-Type" in is_problem(answer, 422, "invalid_request")["detail"]


async def test_values_are_not_repeated(failing: FastAPI, client: httpx.AsyncClient) -> None:
    body = {"items": [{"to": "01012345678 planted value, too long"}]}
    answer = await client.post("/try/order", json=body)
    is_problem(answer, 422, "invalid_request")
    assert "planted" not in answer.text


async def test_our_own_fault_has_a_number_and_no_detail(
    failing: FastAPI, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/try/fall")
    body = is_problem(answer, 500, "internal_error")
    assert "planted" not in answer.text
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_waiting_is_said_in_the_header(failing: FastAPI, client: httpx.AsyncClient) -> None:
    busy = await client.get("/try/busy")
    is_problem(busy, 429, "slow_down")
    assert busy.headers["Retry-After"] == "7"
    away = await client.get("/try/away")
    is_problem(away, 503, "away")
    assert "Retry-After" not in away.headers


async def test_a_database_that_is_away_is_no_fault_of_ours(
    failing: FastAPI, client: httpx.AsyncClient, runtime: Runtime, tmp_path: Path
) -> None:
    wrong = await client.get("/try/store/SELECT nonsense")
    is_problem(wrong, 500, "internal_error")
    assert "nonsense" not in wrong.text
    gone = Database("postgresql+asyncpg://me:planted@127.0.0.1:1/naru", tmp_path)
    failing.state.runtime = Runtime(runtime.settings, gone, runtime.sealer)
    away = await client.get("/try/store/SELECT 1")
    await gone.close()
    is_problem(away, 503, "database_unavailable")
    assert away.headers["Retry-After"] == "1"
    assert "planted" not in away.text


async def test_wrong_addresses_and_methods(client: httpx.AsyncClient, shop: Shop) -> None:
    is_problem(await client.get("/nothing"), 404, "not_found")
    refused = await client.delete("/v1/accounts", headers=bearer(shop.keys["live"]))
    is_problem(refused, 405, "method_not_allowed")
    assert set(refused.headers["Allow"].split(", ")) & {"GET", "POST"}


async def test_a_missing_key_names_the_scheme(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/templates")
    is_problem(answer, 401, "no_api_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_test_key_is_told_that_nothing_was_real(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    answer = await client.get("/v1/templates/none", headers=bearer(shop.keys["test"]))
    assert is_problem(answer, 404, "unknown_template")["simulated"] is True
    answer = await client.get("/v1/templates/none", headers=bearer(shop.keys["live"]))
    assert "simulated" not in is_problem(answer, 404, "unknown_template")


def test_every_status_of_an_error_has_words() -> None:
    """What services can raise is what routes can declare."""

    def below(kind: type[GatewayError]) -> set[int]:
        return {kind.status}.union(*(below(child) for child in kind.__subclasses__()))

    assert below(GatewayError) - {500, 405} <= set(problems.WHAT)

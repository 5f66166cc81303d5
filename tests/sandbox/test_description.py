"""The description of the desk API: every route told, a page of own files, closed in production."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.description import DOCS, FILES, OPENAPI
from sandbox.main import create_app
from tests.sandbox.server import Running


def calls(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path}", call


async def test_every_route_says_what_it_does_and_how_it_refuses(quiet: Running) -> None:
    document = (await quiet.client.get(OPENAPI)).json()
    told = dict(calls(document))
    assert len(told) > 25
    assert [name for name, call in told.items() if not call["summary"]] == []
    assert [
        (name, status)
        for name, call in told.items()
        for status, answer in call["responses"].items()
        if status.startswith("4") and list(answer["content"]) != ["application/problem+json"]
    ] == []
    assert told["PUT /desk/api/chaos"]["tags"] == ["chaos"]
    assert told["GET /desk/api/counters"]["tags"] == ["desk"]
    assert "HTTPValidationError" not in str(document)
    assert "code" in document["components"]["schemas"]["Problem"]["properties"]


async def test_the_page_needs_nothing_from_elsewhere(quiet: Running) -> None:
    page = await quiet.client.get(DOCS)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert re.findall(r"https?://", page.text) == []
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 3
    for file in files:
        assert file.startswith(FILES)
        assert (await quiet.client.get(file)).status_code == 200


@pytest.mark.parametrize("path", [DOCS, OPENAPI, f"{FILES}/swagger-ui.css", "/docs", "/redoc"])
async def test_production_describes_nothing(tmp_path: Path, path: str) -> None:
    app = create_app(tmp_path / "s.db", password="p", production=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        answer = await client.get(path, auth=("any", "p"))
    app.state.store.close()
    assert answer.status_code == 404

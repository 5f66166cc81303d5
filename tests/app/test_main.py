"""The application as a whole: its description, its pages, and its process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.db import schema
from app.main import create_app
from app.services.runtime import Runtime
from tests.journeys.town import free_port

PRODUCTION = {"env": "production"}


def client_of(settings: Settings) -> httpx.AsyncClient:
    """A client of an application that was not started: enough for its pages."""
    transport = httpx.ASGITransport(create_app(settings))
    return httpx.AsyncClient(transport=transport, base_url="http://naru")


async def test_the_docs_ask_no_other_host(app_settings: Settings) -> None:
    async with client_of(app_settings) as client:
        page = (await client.get("/docs")).text
        addresses = re.findall(r"""(?:src|href|url)["']?\s*[=:]\s*["']([^"']+)""", page)
        assert len(addresses) >= 4
        assert [one for one in addresses if not one.startswith("/")] == []
        assert "//" not in page.replace("window.location.protocol + '//'", "")
        assert '"validatorUrl": null' in page
        for one in addresses:
            assert (await client.get(one)).status_code == 200, one


async def test_production_closes_the_docs(app_settings: Settings) -> None:
    async with client_of(app_settings.model_copy(update=PRODUCTION)) as client:
        for path in ("/docs", "/redoc", "/openapi.json", "/static-offline-docs/swagger-ui.css"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_description_says_what_callers_need() -> None:
    description = create_app(Settings()).openapi()
    schemas = description["components"]["schemas"]
    text = json.dumps(description)
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert references <= set(schemas), "a reference to nothing"
    assert "HTTPValidationError" not in text
    assert [name for name, one in operations(description) if not one.get("summary")] == []
    for name, one in operations(description):
        assert one.get("description"), name
        if "/v1/" not in name:
            continue
        assert one["security"] == [{"API key": []}, {"API key in a header of its own": []}], name
        assert {"401", "403", "422"} <= set(one["responses"]), name
        problem = one["responses"]["401"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}
    assert {"code", "detail", "field", "data"} <= set(schemas["Problem"]["properties"])


def test_every_body_refuses_unknown_fields() -> None:
    description = create_app(Settings()).openapi()
    schemas = description["components"]["schemas"]
    for name, one in operations(description):
        body = json.dumps(one.get("requestBody", {}))
        for used in re.findall(r"#/components/schemas/(\w+)", body):
            assert schemas[used].get("additionalProperties") is False, f"{name}: {used}"


async def test_another_schema_stops_the_start(app_settings: Settings) -> None:
    """K13: nothing works on a schema that is not its own."""
    app = create_app(app_settings)
    with pytest.raises(schema.WrongSchema, match="naru migrate"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")


def environment(folder: Path, port: int) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NARU_")}
    return ours | {"NARU_DATA": str(folder), "NARU_PORT": str(port), "NARU_HOST": "127.0.0.1"}


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def start(settings: Settings, port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "app"],
        env=environment(settings.data, port),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_busy_port_is_said_in_one_line(runtime: Runtime) -> None:
    with taken_port() as port, start(runtime.settings, port) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert len(err.splitlines()) == 1
    assert f"Port {port} is busy" in err
    assert "NARU_PORT" in err


def test_a_missing_schema_is_said_in_one_line(app_settings: Settings) -> None:
    with start(app_settings, 1) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "naru migrate" in err


def test_damaged_secrets_are_said_in_one_line(app_settings: Settings) -> None:
    app_settings.data.mkdir(parents=True)
    (app_settings.data / "secrets.toml").write_text("[master]\n1 = 'planted'\n")
    with start(app_settings, 1) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(err.splitlines()) == 1
    assert "secrets.toml" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(runtime: Runtime, number: signal.Signals) -> None:
    port = free_port()
    with start(runtime.settings, port) as process:
        answer = wait_for(f"http://127.0.0.1:{port}/health/ready")
        assert answer.json()["status"] == "ok"
        assert "server" not in answer.headers
        assert answer.headers["X-Request-Id"]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert out == ""


def wait_for(url: str) -> httpx.Response:
    """The first answer, however long the start takes."""
    until = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < until, "it never listened"
            time.sleep(0.05)

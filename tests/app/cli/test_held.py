"""Templates of the gateway: read over the API, and exit codes that tell whose fault it is."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli import held
from app.cli.api import Api, Problem
from app.cli.failures import BadUsage, Failed

BODY = {"code": "t", "name": "n", "content": "[가게] 안내"}


def api(answer: Callable[[httpx.Request], httpx.Response]) -> Api:
    return Api(httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://naru"))


def item(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "version": 2, "body": BODY | {"code": code} | more}


async def test_all_pages_are_read() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("cursor", ""))
        is_first = not asked[-1]
        page = [item("a"), item("b")] if is_first else [item("c")]
        return httpx.Response(200, json={"items": page, "next": "x" if is_first else None})

    found = await held.every(api(answer))
    assert [one.template.code for one in found] == ["a", "b", "c"]
    assert asked == ["", "x"]


@pytest.mark.parametrize(("code", "gone"), [("unknown_template", True), ("not_found", False)])
async def test_none_is_only_what_the_gateway_calls_unknown(code: str, gone: bool) -> None:
    asked = held.one(api(lambda _: httpx.Response(404, json={"code": code})), "t")
    if gone:
        assert await asked is None
        return
    with pytest.raises(Problem):
        await asked


async def test_a_template_of_another_release_is_no_traceback() -> None:
    answer = httpx.Response(200, json=item("t", hologram=True))
    with pytest.raises(BadUsage, match="hologram"):
        await held.one(api(lambda _: answer), "t")


@pytest.mark.parametrize(
    ("status", "exit_code"), [(404, 1), (409, 1), (422, 1), (401, 2), (403, 2), (429, 2), (500, 2)]
)
async def test_exit_codes_of_refusals(
    status: int, exit_code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARU_DATA", str(tmp_path))
    with pytest.raises(Failed) as failed:
        async with held.asking("http://127.0.0.1:1", "k"):
            raise Problem(httpx.Response(status, json={"code": "c", "detail": "d"}))
    assert failed.value.exit_code == exit_code


async def test_a_page_that_is_not_ours_is_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARU_DATA", str(tmp_path))
    page = api(lambda _: httpx.Response(200, text="<html>"))
    with pytest.raises(BadUsage, match="not Naru"):
        async with held.asking("http://127.0.0.1:1", "k"):
            await held.every(page)


def test_nobody_there_and_no_key_are_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARU_DATA", str(tmp_path))
    monkeypatch.delenv("NARU_KEY", raising=False)

    async def ask(key: str | None) -> None:
        async with held.asking("http://127.0.0.1:1", key) as one:
            await held.every(one)

    for key in ("k", None):
        with pytest.raises(BadUsage):
            asyncio.run(ask(key))

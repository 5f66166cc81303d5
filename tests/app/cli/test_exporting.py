"""``naru export``: a whole file or none."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from app.cli.api import Api, Problem
from app.cli.exporting import save
from app.cli.failures import Failed
from tests.app.cli.conftest import Naru
from tests.sandbox.server import serve_app

ASKED = {"from": "2026-11-01", "to": "2026-11-30"}


def gateway(*, breaks: bool) -> FastAPI:
    """An export of two pieces; the store may fail between them."""
    app = FastAPI()

    @app.get("/v1/messages/export")
    async def export() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"id\r\n"
            if breaks:
                raise OSError("gone")
            yield b"1\r\n"

        return StreamingResponse(pieces())

    return app


async def fetch(app: Any, out: Path) -> int:
    async with serve_app(app) as url, httpx.AsyncClient(base_url=url) as client:
        return await save(Api(client), ASKED, out)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_whole_file(tmp_path: Path) -> None:
    out = tmp_path / "11월.csv"
    assert await fetch(gateway(breaks=False), out) == 7
    assert out.read_bytes() == b"id\r\n1\r\n"


async def test_a_broken_download_leaves_no_file(tmp_path: Path) -> None:
    out = tmp_path / "11월.csv"
    out.write_text("of an earlier run")
    with pytest.raises(Failed, match="broke off"):
        await fetch(gateway(breaks=True), out)
    assert names(tmp_path) == ["11월.csv"]
    assert out.read_text() == "of an earlier run"


async def test_a_refusal_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="404"):
        await fetch(FastAPI(), tmp_path / "x.csv")
    assert names(tmp_path) == []


def test_nobody_answers(naru: Naru) -> None:
    words = ("--from", "2026-11-01", "--to", "2026-11-02", "--key", "k")
    told = naru("export", *words, "--url", "http://127.0.0.1:1", code=1)
    assert "127.0.0.1:1" in told.stderr

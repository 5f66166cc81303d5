"""No body is read without end."""

from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, Request

from sandbox.largest import MOST_BYTES, Largest
from tests.sandbox.server import Running


async def test_a_body_without_end_is_refused() -> None:
    app, read = FastAPI(), []

    @app.post("/")
    async def take(request: Request) -> None:
        read.append(len(await request.body()))

    app.add_middleware(Largest, most=1_000)

    async def drops(how_many: int) -> AsyncIterator[bytes]:
        for _ in range(how_many):
            yield b"x" * 100

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        assert (await client.post("/", content=drops(10))).status_code == 200
        assert (await client.post("/", content=drops(11))).status_code == 413
        assert (await client.post("/", content=b"x" * 1_001)).status_code == 413
    assert read == [1_000]


async def test_the_sandbox_has_it_before_anything_is_read(quiet: Running) -> None:
    said = {"Content-Length": str(MOST_BYTES + 1)}
    for path in ("/solapi/messages/v4/send", "/desk/api/chaos", "/consult/v1/chat/write"):
        answer = await quiet.client.post(path, content=b"{}", headers=said)
        assert (path, answer.status_code) == (path, 413)
    assert quiet.store.exchanges[-1].status == 413

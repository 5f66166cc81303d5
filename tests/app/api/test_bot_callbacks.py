"""The address of a bot's later answer: no key, and nothing to learn from it."""

import shutil
from pathlib import Path

import httpx
from fastapi import FastAPI

from app.api import bot_callbacks, problems
from tests.app.services.botting import answer, skilled, token_of

PROMISE = {"version": "2.0", "useCallback": True}


async def test_a_later_answer_is_taken_once(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with skilled(tmp_path, PROMISE) as (made, server):
        await made.begin()
        await made.say("언제 와요")
        app = FastAPI()
        app.include_router(bot_callbacks.router)
        problems.install(app)
        app.state.runtime = made.talk.runtime
        path = f"/callbacks/bot/{token_of(server.heard[0])}"
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://naru") as client:
            bad = await client.post(path, content=b"{")
            assert (bad.status_code, bad.json()["status"]) == (200, "ERROR")
            for status in ("SUCCESS", "FAIL"):
                told = await client.post(path, json=answer("내일 도착해요"))
                assert (told.status_code, told.json()["status"]) == (200, status)
                assert told.json().keys() == {"taskId", "status", "message", "timestamp"}
        assert await made.said() == ["내일 도착해요"]


async def test_what_is_not_there_looks_like_any_other_address(client: httpx.AsyncClient) -> None:
    nothing = await client.post("/nothing/here", json={})
    for token in ("0" * 32, "x", "0" * 31 + "g", "0" * 64):
        told = await client.post(f"/callbacks/bot/{token}", json=answer("x"))
        assert (told.status_code, told.content) == (nothing.status_code, nothing.content)
        assert told.status_code == 404

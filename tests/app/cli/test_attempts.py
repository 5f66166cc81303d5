"""``naru attempts``: listed, and tried again by id."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from tests.app.cli.conftest import Naru, told
from tests.sandbox.server import serve_app

ID = "0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42"


def gateway() -> FastAPI:
    """One parked attempt, and a place to requeue it."""
    app = FastAPI()

    @app.get("/v1/attempts/parked")
    async def parked(limit: int) -> Any:
        return {"items": [{"id": ID, "code": "77"}][:limit], "next": None}

    @app.post("/v1/attempts/{attempt_id}/requeue")
    async def requeue(attempt_id: str) -> Any:
        return {"id": attempt_id, "status": "queued"}

    return app


def with_gateway(ask: Callable[[str], Any]) -> Any:
    async def run() -> Any:
        async with serve_app(gateway()) as url:
            return await asyncio.to_thread(ask, url)

    return asyncio.run(run())


def test_parked_attempts_are_listed_and_requeued(naru: Naru) -> None:
    def ask(url: str) -> tuple[Any, Any]:
        more = ("--url", url, "--key", "naru_test_x", "--json")
        return told(naru("attempts", "parked", *more)), told(naru("attempts", "requeue", ID, *more))

    listed, requeued = with_gateway(ask)
    assert listed == [{"id": ID, "code": "77"}]
    assert requeued == {"id": ID, "status": "queued"}

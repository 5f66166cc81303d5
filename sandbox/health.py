"""GET /health/live and /health/ready."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """503 when the delivery or the outbox has stopped, or the store cannot be read."""
    workers: list[asyncio.Task[Any]] = request.app.state.workers
    request.app.state.store.number("SELECT 1")
    stopped = [task.get_name() for task in workers if task.done()]
    if stopped:
        return JSONResponse({"status": "stopped", "stopped": stopped}, 503)
    return JSONResponse({"status": "ok"})

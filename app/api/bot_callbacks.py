"""Where a skill that promised an answer sends it: an address of its own for every question."""

import re
from typing import Any

from fastapi import APIRouter, Request

from app.api.deps import RuntimeDep
from app.api.problems import not_found, responses
from app.crash import crash_at
from app.services import bot_callbacks

router = APIRouter(prefix="/callbacks/bot", tags=["callbacks"])
TOKEN = re.compile(r"[0-9a-f]{32}")


@router.post("/{token}", summary="A bot's later answer", responses=responses(404, 413))
async def take_answer(request: Request, runtime: RuntimeDep, token: str) -> dict[str, Any]:
    """A skill answer 2.0, once, within a minute; answers as Kakao's callback address does.

    Of two the second hears `FAIL`; a body that is no skill answer hears `ERROR` and may be sent
    again.
    """
    if not TOKEN.fullmatch(token):
        raise not_found()
    told = await bot_callbacks.take(runtime, token, await request.body())
    if told is None:
        raise not_found()
    crash_at("B04", after_s=0.1)  # the answer leaves first
    return told

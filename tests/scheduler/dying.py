"""A scheduler's turn at the outbox that is killed at a named point."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlmodel import col

from app.db.models import ChatMessage
from tests.app.services.talks import PAST, Talk

ROOT = Path(__file__).parents[2]
DYING = """
import asyncio, sys
from pathlib import Path
import httpx
from app.config import Settings
from app.services import accounts
from app.services.runtime import open_runtime
from scheduler.chats import send_due

async def main() -> None:
    settings = Settings(data=Path(sys.argv[1]), sandbox_url=sys.argv[2])
    async with open_runtime(settings) as runtime, httpx.AsyncClient(trust_env=False) as client:
        while await send_due(runtime, lambda one: accounts.adapter_of(runtime, one, client)):
            pass

asyncio.run(main())
"""


async def die(talk: Talk, point: str) -> None:
    """Send what is due in a process of its own, which dies at the point."""
    address = f"http://127.0.0.1:{talk.hub.port}"
    args = [sys.executable, "-c", DYING, str(talk.runtime.settings.data), address]
    env = os.environ | {"NARU_CRASH_AT": point, "PYTHONPATH": str(ROOT)}
    done = await asyncio.to_thread(subprocess.run, args, cwd=ROOT, env=env, check=False)
    assert done.returncode == -signal.SIGKILL


async def due_now(talk: Talk) -> None:
    """Time passes for what waits."""
    await talk.change(ChatMessage, col(ChatMessage.due_at).is_not(None), due_at=PAST)

"""One workspace with a customer who wrote, and a client with its test key, over the whole app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.db.models import Case, Thread
from app.services import keys
from app.services.callers import SCOPES
from tests.app.services.talks import Talk, talking
from tests.applications import application

BASE = "/v1/consultations"


@dataclass
class Desk:
    """What an agent's program has: a client, and where the only thread is."""

    talk: Talk
    client: httpx.AsyncClient
    thread: str
    case: str

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> dict[str, Any]:
        """An answer's body; ``path`` is below /v1/consultations."""
        answer = await self.client.request(method, f"{BASE}{path}", **more)
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        assert body["simulated"] is True
        return body


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    """The app over a talk's store; ``settings`` differ from its own."""
    async with talking(folder) as talk:
        await talk.hear("배송 언제 오나요")
        async with talk.runtime.database.write() as tx:
            _, key = await keys.create(
                tx, talk.runtime.sealer, talk.workspace.id, "test", "k", SCOPES
            )
        thread, case = await talk.only(Thread), await talk.only(Case)
        async with (
            application(talk.runtime.settings.model_copy(update=settings)) as app,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://naru",
                headers={"Authorization": f"Bearer {key}"},
            ) as client,
        ):
            yield Desk(talk, client, str(thread.id), str(case.id))

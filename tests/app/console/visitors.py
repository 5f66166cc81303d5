"""People of the console for tests: somebody with a role, logged in without a password's cost."""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from app.console.deps import COOKIE
from app.db.models import Staff
from app.services import logins, staff
from app.services.logins import Door, Visit
from app.services.runtime import Runtime

HOME = "https://naru.test"
BROWSER = Door("127.0.0.1", "test browser")


@dataclass
class Visitor:
    """A browser with a log-in; ``get`` and ``post`` are what its person does."""

    client: httpx.AsyncClient
    runtime: Runtime
    token: str
    staff_id: UUID

    async def visit(self) -> Visit:
        """Who this is, as the pages see it."""
        found = await logins.find(self.runtime, self.token)
        assert found is not None
        return found

    async def get(self, path: str, status: int = 200, **more: Any) -> httpx.Response:
        """Open a page."""
        answer = await self.client.get(path, **more)
        assert answer.status_code == status, answer.text[:2000]
        return answer

    async def post(self, path: str, status: int = 303, **form: Any) -> httpx.Response:
        """Send a form of ours: with the log-in's token, from our own origin."""
        data = {"csrf": (await self.visit()).csrf, **form}
        answer = await self.client.post(path, data=data, headers={"Origin": HOME})
        assert answer.status_code == status, answer.text[:2000]
        return answer

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """What a script of a page asks: JSON there and back."""
        headers = {
            "Origin": HOME,
            "Accept": "application/json",
            "X-CSRF": (await self.visit()).csrf,
        }
        answer = await self.client.request(method, path, headers=headers, **more)
        assert answer.status_code == status, answer.text[:2000]
        return answer.json() if answer.content else None


async def somebody(
    runtime: Runtime, workspace_id: UUID, role: str, *, name: str = "김나루", email: str = ""
) -> Staff:
    """A member with a role."""
    address = email or f"{role}-{secrets.token_hex(3)}@naru.test"
    async with runtime.database.write() as tx:
        person, _ = await staff.add(tx, runtime.sealer, workspace_id, address, name, role)
    return person


async def logged_in(
    app: FastAPI, runtime: Runtime, person: Staff, mode: str | None = None
) -> Visitor:
    """Their browser. ``mode``: whose messages it looks at; None: as a new log-in decides."""
    async with runtime.database.write() as tx:
        token, _ = await logins.open_login(tx, runtime.sealer, person, BROWSER, remember=True)
    client = browser(app)
    client.cookies.set(COOKIE, token, domain="naru.test", path="/")
    visitor = Visitor(client, runtime, token, person.id)
    if mode is not None:
        who = await visitor.visit()
        async with runtime.database.write() as tx:
            await logins.look_at(tx, who, mode)
    return visitor


def browser(app: FastAPI) -> httpx.AsyncClient:
    """A browser that has not logged in; it follows nothing by itself."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=HOME)


def words_of(page: httpx.Response) -> str:
    """The visible text of a page, without its marks."""
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare)

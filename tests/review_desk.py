"""A relay's template desk in a few lines, and a workspace that has accounts at it and at NHN."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from sqlmodel import col, select, update

from app.db.models import (
    Event,
    ProviderAccount,
    Sender,
    Template,
    TemplateRegistration,
    TemplateVersion,
)
from app.services import accounts, senders, templates
from app.services.actions import Reach
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from app.services.versions import Stored
from scheduler.review import review_due
from tests.app.api.shop import NOTICE, Shop, open_shop

RELAY = {"relay_url": "https://relay.example", "key": "k", "signing_secret": "s"}
CODE = NOTICE["code"]
MENDED = NOTICE | {"content": "#{이름}님, #{상품} 배송을 시작했습니다."}


class Killed(BaseException):
    """The process dies."""


@dataclass
class Desk:
    """What a relay knows, by docs/relay.md; every action of it that would repeat is refused.

    ``before`` and ``after`` run around each action: to look, to die, to say nothing.
    """

    known: dict[str, dict[str, Any]] = field(default_factory=dict)  # by code
    asked: list[tuple[str, str]] = field(default_factory=list)  # action, code
    before: Callable[[str], None] = lambda action: None
    after: Callable[[str], None] = lambda action: None
    first: str = "in_review"  # what becomes of a new one
    refuses: set[str] = field(default_factory=set)  # actions, whatever the state
    looked: Callable[[], Awaitable[object]] | None = None  # once, while it answers a look
    runtime: Runtime | None = None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self.runtime is not None:  # a store that is locked would never let this through
            async with asyncio.timeout(60), self.runtime.database.write():
                pass
        if request.method == "GET":
            if self.looked is not None:
                looked, self.looked = self.looked, None
                await looked()
            found = self.known.get(request.url.params["code"])
            return self._state(found) if found else _refused("request_refused")
        body = json.loads(request.content)
        action = body.get("action", "submit")
        self.asked.append((action, body["code"]))
        self.before(action)
        answer = self._act(action, body)
        self.after(action)
        return answer

    def judge(self, inspection: str, code: str = CODE, text: str = "", **flags: bool) -> None:
        """The reviewers decide."""
        self.known[code] |= {"inspection": inspection, **flags}
        if text:
            self.known[code]["comments"].append({"text": text, "kind": inspection})

    def _act(self, action: str, body: dict[str, Any]) -> httpx.Response:
        code = body["code"]
        if action == "submit":
            new = {"inspection": self.first, "stopped": False, "form": body, "comments": []}
            return self._state(self.known.setdefault(code, new | {"dormant": False}))
        row = self.known.get(code)
        if row is None:
            return _refused("request_refused")
        rules: dict[str, tuple[bool, dict[str, Any]]] = {
            "edit": (
                row["inspection"] in ("rejected", "registered"),
                {"inspection": "in_review", "form": body.get("template")},
            ),
            "withdraw": (row["inspection"] == "in_review", {"inspection": "registered"}),
            "stop": (row["inspection"] == "approved" and not row["stopped"], {"stopped": True}),
            "resume": (row["stopped"], {"stopped": False}),
            "release": (row["dormant"], {"dormant": False}),
            "comment": (row["inspection"] in ("in_review", "rejected"), {}),
            "delete": (row["inspection"] in ("rejected", "registered"), {}),
        }
        allowed, changes = rules[action]
        if not allowed or action in self.refuses:
            return _refused("template_state")
        row |= changes
        if action == "delete":
            del self.known[code]
        if action == "comment" and body["text"] not in [c["text"] for c in row["comments"]]:
            row["comments"].append({"text": body["text"], "kind": "question"})
            row["inspection"] = "in_review"
        return httpx.Response(200, json={})

    def _state(self, row: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json={k: v for k, v in row.items() if k != "form"})


def _refused(code: str) -> httpx.Response:
    return httpx.Response(409, json={"code": code, "text": "not now"})


@dataclass
class Office:
    """A workspace with one relay account in the sandbox, the desk, and the scheduler's job."""

    runtime: Runtime
    shop: Shop
    desk: Desk
    client: httpx.AsyncClient
    sender: Sender

    async def turn(self, times: int = 1) -> int:
        """What is registered is due, and asked; how many of the last turn."""
        asked = 0
        for _ in range(times):
            async with self.runtime.database.write() as tx:
                await tx.session.exec(
                    update(TemplateRegistration)
                    .where(col(TemplateRegistration.due_at).is_not(None))
                    .values(due_at=tx.now - timedelta(seconds=1))
                )
            asked = await review_due(self.runtime, self.client)
        return asked

    async def create(self, **given: Any) -> Stored:
        submit = given.pop("submit", True)
        async with self.runtime.database.write() as tx:
            return await templates.create(
                tx, self.shop.workspace_id, NOTICE | given, ("sandbox",), submit=submit
            )

    async def put(self, submit: bool = True, **given: Any) -> Stored:
        async with self.runtime.database.write() as tx:
            return await templates.put(
                tx, self.shop.workspace_id, CODE, NOTICE | given, ("sandbox",), submit=submit
            )

    async def do(self, what: Callable[..., Any], *more: Any, **named: Any) -> Any:
        """A service's function on the template, in the sandbox unless told otherwise."""
        named.setdefault("reach", Reach(("sandbox",)))
        async with self.runtime.database.write() as tx:
            return await what(tx, self.shop.workspace_id, CODE, *more, **named)

    async def get(self) -> Stored:
        async with self.runtime.database.read() as session:
            return await templates.get(session, self.shop.workspace_id, CODE)

    async def in_use(self) -> int | None:
        """The number of the version that messages are accepted with."""
        one = (await self.get()).in_use("sandbox")
        return one.version.number if one else None

    async def row(self, number: int = 1) -> TemplateRegistration:
        """A version's registration at the relay."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(TemplateRegistration)
                .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
                .where(
                    col(TemplateRegistration.sender_id) == self.sender.id,
                    col(TemplateVersion.number) == number,
                )
            )
            return found.one()

    async def words(self) -> list[str]:
        """What was told of templates, in order."""
        async with self.runtime.database.read() as session:
            rows = await session.exec(select(Event).order_by(col(Event.seq)))
            found = [row.kind.partition(".") for row in rows]
        return [word for noun, _, word in found if noun == "template"]

    async def is_there(self) -> bool:
        async with self.runtime.database.read() as session:
            return bool(list(await session.exec(select(Template.id))))


async def open_office(runtime: Runtime, desk: Desk, client: httpx.AsyncClient) -> Office:
    """A shop whose only Alimtalk account in the sandbox is a relay."""
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount)
            .where(col(ProviderAccount.id) == shop.accounts["sandbox"].id)
            .values(state="disabled")
        )
        new = NewAccount(name="relay", adapter="relay", mode="sandbox", credentials=RELAY)
        shop.accounts["relay"], _ = await accounts.add(tx, runtime, shop.workspace_id, new)
        sender = await senders.add(
            tx, shop.accounts["relay"], senders.NewSender(kind="alimtalk", value="key-relay")
        )
    return Office(runtime, shop, desk, client, sender)

"""A workspace with one consultation account, a hub on a real socket, and a customer who talks."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import orjson
from sqlalchemy import update
from sqlmodel import SQLModel, col, select

from app.config import Settings
from app.db.models import (
    ChatMessage,
    Event,
    InboundEvent,
    Message,
    ProviderAccount,
    ReplyToken,
    Sender,
    Template,
    Thread,
    Workspace,
)
from app.ids import new_id, new_token
from app.services import accounts, attachments, callbacks, consultations, threads
from app.services.callers import SCOPES, Caller
from app.services.cases import Agent
from app.services.consultations import Posted, Writing
from app.services.incoming import Incoming
from app.services.runtime import Runtime, open_runtime
from channels.contract import Adapter, Callback
from scheduler.chats import send_due
from scheduler.inbound import apply_due
from tests import stores
from tests.channels.sockets import Behave, Seen, serving, write
from tests.files import PDF

SENDER_KEY = "a" * 40
PAST = datetime(2026, 1, 1, tzinfo=UTC)
M = TypeVar("M", bound=SQLModel)
CUSTOMER = "k1x2y3z4w5v6"
NO_SESSION = "-777"


def reply(body: str, status: int = 200) -> bytes:
    """An HTTP answer of the hub."""
    data = body.encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data)


@dataclass
class Talk:
    """What a test needs of one installation."""

    runtime: Runtime
    workspace: Workspace
    account: ProviderAccount
    sender: Sender
    client: httpx.AsyncClient
    hub: Seen
    answers: list[bytes]  # what the hub says next; then it says yes
    serial: int = 0
    callers: dict[str, Caller] = field(default_factory=dict)

    def caller(self, kind: str = "test") -> Caller:
        """A key of this workspace with every scope."""
        made = Caller(self.workspace.id, new_id(), kind, frozenset(SCOPES))
        return self.callers.setdefault(kind, made)

    def adapters(self, account: ProviderAccount) -> Adapter:
        """The real adapter over a plain client."""
        return accounts.adapter_of(self.runtime, account, self.client)

    def nobody(self, account: ProviderAccount) -> Adapter:
        """No adapter, as for an account whose lane is not open yet."""
        raise KeyError(account.id)

    async def store(self, kind: str, body: dict[str, Any] | bytes) -> None:
        """A callback arrives."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        adapter = self.adapters(self.account)
        await callbacks.store(self.runtime, self.account, adapter, Callback(kind, {}, raw))

    async def arrive(self, kind: str, body: dict[str, Any] | bytes) -> None:
        """A callback arrives at the app, which applies it when it can."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        adapter = self.adapters(self.account)
        await self.incoming.take(self.account, adapter, Callback(kind, {}, raw))

    @cached_property
    def incoming(self) -> Incoming:
        """The app's side."""
        return Incoming(self.runtime)

    def body(self, **more: Any) -> dict[str, Any]:
        """A callback's body with its own serial number."""
        self.serial += 1
        base = {"user_key": CUSTOMER, "sender_key": SENDER_KEY, "session_id": "1"}
        return base | {"serial_number": f"s{self.serial}"} | more

    async def say(self, text: Any = "안녕하세요", **more: Any) -> None:
        """The customer writes."""
        await self.store("message", self.body(**({"type": "text", "content": text} | more)))

    async def press(self, token: str = "", last: str = "", **more: Any) -> None:
        """The customer presses a consultation button."""
        tokens = {"reference": {"extra": token}, "last_reference": {"extra": last}}
        await self.store("reference", self.body(**(tokens | more)))

    async def expire(self, **more: Any) -> None:
        """The hub tells that the chat session ended."""
        await self.store("expired_session", self.body(**more))

    async def apply(self) -> int:
        """The scheduler's turn."""
        return await apply_due(self.runtime, self.adapters)

    async def hear(self, text: Any = "안녕하세요", **more: Any) -> None:
        """The customer writes and it is applied."""
        await self.say(text, **more)
        await self.apply()

    async def post(
        self, text: str = "네", agent: str = "김나루", epoch: int = 1, **more: Any
    ) -> Posted:
        """An agent answers the only thread."""
        thread = (await self.all(Thread))[0]
        key = more.pop("client_key", None) or new_token()
        caller = more.pop("caller", None) or self.caller()
        by = Agent(agent, more.pop("staff_id", None))
        writing = Writing(text, by, epoch, key, **more)
        async with self.runtime.database.write() as tx:
            return await consultations.post_message(tx, self.runtime, caller, thread.id, writing)

    async def keep(self, data: bytes = PDF, name: str = "견적.pdf") -> UUID:
        """An agent uploads a file to the only thread."""
        thread = await self.only(Thread)
        async with self.runtime.database.write() as tx:
            made = await attachments.add(tx, self.runtime.sealer, thread, "out", name, data)
        return made.id

    async def act(self, act: Any, *more: Any) -> Any:
        """An agent asks something about the only thread's chat: a function of `acts`."""
        thread = (await self.all(Thread))[0]
        async with self.runtime.database.write() as tx:
            return await act(tx, self.runtime, self.caller(), thread.id, Agent("김나루"), *more)

    def asked(self) -> list[str]:
        """Paths of the requests the hub got, in order, without the hub's own beginning."""
        lines = (one.partition(b"\r\n")[0].split(b" ")[1].decode() for one in self.hub.requests)
        return [line.removeprefix("/consult") for line in lines]

    async def send(self) -> int:
        """The scheduler's turn at the outbox."""
        return await send_due(self.runtime, self.adapters)

    def sent(self) -> list[dict[str, Any]]:
        """Bodies of the requests the hub got, in order; files are left out."""
        bodies = (one.partition(b"\r\n\r\n")[2] for one in self.hub.requests)
        return [orjson.loads(body) for body in bodies if body.startswith(b"{")]

    async def notice(self, frozen: dict[str, Any] | None = None, **more: Any) -> tuple[UUID, str]:
        """A sent notice with a consultation button: its id and the button's token.

        ``frozen``: what was kept of it (number, variables, alimtalk); else nothing can be read.
        """
        id_, token = new_id(), new_token()
        sealer, home = self.runtime.sealer, self.workspace.id
        number = (frozen or {}).get("to", "")
        row: dict[str, Any] = {
            "reference": "order-1",
            "number_hash": sealer.number_hash(home, number) if number else b"1",
            "sealed": sealer.seal("message", home, id_, frozen) if frozen else b"",
            "status": "delivered",
        } | more
        async with self.runtime.database.write() as tx:
            template = Template(workspace_id=home, code=f"t-{token}", name="주문")
            tx.session.add(template)
            await tx.session.flush()
            fixed = {"workspace_id": home, "mode": "sandbox", "template_id": template.id}
            kept = {"version_id": new_id(), "last4_hash": b"2", "plan": "[]"}
            tx.session.add(Message(**{"id": id_, **fixed, **kept, **row}))
            tx.session.add(
                ReplyToken(
                    token=token,
                    workspace_id=home,
                    message_id=id_,
                    button=1,
                    expires_at=tx.now + timedelta(days=30),
                )
            )
        return id_, token

    async def all(self, model: type[M]) -> list[M]:
        """Every row of a table, the oldest first."""
        async with self.runtime.database.read() as session:
            key: Any = next(iter(model.__table__.primary_key))  # type: ignore[attr-defined]
            return list(await session.exec(select(model).order_by(key)))

    async def only(self, model: type[M]) -> M:
        """The only row of a table."""
        (row,) = await self.all(model)
        return row

    async def lines(self) -> list[ChatMessage]:
        """The only thread's lines, in order."""
        return sorted(await self.all(ChatMessage), key=lambda line: line.seq)

    def opened(self, line: ChatMessage) -> Mapping[str, Any]:
        """Text and content of a line."""
        return threads.opened_line(self.runtime.sealer, line)

    def text(self, line: ChatMessage) -> str:
        """What a line says."""
        return str(self.opened(line)["text"])

    async def events(self, kind: str) -> list[tuple[UUID, dict[str, Any]]]:
        """Subject and data of every event of a kind, in order."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(Event).where(col(Event.kind) == kind).order_by(col(Event.seq))
            )
            return [(event.subject_id, orjson.loads(event.data)) for event in found]

    async def change(self, model: type[SQLModel], where: Any = None, **values: Any) -> None:
        """Make rows look as they would later, or elsewhere."""
        async with self.runtime.database.write() as tx:
            statement = update(model).values(**values)
            await tx.session.exec(statement if where is None else statement.where(where))

    async def retry_now(self) -> None:
        """Make failed events due."""
        await self.change(InboundEvent, col(InboundEvent.due_at).is_not(None), due_at=PAST)


@asynccontextmanager
async def talking(
    folder: Path, behave: Behave | None = None, database_url: str = ""
) -> AsyncIterator[Talk]:
    """A fresh installation, on SQLite unless told, with a sandbox account at a hub of our own."""
    answers: list[bytes] = []

    async def polite(number: int, writer: asyncio.StreamWriter) -> bool:
        await write(writer, answers.pop(0) if answers else reply('{"code":0}'))
        return True

    async with serving(behave or polite) as hub, httpx.AsyncClient(trust_env=False) as client:
        sandbox_url = f"http://127.0.0.1:{hub.port}"
        settings = Settings(data=folder, sandbox_url=sandbox_url, database_url=database_url)
        async with open_runtime(settings) as runtime:
            await stores.migrate(runtime.database)
            workspace, account, sender = await settle_in(runtime)
            yield Talk(runtime, workspace, account, sender, client, hub, answers)


async def settle_in(runtime: Runtime) -> tuple[Workspace, ProviderAccount, Sender]:
    """A workspace with its consultation account and channel."""
    account_id = new_id()
    workspace = Workspace(name=f"가게 {account_id}")
    given = {"client_id": "c", "client_secret": "s", "no_session_codes": NO_SESSION}
    account = ProviderAccount(
        id=account_id,
        workspace_id=workspace.id,
        name="상담",
        mode="sandbox",
        adapter="consult",
        credentials_sealed=runtime.sealer.seal(accounts.TABLE, workspace.id, account_id, given),
        callback_hash=b"",
        deadline_s=1.0,
        settle_s=2.0,
    )
    sender = Sender(workspace_id=workspace.id, account_id=account.id, kind="chat", value=SENDER_KEY)
    async with runtime.database.write() as tx:
        for row in (workspace, account, sender):
            tx.session.add(row)
            await tx.session.flush()
    return workspace, account, sender

"""Customers who talk to the shop's chat channel, for tests of the inbox."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select

from app.db.models import Case, Message, ReplyToken, Template, Thread, Workspace
from app.ids import new_id, new_token
from app.services import cases, content
from app.services.cases import Agent
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.services.talks import Talk
from tests.channels.sockets import Seen

NUMBER = "01012343057"
TEXT = "상품이 출발했어요\n주문번호 88240 · 로젠택배\n도착 예정 11월 21일(토)"
BUTTONS = [
    {"kind": "WL", "name": "배송 조회", "url_mobile": "https://shop.test/1"},
    {"kind": "BC", "name": "상담원에게 말하기"},
]


@dataclass
class Chats(Talk):
    """A talk on the channel of a shop."""

    def body(self, **more: Any) -> dict[str, Any]:
        """A callback's body with its own serial number."""
        return super().body(**({"sender_key": self.sender.value} | more))

    async def thread(self, user_key: str = "") -> UUID:
        """The id of the newest thread, or that of a customer."""
        rows = await self.all(Thread)
        if not user_key:
            return rows[-1].id
        hashed = self.runtime.sealer.number_hash(self.workspace.id, user_key)
        return next(one.id for one in rows if one.user_key_hash == hashed)

    async def case_of(self, thread_id: UUID) -> Case:
        """A thread's newest case."""
        async with self.runtime.database.read() as session:
            found = await session.exec(
                select(Case).where(col(Case.thread_id) == thread_id).order_by(col(Case.number))
            )
            return list(found)[-1]

    async def taken(self, thread_id: UUID, agent: Agent) -> Case:
        """Somebody takes a thread's case."""
        case = await self.case_of(thread_id)
        async with self.runtime.database.write() as tx:
            return await cases.take(tx, self.caller(), case.id, agent)

    async def shipped(self, reference: str = "88240") -> tuple[UUID, str]:
        """A delivered notice with a consultation button: its id and the button's token."""
        id_, token, sealer = new_id(), new_token(), self.runtime.sealer
        frozen = {
            "to": NUMBER,
            "contacts": {},
            "variables": {"주문번호": reference},
            "alimtalk": {"text": TEXT, "title": "", "buttons": BUTTONS},
        }
        async with self.runtime.database.write() as tx:
            home = self.workspace.id
            template = Template(workspace_id=home, code=f"t{token[:8]}", name="주문 배송 출발")
            tx.session.add(template)
            await tx.session.flush()
            tx.session.add(
                Message(
                    id=id_,
                    workspace_id=home,
                    mode="sandbox",
                    template_id=template.id,
                    version_id=new_id(),
                    reference=reference,
                    number_hash=sealer.number_hash(home, NUMBER),
                    last4_hash=sealer.last4_hash(home, NUMBER[-4:]),
                    sealed=sealer.seal(content.TABLE, home, id_, frozen),
                    plan="[]",
                    status="delivered",
                )
            )
            await tx.session.flush()
            tx.session.add(
                ReplyToken(
                    token=token,
                    workspace_id=home,
                    message_id=id_,
                    button=1,
                    expires_at=tx.now.replace(year=tx.now.year + 1),
                )
            )
        return id_, token


def chats_of(runtime: Runtime, shop: Shop, client: httpx.AsyncClient) -> Chats:
    """The shop's customers; there is no hub behind the channel, so nothing is delivered."""
    workspace = Workspace(id=shop.workspace_id, name="shop")
    account, sender = shop.accounts["chat"], shop.senders["chat chat"]
    return Chats(runtime, workspace, account, sender, client, Seen(), [])

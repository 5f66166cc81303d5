"""Notices as they were sent: text and buttons, the number masked."""

import httpx

from app.db.models import Message
from app.services import thread_notices
from app.services.runtime import Runtime
from tests.app.api.shop import open_shop
from tests.app.console.inbox.chats import Chats, chats_of


async def test_what_the_customer_got(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    async with httpx.AsyncClient(trust_env=False) as client:
        chats: Chats = chats_of(runtime, shop, client)
        id_, _ = await chats.shipped()
        async with runtime.database.read() as session:
            found = await thread_notices.sent(session, runtime, chats.caller(), {id_})
            none = await thread_notices.sent(session, runtime, chats.caller(), set())
        assert none == {}
        notice = found[id_]
        assert "로젠택배" in notice.text
        assert [(one.name, one.opens_chat) for one in notice.buttons] == [
            ("배송 조회", False),
            ("상담원에게 말하기", True),
        ]
        assert "1234" not in notice.number
        await chats.change(Message, mode="live")
        async with runtime.database.read() as session:
            assert await thread_notices.sent(session, runtime, chats.caller(), {id_}) == {}
        await chats.change(Message, mode="sandbox", sealed=b"gone")
        async with runtime.database.read() as session:
            found = await thread_notices.sent(session, runtime, chats.caller(), {id_})
        assert (found[id_].text, found[id_].number) == ("", "")

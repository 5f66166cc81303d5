"""The application for a real browser, with a shop that has something on every setting-up page."""

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from sqlmodel import col, select

from app.config import Settings
from app.db import schema
from app.db.models import TemplateRegistration
from app.main import create_app
from app.services import access, logins, senders, staff, templates
from app.services.runtime import Runtime, open_runtime
from templates import files
from tests.app.api.shop import Shop, approve, open_shop
from tests.app.console.visitors import BROWSER, somebody

NOTICE: dict[str, Any] = {
    "code": "order_shipped",
    "name": "주문 배송 출발",
    "content": "[온담상회] #{고객명} 님, 주문하신 상품이 출발했어요.\n\n▶ 주문번호 #{주문번호}\n"
    "▶ 상품 #{상품명}\n▶ 도착 예정 #{도착예정일}\n\n"
    "다음 주문에 쓸 수 있는 할인 쿠폰도 확인해 보세요.",
    "buttons": [{"kind": "DS", "name": "배송 조회"}],
}


class Served:
    """The application on a free port, in a thread with its own event loop."""

    def __init__(self, folder: Path) -> None:
        self._settings = Settings(data=folder, database_url="", console_http=True)
        self._taken = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._taken.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        assert self._ready.wait(60)

    async def _serve(self) -> None:
        async with open_runtime(self._settings) as runtime:
            await schema.migrate(runtime.database)
            self.token, self.ids = await fill(runtime)
        self.app: FastAPI = create_app(self._settings)
        config = uvicorn.Config(self.app, log_level="error", access_log=False, lifespan="on")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(self._server.serve(sockets=[self._taken]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        self._ready.set()
        await task

    def close(self) -> None:
        """Stop it."""
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()


async def fill(runtime: Runtime) -> tuple[str, dict[str, UUID]]:
    """A shop at work: the token of its owner's log-in, and ids of what pages are about."""
    shop = await open_shop(runtime, "ondam")
    owner = await somebody(runtime, shop.workspace_id, "owner", name="한지우", email="o@naru.test")
    await somebody(runtime, shop.workspace_id, "agent", name="이상담", email="talk@naru.test")
    await _templates(runtime, shop)
    account = shop.accounts["sandbox"]
    async with runtime.database.write() as tx:
        new = senders.NewSender(
            kind="sms", value="02-523-4567", name="고객센터", proof="총무팀 금고, 이용증명원 3번"
        )
        blocked = await senders.add(tx, account, new)
        await senders.set_blocked(tx, shop.workspace_id, blocked.id, blocked=True)
        await staff.set_password(tx, await tx.session.merge(owner), "kept elsewhere")
        token, _ = await logins.open_login(tx, runtime.sealer, owner, BROWSER, remember=True)
    visit = await logins.find(runtime, token)
    assert visit is not None
    async with runtime.database.write() as tx:
        await logins.look_at(tx, visit, "sandbox")
        for n in range(60):
            await access.note(tx, visit, "template.saved", None, f"order_{n:02}")
    return token, {"account": account.id}


async def _templates(runtime: Runtime, shop: Shop) -> None:
    place = shop.workspace_id
    async with runtime.database.write() as tx:
        await templates.create(tx, place, NOTICE)
    await approve(runtime, shop)
    async with runtime.database.write() as tx:
        body = NOTICE | {"content": NOTICE["content"].replace("출발했어요", "떠났어요")}
        await templates.put(tx, place, "order_shipped", body)
        for name in ("order_received", "payment_received", "policy_renewal", "refund_completed"):
            form, _ = files.load(files.starters()[name])
            await templates.create(tx, place, form.to_mapping(), submit=name != "refund_completed")
    async with runtime.database.write() as tx:
        query = select(TemplateRegistration).where(col(TemplateRegistration.inspection) == "draft")
        for n, one in enumerate(await tx.session.exec(query)):
            one.inspection = ("rejected", "in_review", "approved")[n % 3]
            one.usage = "normal" if one.inspection == "approved" else "waiting"
            said = {"text": "보내는 곳 이름이 본문에 없습니다.", "kind": "rejected", "author": ""}
            one.comments = [said | {"at": "2026-11-20T10:20:00+09:00"}]
            one.action, one.due_at = "", None
            tx.session.add(one)

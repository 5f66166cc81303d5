"""Naru and the sandbox's hub, whole walks: what customers send, answers, ends, blocks, faults."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.config import Settings
from app.db.models import Case, ChatSession
from app.db.schema import migrate
from app.services import accounts, acts
from app.services.runtime import open_runtime
from sandbox.chaos.rules import Rule
from sandbox.inbox import list_messages
from sandbox.sendings import Sending, send
from sandbox.talks import say
from tests.app.services.talks import Talk, settle_in
from tests.channels.sockets import Seen
from tests.photos import jpeg
from tests.sandbox.server import Receiver, Running, receive, serve
from tests.sandbox.shop import CLIENT, HANA, KEY
from tests.sandbox.shop import settle_in as open_shop

GIVEN = {
    "client_id": CLIENT,
    "client_secret": "s5",
    "no_session_codes": "-599",
    "block_path": "/v1/chat/block",
    "unblock_path": "/v1/chat/unblock",
}


@dataclass
class Town:
    """Both sides: what the customer does on the phone comes to Naru as the hub tells it."""

    talk: Talk
    sandbox: Running
    hooks: Receiver

    async def hear(self, count: int) -> None:
        """Apply everything once so many webhooks have come, in the order they came."""
        await self.hooks.until(count)
        for path, _, body in self.hooks.got:
            await self.talk.store(path.removeprefix("/"), orjson.dumps(body))
        self.hooks.got.clear()
        await self.talk.apply()
        await self.talk.retry_now()

    async def send(self) -> None:
        while await self.talk.send():
            pass


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with (
        serve() as sandbox,
        receive() as hooks,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        open_shop(sandbox.store, receive_domain=hooks.url)
        settings = Settings(data=tmp_path, sandbox_url=sandbox.url, database_url="")
        async with open_runtime(settings) as runtime:
            await migrate(runtime.database)
            workspace, account, sender = await settle_in(runtime)
            talk = Talk(runtime, workspace, account, sender, client, Seen(), [])
            sealed = runtime.sealer.seal(accounts.TABLE, workspace.id, account.id, GIVEN)
            await talk.change(type(account), credentials_sealed=sealed)
            await talk.change(type(sender), value=KEY)
            yield Town(talk, sandbox, hooks)


async def test_what_customers_send_is_shown_and_answered(town: Town) -> None:
    talk, store = town.talk, town.sandbox.store
    say(store, HANA, KEY, "안녕하세요")
    for sending in (
        Sending("video", name="영상.mp4", media_type="video/mp4", data=b"1234"),
        Sending("emoticon", "하트"),
        Sending("long", "긴 글이에요. " * 300),
    ):
        send(store, HANA, KEY, sending, town.sandbox.url)
    await town.hear(4)
    assert [line.kind for line in await talk.lines()] == ["text", "video", "emoticon", "text"]
    assert len(talk.text((await talk.lines())[3])) == 1_000
    picture, file = await talk.keep(jpeg(), "사진.jpg"), await talk.keep(name="약관.pdf")
    await talk.post("여기요", attachments=(picture, file))
    await town.send()
    shown: list[dict[str, Any]] = [one.payload for one in list_messages(store, HANA)[-2:]]
    assert "image_url" in shown[0]
    assert shown[1]["file_name"] == "약관.pdf"
    await talk.act(acts.end_session, "delivery")
    await town.send()
    assert list_messages(store, HANA)[-1].text == "챗봇으로 돌아갔습니다 (delivery)"
    assert (await talk.only(ChatSession)).end_reason == "agent"


async def test_a_blocked_customer_is_blocked_on_both_sides(town: Town) -> None:
    talk, store = town.talk, town.sandbox.store
    say(store, HANA, KEY, "안녕하세요")
    await town.hear(1)
    await talk.act(acts.block)
    await town.send()
    assert store.number("SELECT barred FROM customer WHERE number = ?", (HANA,)) == 1
    assert (await talk.only(Case)).resolve_reason == "blocked"
    await talk.act(acts.unblock)
    await town.send()
    assert store.number("SELECT barred FROM customer WHERE number = ?", (HANA,)) == 0


async def test_webhooks_twice_and_answers_lost_still_mean_one_of_each(town: Town) -> None:
    talk, store = town.talk, town.sandbox.store
    store.chaos.arm(
        [
            Rule(provider="consult", effect="receipt_duplicate", times=2, seconds=0.05),
            Rule(provider="consult", effect="receipt_forge", forge="reference"),
        ],
        1,
    )
    say(store, HANA, KEY, "하나")
    say(store, HANA, KEY, "둘")
    await town.hear(8)  # two, each three times, and two of nobody's channel
    assert sorted(talk.text(line) for line in await talk.lines()) == ["둘", "하나"]
    store.chaos.arm(
        [Rule(provider="consult", call="chat", effect="timeout_after", seconds=0, count=1)], 1
    )
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    await town.send()
    (line,) = [one for one in await talk.lines() if one.author_kind == "agent"]
    assert line.status == "queued"  # the upload's answer was lost: it is asked again
    await talk.change(type(line), type(line).status == "queued", due_at=line.created_at)
    await town.send()
    assert len([one for one in list_messages(store, HANA) if "image_url" in one.payload]) == 1

"""A bot that owns the conversation of a talk, and a skill server of somebody else's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import col

from app.db.models import Bot, BotTurn, Case, ChatMessage
from app.guard import Guard
from app.services import bots
from app.services.bots import NewBot
from scheduler.bots import Bots
from tests.app.services.talks import PAST, Talk, talking
from tests.consumer import Consumer, Heard, serving
from tests.hooks import guard

MENU = """
[texts]
welcome = "안녕하세요, 나루상점이에요."

[menus.start]
text = "무엇을 도와드릴까요?"
choices = [{label = "배송 조회", go = "delivery"}, {label = "교환·환불", go = "refund"}]

[menus.delivery]
text = "#{고객명}님의 주문 #{주문번호}은 오늘 도착해요."
without = "주문하신 알림의 버튼으로 다시 물어봐 주세요."

[menus.refund]
text = "받은 날부터 7일 안에 할 수 있어요."
links = [{name = "신청하기", url = "https://shop.example/refund"}]

[[keywords]]
words = ["환불", "교환"]
go = "refund"
"""


def answer(*texts: str, **more: Any) -> dict[str, Any]:
    """A skill's answer of simple texts."""
    outputs = [{"simpleText": {"text": text}} for text in texts]
    return {"version": "2.0", "template": {"outputs": outputs}} | more


def http(body: Any, status: int = 200) -> bytes:
    """The bytes of an HTTP answer."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data)


@dataclass
class Botted:
    """A talk whose cases a bot owns, as a channel's setting would make it."""

    talk: Talk
    bot: Bot
    secret: str
    guard: Guard
    bots: Bots

    async def own(self) -> None:
        """Give the newest case to the bot: with it what the customer has said so far."""
        (case,) = [one for one in await self.talk.all(Case) if one.state == "queued"]
        values = {"state": "bot", "owner_kind": "bot", "owner_id": self.bot.id}
        await self.talk.change(Case, col(Case.id) == case.id, **values, owner=self.bot.name)

    async def begin(self) -> None:
        """A case of the bot's, before its first line is asked."""
        await self.talk.hear("시작하기 전")
        await self.own()

    async def run(self) -> None:
        """The scheduler's turns until nothing more is due."""
        while await self.bots.turn():
            await self.bots.settled()

    async def say(self, text: str) -> None:
        """The customer writes and the bot has had its turn."""
        await self.talk.hear(text)
        await self.run()

    async def lines(self, *kinds: str) -> list[ChatMessage]:
        """Lines of bot and system that go out."""
        found = await self.talk.lines()
        return [one for one in found if one.author_kind in (kinds or ("bot",)) and one.client_key]

    async def said(self, *kinds: str) -> list[str]:
        """Their texts."""
        return [self.talk.text(one) for one in await self.lines(*kinds)]

    async def case(self) -> Case:
        return (await self.talk.all(Case))[-1]

    async def turns(self) -> list[BotTurn]:
        return await self.talk.all(BotTurn)

    async def states(self) -> list[tuple[str, str]]:
        """State and error of every turn."""
        return [(one.state, one.error) for one in await self.turns()]

    async def handed(self) -> tuple[str, str, list[str]]:
        """State and owner of the newest case, and the reasons of every hand-over."""
        case = await self.case()
        told = [data for _, data in await self.talk.events("case.state") if data.get("reason")]
        return case.state, case.owner_kind, [data["reason"] for data in told]

    async def due_now(self) -> None:
        """Time passes for what waits."""
        await self.talk.change(BotTurn, col(BotTurn.due_at).is_not(None), due_at=PAST)


async def add(talk: Talk, **given: Any) -> tuple[Bot, str]:
    """A bot of the talk's workspace."""
    new = NewBot(**({"name": "나루봇"} | given))
    async with talk.runtime.database.write() as tx:
        return await bots.add(tx, talk.runtime.sealer, talk.workspace.id, new)


@asynccontextmanager
async def botted(folder: Path, database_url: str = "", **given: Any) -> AsyncIterator[Botted]:
    """A talk and its bot; rules unless ``url`` is given."""
    async with talking(folder, database_url=database_url) as talk, guard() as open_guard:
        bot, secret = await add(talk, **(given or {"rules": MENU}))
        yield Botted(talk, bot, secret, open_guard, Bots(talk.runtime, open_guard))


@asynccontextmanager
async def skilled(
    folder: Path, reply: Any = None, database_url: str = "", **more: Any
) -> AsyncIterator[tuple[Botted, Consumer]]:
    """A talk whose bot is a skill server here; ``reply`` is its answer, or makes it."""

    def speak(heard: Heard) -> bytes:
        made = reply(heard) if callable(reply) else reply
        return made if isinstance(made, bytes) else http(made or answer("네"))

    server = more.pop("server", None) or Consumer(**more)
    server.answer = speak
    async with serving(server), botted(folder, database_url, url=server.url()) as made:
        yield made, server


def told(heard: Heard) -> dict[str, Any]:
    """The body of a request."""
    body: dict[str, Any] = orjson.loads(heard.body)
    return body


def token_of(heard: Heard) -> str:
    """Of the callback address."""
    return str(told(heard)["userRequest"]["callbackUrl"]).rpartition("/")[2]

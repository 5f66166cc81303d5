"""Bots answer once, in order, never after a person took over, and never leave anybody waiting."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

from app.db.models import Bot, Message
from app.services import cases, content
from scheduler.bots import PER_BOT, Bots
from tests.app.services.botting import Botted, answer, botted, http, skilled, told
from tests.consumer import Consumer
from tests.hooks import verify


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """A data folder with a migrated store."""
    shutil.copy(migrated, tmp_path / "naru.db")
    return tmp_path


@pytest.fixture
async def made(folder: Path) -> AsyncIterator[Botted]:
    async with botted(folder) as one:
        await one.begin()
        yield one


async def take(made: Botted) -> None:
    """A person takes the case."""
    case = await made.case()
    async with made.talk.runtime.database.write() as tx:
        await cases.take(tx, made.talk.caller(), case.id, cases.Agent("김나루"))


async def test_a_rule_bot_s_answer_leaves_as_an_agent_s_line_does(made: Botted) -> None:
    await made.say("환불되나요")
    says = await made.lines()
    assert [one.author for one in says] == ["나루봇", "나루봇"]
    assert says[-1].client_key == f"bot:{(await made.turns())[0].id}:1"
    assert says[-1].case_id == (await made.case()).id
    assert made.talk.opened(says[-1])["content"] == {
        "links": [{"name": "신청하기", "url": "https://shop.example/refund"}]
    }
    while await made.talk.send():
        pass
    assert [one["message"][:8] for one in made.talk.sent()] == ["안녕하세요, 나", "받은 날부터 7"]
    case = await made.case()
    assert (case.state, case.epoch, case.waiting_since) == ("bot", 1, None)
    ((_, data),) = await made.talk.events("bot.answered")
    assert data["lines"] == 2
    assert "환불" not in str(data)


async def test_the_place_in_the_menu_is_remembered_and_sealed(made: Botted) -> None:
    for text in ("안녕하세요", "1", "9", "교환·환불"):
        await made.say(text)
    said = await made.said()
    assert said[0] == "안녕하세요, 나루상점이에요."
    assert said[1].endswith("1. 배송 조회\n2. 교환·환불\n0. 상담원 연결")
    assert said[2].startswith("주문하신 알림의 버튼으로")
    assert said[3] == said[1]
    assert said[4].startswith("받은 날부터")
    sealed = (await made.case()).bot_sealed
    assert sealed
    assert b"refund" not in sealed


async def test_the_notice_s_values_are_in_the_answer(made: Botted) -> None:
    id_, token = await made.talk.notice()
    frozen = {"variables": {"고객명": "김나루", "주문번호": "42"}}
    sealer, workspace = made.talk.runtime.sealer, made.talk.workspace.id
    sealed = sealer.seal(content.TABLE, workspace, id_, frozen)
    await made.talk.change(Message, col(Message.id) == id_, sealed=sealed, menu="배송 문의")
    await made.talk.press(token)
    await made.talk.apply()
    await made.run()
    await made.say("1")
    assert (await made.said())[-1].startswith("김나루님의 주문 42은 오늘 도착해요.")
    assert (await made.case()).menu == "배송 문의"


async def test_a_press_is_greeted_once_and_not_when_the_customer_wrote_first(
    made: Botted,
) -> None:
    _, token = await made.talk.notice()
    await made.talk.press(token)
    await made.talk.apply()
    await made.talk.hear("환불")
    await made.talk.press((await made.talk.notice())[1])
    await made.talk.apply()
    await made.run()
    assert [text.partition("\n")[0] for text in await made.said()] == [
        "안녕하세요, 나루상점이에요.",
        "무엇을 도와드릴까요?",
        "받은 날부터 7일 안에 할 수 있어요.",
    ]


async def test_who_asks_for_a_person_gets_one_and_the_bot_is_silent_after(made: Botted) -> None:
    await made.say("0")
    await made.say("여보세요")
    assert await made.said() == ["상담원에게 연결할게요. 잠시만 기다려 주세요."]
    case = await made.case()
    assert (case.state, case.owner_kind, case.epoch) == ("queued", "none", 2)
    assert case.handed_at is not None
    assert case.bot_sealed is None
    assert len(await made.turns()) == 1


async def test_twice_not_understood_is_a_person_s(made: Botted) -> None:
    for _ in range(3):
        await made.say("블라블라")
    assert await made.handed() == ("queued", "none", ["unknown_twice"])


async def test_a_picture_goes_to_a_person(made: Botted) -> None:
    await made.talk.hear({"url": "https://x.example/1.jpg"}, type="photo")
    assert await made.handed() == ("queued", "none", ["not_text"])
    assert await made.turns() == []


async def test_a_bot_switched_off_hands_over(made: Botted) -> None:
    await made.talk.hear("환불")
    await made.talk.change(Bot, state="off")
    await made.run()
    assert await made.handed() == ("queued", "none", ["bot_off"])
    assert await made.states() == [("failed", "off")]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_an_answer_after_a_take_over_is_never_sent(
    folder: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgres")
    async with skilled(folder, answer("늦은 답"), url, hangs_s=0.2) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        await made.bots.turn()
        await server.something.wait()
        await take(made)
        await made.run()
        await made.bots.settled()
        assert await made.said() == []
        assert await made.states() == [("refused", "stale_epoch")]
        ((_, data),) = await made.talk.events("bot.refused")
        assert data["reason"] == "stale_epoch"
        case = await made.case()
        assert (case.state, case.owner) == ("assigned", "김나루")


async def test_a_bot_is_not_told_what_is_a_person_s(folder: Path) -> None:
    async with skilled(folder) as (made, server):
        await made.begin()
        await made.talk.hear("비밀")
        await take(made)
        await made.run()
        assert server.heard == []
        assert await made.states() == [("refused", "stale_epoch")]


async def test_a_chat_that_ended_gets_no_answer(made: Botted) -> None:
    await made.talk.hear("환불")
    await made.talk.expire()
    await made.talk.apply()
    await made.run()
    assert await made.said() == []
    assert [state for state, _ in await made.states()] == ["refused"]


async def test_two_schedulers_answer_once(folder: Path) -> None:
    async with skilled(folder) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        others = [Bots(made.talk.runtime, made.guard) for _ in range(4)]
        await asyncio.gather(*(one.turn() for one in others))
        await asyncio.gather(*(one.settled() for one in others))
        assert len(server.heard) == 1
        assert await made.said() == ["네"]


async def test_lines_of_a_thread_are_asked_one_by_one_in_order(folder: Path) -> None:
    def echo(heard: Any) -> Any:
        return http(answer(told(heard)["userRequest"]["utterance"]))

    async with skilled(folder, echo) as (made, server):
        await made.begin()
        for text in ("하나", "둘", "셋"):
            await made.talk.hear(text)
        await made.bots.turn()
        assert await made.bots.turn() is False
        await made.bots.settled()
        await made.run()
        assert server.most_busy == 1
        assert await made.said() == ["하나", "둘", "셋"]


@dataclass
class Held(Consumer):
    """A server that answers nobody before it may."""

    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.go.wait()
        await super().take(reader, writer)


async def test_a_slow_bot_takes_only_its_share(folder: Path) -> None:
    async with skilled(folder, server=Held()) as (made, server):
        for number in range(PER_BOT + 2):
            await made.talk.hear("안녕", user_key=f"customer{number}")
            await made.own()
            await made.talk.hear("언제 와요", user_key=f"customer{number}")
        assert await made.bots.turn()
        assert not await made.bots.turn()
        assert sum(one.tries for one in await made.turns()) == PER_BOT
        assert isinstance(server, Held)
        server.go.set()
        await made.bots.settled()
        await made.run()
        assert len(await made.said()) == PER_BOT + 2


async def test_what_is_sent_is_signed_and_holds_no_key_of_the_messenger(folder: Path) -> None:
    async with skilled(folder) as (made, server):
        await made.begin()
        await made.say("언제 와요")
        (heard,) = server.heard
        body = verify(made.secret, heard)
        assert body["userRequest"]["utterance"] == "언제 와요"
        assert len(body["userRequest"]["user"]["id"]) == 64
        assert body["bot"]["name"] == "나루봇"
        thread = (await made.turns())[0].thread_id
        assert not any(key in heard.body.decode() for key in ("k1x2y3z4w5v6", str(thread)))
        assert heard.headers["webhook-id"] == str((await made.turns())[0].id)


async def test_stopping_waits_for_what_is_under_way(folder: Path) -> None:
    async with skilled(folder, hangs_s=0.1) as (made, _):
        await made.begin()
        await made.talk.hear("언제 와요")
        await made.bots.turn()
        await made.bots.stop()
        assert await made.said() == ["네"]
        assert await made.bots.turn() is False

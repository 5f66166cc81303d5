"""Later answers of bots: once, within their minute, and never after a person took over."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.db.models import BotTurn
from app.services import bot_callbacks, cases
from tests.app.services.botting import Botted, answer, http, skilled, token_of
from tests.consumer import Consumer

PROMISE = {"version": "2.0", "useCallback": True, "data": {"text": "찾아보고 있어요."}}
LATE = orjson.dumps(answer("내일 도착해요", context={"values": [{"name": "c", "lifeSpan": 2}]}))


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    shutil.copy(migrated, tmp_path / "naru.db")
    return tmp_path


@pytest.fixture
async def promised(folder: Path) -> AsyncIterator[tuple[Botted, Consumer]]:
    """A bot that has promised an answer."""
    async with skilled(folder, PROMISE) as (made, server):
        await made.begin()
        await made.say("언제 와요")
        yield made, server


async def post(made: Botted, token: str, body: bytes = LATE) -> dict[str, Any] | None:
    return await bot_callbacks.take(made.talk.runtime, token, body)


async def test_a_promise_is_kept_once_and_duplicates_do_nothing(
    promised: tuple[Botted, Consumer],
) -> None:
    made, server = promised
    assert await made.said() == ["찾아보고 있어요."]
    assert [one.state for one in await made.turns()] == ["promised"]
    assert await made.bots.turn() is False
    token = token_of(server.heard[0])
    told = await asyncio.gather(*(post(made, token) for _ in range(5)))
    assert sorted(one["status"] for one in told if one) == ["FAIL"] * 4 + ["SUCCESS"]
    assert await made.said() == ["찾아보고 있어요.", "내일 도착해요"]
    (first,) = [one for one in told if one and one["status"] == "SUCCESS"]
    assert first.keys() == {"taskId", "status", "message", "timestamp"}
    assert first["taskId"] == str((await made.turns())[0].id)
    assert first["timestamp"] > 1_700_000_000_000
    server.answer = lambda heard: http(answer("네"))
    await made.say("고마워요")
    assert orjson.loads(server.heard[1].body)["contexts"] == [
        {"name": "c", "lifeSpan": 2, "params": {}}
    ]


async def test_a_token_nobody_made_is_nothing(promised: tuple[Botted, Consumer]) -> None:
    assert await post(promised[0], "0" * 32) is None


async def test_a_body_that_cannot_be_read_uses_nothing_up(
    promised: tuple[Botted, Consumer],
) -> None:
    made, server = promised
    token = token_of(server.heard[0])
    for body in (b"<html>", orjson.dumps({"version": "1.0"}), orjson.dumps(PROMISE)):
        told = await post(made, token, body)
        assert told
        assert told["status"] == "ERROR"
        assert told["message"].startswith("Invalid json response")
    told = await post(made, token)
    assert told
    assert told["status"] == "SUCCESS"


async def test_after_its_minute_it_is_too_late_and_a_person_answers(
    promised: tuple[Botted, Consumer],
) -> None:
    made, server = promised
    (turn,) = await made.turns()
    assert turn.due_at == turn.callback_until
    assert turn.callback_until
    assert turn.callback_until - turn.created_at <= timedelta(seconds=61)
    await made.talk.change(BotTurn, callback_until=turn.created_at, due_at=turn.created_at)
    told = await post(made, token_of(server.heard[0]))
    assert told
    assert told["status"] == "FAIL"
    assert told["message"].startswith("Invalid callback token")
    await made.run()
    case = await made.case()
    assert (case.state, case.owner_kind) == ("queued", "none")
    reasons = [data.get("reason") for _, data in await made.talk.events("case.state")]
    assert reasons == ["bot_silent"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_person_who_took_over_meanwhile_wins(
    folder: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgres")
    async with skilled(folder, PROMISE, url) as (made, server):
        await made.begin()
        await made.say("언제 와요")
        async with made.talk.runtime.database.write() as tx:
            case = await made.case()
            await cases.take(tx, made.talk.caller(), case.id, cases.Agent("김나루"))
        told = await post(made, token_of(server.heard[0]))
        assert told
        assert told["status"] == "FAIL"
        assert await made.said() == ["찾아보고 있어요."]
        assert [one.state for one in await made.turns()] == ["refused"]


async def test_who_asks_for_a_person_meanwhile_is_not_kept_waiting(
    promised: tuple[Botted, Consumer],
) -> None:
    made, server = promised
    await made.say("상담원 연결")
    assert (await made.case()).state == "queued"
    told = await post(made, token_of(server.heard[0]))
    assert told
    assert told["status"] == "FAIL"
    assert (await made.said())[-1].startswith("상담원에게 연결할게요")


async def test_a_callback_faster_than_its_promise_counts(folder: Path) -> None:
    """The answer comes before ours to the promise is written: it is the answer, said once."""
    async with skilled(folder, PROMISE, hangs_s=0.3) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        await made.bots.turn()
        await server.something.wait()
        told = await post(made, token_of(server.heard[0]))
        assert told
        assert told["status"] == "SUCCESS"
        await made.bots.settled()
        assert await made.said() == ["내일 도착해요"]
        assert [one.state for one in await made.turns()] == ["answered"]


async def test_a_token_of_an_earlier_try_is_nothing(folder: Path) -> None:
    async with skilled(folder, http(b"", 500)) as (made, server):
        await made.begin()
        await made.say("언제 와요")
        await made.due_now()
        await made.run()
        tokens = [token_of(one) for one in server.heard]
        assert len(set(tokens)) == 2
        assert await post(made, tokens[0]) is None
        left = await made.talk.all(BotTurn)
        assert [one.callback_hash for one in left] == [made.talk.runtime.sealer.key_hash(tokens[1])]

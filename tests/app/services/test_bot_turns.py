"""Turns are written with the customer's line, and a memory is one bot's alone."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import Case
from app.ids import new_id
from app.services import bot_turns, threads
from app.services.bot_replies import BotFailed, Memory, Reply, Say
from tests.app.services.botting import Botted, botted


@pytest.fixture
async def made(tmp_path: Path, migrated: Path) -> AsyncIterator[Botted]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with botted(tmp_path) as one:
        await one.begin()
        yield one


async def test_a_turn_is_written_with_the_line_in_one_commit(made: Botted) -> None:
    await made.talk.hear("환불")
    (turn,) = await made.turns()
    lines = await made.talk.lines()
    case = await made.case()
    assert turn.chat_message_id == lines[-1].id
    assert (turn.epoch, turn.state, turn.bot_id) == (case.epoch, "waiting", made.bot.id)
    await made.talk.apply()  # the same callback again: one line, one turn
    assert len(await made.turns()) == 1


async def test_lines_of_a_person_s_case_make_no_turn(made: Botted) -> None:
    await made.talk.change(Case, state="assigned", owner_kind="agent", owner_id=None)
    await made.talk.hear("환불")
    assert await made.turns() == []


async def test_a_case_whose_bot_is_not_known_goes_to_people(made: Botted) -> None:
    await made.talk.change(Case, owner_id=None)
    await made.talk.hear("환불")
    assert (await made.case()).state == "queued"


async def test_an_answer_of_a_try_that_lost_its_lease_is_late(made: Botted) -> None:
    await made.talk.hear("환불")
    (turn,) = await made.turns()
    reply = Reply((Say("가"),), Memory())
    async with made.talk.runtime.database.write() as tx:
        turn.tries = 7
        assert await bot_turns.settle(tx, made.talk.runtime.sealer, turn, reply) == "late"
    assert await made.said() == []


async def test_the_same_reply_twice_is_written_once(made: Botted) -> None:
    await made.talk.hear("환불")
    (turn,) = await made.turns()
    reply = Reply((Say("가"), Say("나")), Memory(bot=str(made.bot.id)))
    for expected in ("answered", "late"):
        async with made.talk.runtime.database.write() as tx:
            state = await bot_turns.settle(tx, made.talk.runtime.sealer, turn, reply)
            assert state == expected
    assert await made.said() == ["가", "나"]


async def test_sorry_is_said_once_per_case(made: Botted) -> None:
    for _ in range(2):
        await made.talk.change(
            Case, state="bot", owner_kind="bot", owner_id=made.bot.id, handed_at=None
        )
        await made.talk.hear("환불")
        turn = (await made.turns())[-1]
        async with made.talk.runtime.database.write() as tx:
            failed = BotFailed("x", final=True)
            await bot_turns.settle(tx, made.talk.runtime.sealer, turn, failed)
    assert len(await made.said("system")) == 1
    (line,) = await made.lines("system")
    assert line.client_key == f"auto:bot_failed:{(await made.case()).id}"


async def test_a_memory_is_bound_to_its_case_and_bot(made: Botted) -> None:
    await made.say("안녕")
    case, sealer = await made.case(), made.talk.runtime.sealer
    assert bot_turns.recall(sealer, case, made.bot.id).page == "start"
    assert bot_turns.recall(sealer, case, new_id()).page == ""
    case.id = new_id()  # moved to another row it cannot be opened
    assert bot_turns.recall(sealer, case, made.bot.id).page == ""
    case.bot_sealed = None
    assert bot_turns.recall(sealer, case, made.bot.id) == Memory(bot=str(made.bot.id))


async def test_nothing_personal_is_in_events(made: Botted) -> None:
    await made.say("환불 김나루 010-1234-5678")
    for kind in ("bot.answered", "chat.message_state"):
        assert "김나루" not in str(await made.talk.events(kind))
    (message,) = [
        one for one in await made.talk.lines() if one.author_kind == "customer" and one.seq > 1
    ]
    assert threads.opened_line(made.talk.runtime.sealer, message)["text"].startswith("환불")

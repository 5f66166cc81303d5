"""Bots that fail, hang, answer rubbish or are killed on the way: nobody is left waiting."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.db.models import BotTurn
from app.services import bot_calls
from scheduler.bots import LEASE
from tests.app.services.botting import answer, botted, http, skilled
from tests.consumer import Consumer, serving
from tests.hooks import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """A data folder with a migrated store."""
    shutil.copy(migrated, tmp_path / "naru.db")
    return tmp_path


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (http(answer("x"), 500), "http_500"),
        (http(b"<html>"), "bad_answer"),
        (http({"version": "1.0"}), "bad_version"),
        (http(answer()), "empty_answer"),
        (http(b"[" * 70_000), "too_large"),
        (b"nonsense", "cut"),
    ],
)
async def test_a_broken_bot_is_tried_again_then_a_person_answers(
    folder: Path, reply: bytes, code: str
) -> None:
    async with skilled(folder, reply) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        waits = []
        for tries in range(1, 4):
            await made.run()
            (turn,) = await made.turns()
            assert (turn.tries, turn.error, len(server.heard)) == (tries, code, tries)
            if turn.due_at:
                waits.append(round((turn.due_at - datetime.now(UTC)).total_seconds()))
            await made.due_now()
        assert waits == [1, 4]
        assert await made.handed() == ("queued", "none", ["bot_failed"])
        assert await made.said("system") == [
            "지금 바로 답하지 못해서 상담원에게 연결할게요. 잠시만 기다려 주세요."
        ]
        await made.run()
        assert await made.states() == [("failed", code)]


async def test_a_slow_bot_is_cut_off_and_a_failing_one_not_asked_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_calls, "BUDGET_S", 0.05)
    async with skilled(folder, hangs_s=0.5) as (made, _):
        await made.begin()
        await made.talk.hear("언제 와요")
        old = datetime.now(UTC) - timedelta(seconds=61)
        await made.talk.change(BotTurn, created_at=old)  # its first try comes late: it gets it
        await made.run()
        assert await made.states() == [("failed", "timeout")]
        assert await made.handed() == ("queued", "none", ["bot_failed"])


DYING = """
import asyncio, sys
from pathlib import Path
from app.config import Settings
from app.guard import Guard
from app.services.runtime import open_runtime
from scheduler.bots import Bots

async def main():
    settings = Settings(data=Path(sys.argv[1]), database_url="", webhook_allow_local=True)
    async with open_runtime(settings) as runtime, Guard(settings) as guard:
        bots = Bots(runtime, guard)
        await bots.turn()
        await bots.settled()

asyncio.run(main())
"""


@pytest.mark.parametrize(("point", "asked", "said"), [("B01", 0, 0), ("B02", 1, 0), ("B03", 1, 1)])
async def test_killed_anywhere_nothing_is_lost_and_nothing_said_twice(
    folder: Path, point: str, asked: int, said: int
) -> None:
    """Before the call, after the answer, after the commit: a real process, killed."""
    async with skilled(folder) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        args = [sys.executable, "-c", DYING, str(made.talk.runtime.settings.data)]
        env = os.environ | {"NARU_CRASH_AT": point, "PYTHONPATH": str(ROOT)}
        done = await asyncio.to_thread(subprocess.run, args, cwd=ROOT, env=env, check=False)
        assert done.returncode == -signal.SIGKILL
        assert (len(server.heard), len(await made.said())) == (asked, said)
        await made.run()
        assert len(server.heard) == asked  # the lease of the dead is not over yet
        (turn,) = await made.turns()
        assert turn.due_at is None or turn.due_at <= datetime.now(UTC) + LEASE
        await made.due_now()
        await made.run()
        assert await made.said() == ["네"]
        assert len(set(server.ids)) == 1  # asked again under the same id
        assert [state for state, _ in await made.states()] == ["answered"]


async def test_tries_that_all_die_end_at_a_person(folder: Path) -> None:
    async with skilled(folder) as (made, server):
        await made.begin()
        await made.talk.hear("언제 와요")
        await made.talk.change(BotTurn, tries=3)
        await made.run()
        assert server.heard == []
        assert await made.handed() == ("queued", "none", ["bot_failed"])


async def test_a_look_up_asks_the_shop_and_its_words_come_back(folder: Path) -> None:
    server = Consumer(answer=lambda heard: http({"found": True, "values": {"상태": "배송 중"}}))
    async with serving(server):
        rules = f"""
[lookups.order]
url = "{server.url()}"
[menus.start]
ask = "주문번호를 알려 주세요."
lookup = "order"
text = "주문 #{{input}}은 #{{상태}}이에요."
"""
        async with botted(folder, rules=rules) as made:
            await made.begin()
            await made.say("안녕")
            await made.say("20260301-0042")
            assert (await made.said())[0].startswith("주문번호를 알려 주세요.")
            assert (await made.said())[1].startswith("주문 20260301-0042은 배송 중이에요.")
            body = verify(made.secret, server.heard[0])
            assert (body["lookup"], body["input"]) == ("order", "20260301-0042")
            server.answer = lambda heard: http({}, 500)
            await made.say("메뉴")
            await made.say("1")
            for _ in range(3):
                await made.run()
                await made.due_now()
            assert await made.handed() == ("queued", "none", ["lookup_failed"])
            assert (await made.said())[-1] == "지금은 조회할 수 없어서 상담원에게 연결할게요."

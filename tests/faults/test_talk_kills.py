"""SIGKILL while a customer's line is applied: it is in the thread once, and told once."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from app.db.models import ChatMessage, InboundEvent, ProviderAccount
from app.db.models.fields import now as clock
from app.services.feed import Feed
from tests.app.services.talks import talking
from tests.faults.witness import start

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("point", "age"), [("C07", HOUR), ("C08", -HOUR)])
async def test_killed_while_a_line_is_applied(tmp_path: Path, point: str, age: timedelta) -> None:
    """The third of four lines kills its process; the next one goes on where it was.

    One is applied with its tries counted before, one at once: it has just come, by its time.
    """
    async with talking(tmp_path / "var") as talk:
        for n in range(4):
            await talk.say(f"{n}")
        await talk.change(InboundEvent, received_at=clock() - age)
        child = await start(talk.runtime.settings, "converse", crash_at=f"{point}:3")
        assert await child.wait() == -signal.SIGKILL
        assert [talk.text(line) for line in await talk.lines()] == ["0", "1"]
        await talk.retry_now()
        assert await talk.apply() == 2
        assert [talk.text(line) for line in await talk.lines()] == ["0", "1", "2", "3"]
        assert [row.due_at for row in await talk.all(InboundEvent)] == [None] * 4
        assert len({line.inbound_id for line in await talk.all(ChatMessage)}) == 4
        page = await Feed(talk.runtime).page(talk.workspace.id, 0, 100)
        told = [one.kind for one in page.happenings].count("chat.message_received")
        assert (told, page.gap) == (4, False)


@pytest.mark.parametrize(("point", "kept"), [("C07", 0), ("C08", 0), ("C14", 1)])
async def test_the_app_killed_while_it_applies_a_line(
    tmp_path: Path, point: str, kept: int
) -> None:
    """It dies before its 200: all of the line is there, or nothing, and a repeat adds none.

    The line before it came in whole, the one after it follows.
    """
    async with talking(tmp_path / "var") as talk:
        await talk.change(ProviderAccount, callback_hash=talk.runtime.sealer.key_hash("s"))
        talk.account = await talk.only(ProviderAccount)
        await talk.arrive("message", talk.body(type="text", content="0"))
        body = orjson.dumps(talk.body(type="text", content="1"))
        path = f"/callbacks/consult/{talk.account.id}/s/message"
        child = await start(
            talk.runtime.settings,
            *("post", "", "", path, body.decode()),
            out=asyncio.subprocess.PIPE,
            crash_at=point,
        )
        said, _ = await child.communicate()
        assert (await child.wait(), b"200" in said) == (-signal.SIGKILL, False)
        assert [row.due_at for row in await talk.all(InboundEvent)] == [None] * (1 + kept)
        assert [talk.text(line) for line in await talk.lines()] == ["0", "1"][: 1 + kept]
        for _ in range(2):
            await talk.arrive("message", body)
        await talk.arrive("message", talk.body(type="text", content="2"))
        assert await talk.apply() == 0
        assert [talk.text(line) for line in await talk.lines()] == ["0", "1", "2"]
        page = await Feed(talk.runtime).page(talk.workspace.id, 0, 100)
        told = [one.kind for one in page.happenings].count("chat.message_received")
        assert (told, page.gap) == (3, False)


async def test_the_app_killed_after_a_line_it_could_not_apply(tmp_path: Path) -> None:
    """It is kept without a trace of the try, and the next scheduler applies it, once."""
    async with talking(tmp_path / "var") as talk:
        await talk.change(ProviderAccount, callback_hash=talk.runtime.sealer.key_hash("s"))
        talk.account = await talk.only(ProviderAccount)
        await talk.store("message", talk.body(type="text", content="0"))  # it waits before
        body = orjson.dumps(talk.body(type="text", content="1"))
        path = f"/callbacks/consult/{talk.account.id}/s/message"
        words = ("post", "", "", path, body.decode())
        child = await start(talk.runtime.settings, *words, crash_at="K11")
        assert await child.wait() == -signal.SIGKILL
        assert [row.tries for row in await talk.all(InboundEvent)] == [0, 0]
        assert await talk.lines() == []
        assert await talk.apply() == 2
        assert [talk.text(line) for line in await talk.lines()] == ["0", "1"]

"""SIGKILL while a customer's line is applied: it is in the thread once, and told once."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.models import ChatMessage, InboundEvent
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

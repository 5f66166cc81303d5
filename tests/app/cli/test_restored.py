"""``naru restored``: the answer in numbers, and the refusal beside a scheduler."""

import asyncio
from pathlib import Path

from app.config import Settings
from app.db.models import Worker
from app.services.runtime import open_runtime
from tests.app.cli.conftest import Naru, told


def test_the_epoch_rises_each_time(naru: Naru) -> None:
    names = ("in_doubt", "steps_dropped", "chat_lines_unknown", "campaigns_paused")
    nothing = dict.fromkeys(names, 0)
    assert told(naru("restored", "--json")) == {"epoch": 2, **nothing}
    assert told(naru("restored", "--json", "--both-may-arrive"))["epoch"] == 3
    assert "naru up" in naru("restored").output


def test_a_scheduler_that_lives_is_in_the_way(naru: Naru, tmp_path: Path) -> None:
    async def live() -> None:
        settings = Settings(data=tmp_path / "var", database_url="")
        async with open_runtime(settings) as runtime, runtime.database.write() as tx:
            tx.session.add(Worker(host="h", pid=1))

    asyncio.run(live())
    assert "scheduler_running" in naru("restored", code=1).stderr

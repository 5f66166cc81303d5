"""The tail on PostgreSQL: the same promises, woken by NOTIFY."""

from pathlib import Path

from app.config import Settings
from app.services.runtime import open_runtime
from tests import stores
from tests.app.services import test_feed as on_sqlite


async def test_the_tail_on_postgres(postgres: str, tmp_path: Path) -> None:
    async with open_runtime(Settings(data=tmp_path, database_url=postgres)) as runtime:
        await stores.migrate(runtime.database)
        for test in (
            on_sqlite.test_each_follower_gets_each_event_once_and_in_order,
            on_sqlite.test_the_scheduler_s_commit_wakes_it_long_before_the_poll,
            on_sqlite.test_without_a_bell_the_poll_finds_it,
            on_sqlite.test_after_a_restore_the_numbers_go_back,
        ):
            await test(await on_sqlite.settle(runtime))

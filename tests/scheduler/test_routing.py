"""Routers side by side, killed in the middle, and one broken case among good ones; snoozes end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlmodel import col

from app.config import Settings
from app.db.models import Case
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.sealing import Sealer
from app.services import cases, presence, snoozes
from app.services import routing as receiving
from app.services.cases import Place
from app.services.runtime import Runtime, open_runtime
from scheduler import routing
from scheduler.worker import SchedulerWorker
from tests.app.services.desks import Desk, desk, stand
from tests.app.services.talks import PAST

ROOT = Path(__file__).parents[2]
DYING = """
import asyncio, sys
from pathlib import Path
from app.config import Settings
from app.services.runtime import open_runtime
from scheduler.routing import route_due

async def main() -> None:
    async with open_runtime(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2])) as runtime:
        await route_due(runtime)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgres"])
async def both(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Desk]:
    on_postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres") if on_postgres else ""
    async with desk(tmp_path, None if on_postgres else migrated, url) as made:
        yield made


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


def given_by(events: list[dict[str, object]]) -> Counter[object]:
    return Counter(data["case_id"] for data in events if data.get("reason") == "routed")


async def test_many_routers_and_a_killed_one_give_each_case_once(
    both: Desk, tmp_path: Path
) -> None:
    """Four workers of two processes, one dead in the middle, people who change meanwhile."""
    people = [await both.person(f"상담{n}", capacity=3) for n in range(3)]
    for n in range(8):
        await both.talk.say(user_key=f"customer-{n}")
    while await both.talk.apply():
        pass
    runtime = both.talk.runtime
    await routing.receive_new(runtime)
    url = runtime.settings.database_url
    args = [sys.executable, "-c", DYING, str(runtime.settings.data), url]
    env = os.environ | {"NARU_CRASH_AT": "C13", "PYTHONPATH": str(ROOT)}
    done = await asyncio.to_thread(subprocess.run, args, cwd=ROOT, env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert {case.state for case in await both.cases()} == {"queued"}

    async def leave_and_come(at: Runtime) -> None:
        for state in ("away", "active"):
            async with at.database.write() as tx:
                assert people[0].id is not None
                change = presence.Change(state)
                await presence.change(tx, both.talk.caller(), people[0].id, change)

    settings = Settings(data=tmp_path, database_url=url)
    async with open_runtime(settings) as second:
        await asyncio.gather(
            *(routing.route_due(one) for one in (runtime, second) * 2), leave_and_come(second)
        )
        await routing.route_due(second)
    cases = await both.cases()
    assert Counter(stand(case)[0] for case in cases) == {"assigned": 8}
    assert max(Counter(case.owner_id for case in cases).values()) == 3
    assert {case.epoch for case in cases} == {2}
    events = [data for _, data in await both.talk.events("case.state")]
    assert set(given_by(events).values()) == {1}


async def test_two_at_once_see_what_the_other_does(tmp_path: Path, postgres: str) -> None:
    """A router while another is about to commit, and while a person takes the case."""
    async with desk(tmp_path, None, postgres) as here:
        me = await here.person(capacity=1)
        first, second = await here.customers("1", "2", at=PAST)
        await routing.receive_new(here.talk.runtime)
        database, home = here.talk.runtime.database, here.talk.workspace.id

        async def give() -> int:
            return await database.transact(partial(receiving.give, workspace_id=home))

        async with database.write() as tx:
            assert await receiving.give(tx, home) == 1
            other = asyncio.create_task(give())
            await asyncio.sleep(0.2)
        assert await other == 0  # the one place was taken
        assert [case.owner_id for case in await here.cases()] == [me.id, None]
        await here.presence(me, capacity=2)
        async with database.write() as tx:
            taken = await cases.take(tx, here.talk.caller(), second.id, cases.Agent("이나루"))
            assert await give() == 0  # it neither waits nor takes it away
        assert stand((await here.cases())[1]) == stand(taken) == ("assigned", "agent", "이나루", 2)
        assert first.number == 1


async def test_one_that_cannot_be_moved_holds_nobody_up(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await here.person()
    broken, good = await here.customers("1", "2")
    real = receiving.receive

    async def receive(tx: Tx, sealer: Sealer, where: Place) -> bool:
        if where.case_id == broken.id:
            raise ValueError("secret text")
        return await real(tx, sealer, where)

    monkeypatch.setattr(receiving, "receive", receive)
    await here.route()
    assert [case.state for case in await here.cases()] == ["queued", "assigned"]
    assert good.id == (await here.cases())[1].id


async def test_a_worker_routes_at_a_hint(here: Desk) -> None:
    await here.person()
    async with httpx.AsyncClient(trust_env=False) as client:
        worker = SchedulerWorker(here.talk.runtime, client)
        loops = [asyncio.create_task(one) for one in (worker.hear(), worker.route())]
        await here.talk.hear()
        while (await here.case()).state != "assigned":  # noqa: ASYNC110 - as a customer would see
            await asyncio.sleep(0.01)
        await worker.stop()
        for loop in loops:
            loop.cancel()


async def test_snoozed_cases_wake_by_time(here: Desk) -> None:
    there, gone = await here.person("있음"), await here.person("없음")
    for n, agent in enumerate((there, gone, there)):
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(agent)
    for case in await here.cases():
        async with here.talk.runtime.database.write() as tx:
            until = clock() + timedelta(hours=1)
            await snoozes.snooze(tx, here.talk.caller(), case.id, until)
    await here.presence(gone, state="away")
    assert await routing.wake_snoozed(here.talk.runtime) == 0
    await here.talk.change(Case, col(Case.number) < 3, snooze_until=PAST)
    assert await routing.wake_snoozed(here.talk.runtime) == 2
    back, queued, later = await here.cases()
    assert stand(back) == ("assigned", "agent", "있음", 2)
    assert stand(queued) == ("queued", "none", "", 3)
    assert (back.snooze_until, queued.snooze_until, later.state) == (None, None, "snoozed")
    assert await routing.wake_snoozed(here.talk.runtime) == 0

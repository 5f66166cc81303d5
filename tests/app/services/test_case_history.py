"""How a thread's work changed hands, as the timeline tells it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.services import case_history
from app.services.cases import Agent
from tests.app.services.desks import Desk, desk
from tests.app.services.talks import PAST


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as opened:
        yield opened


async def kinds(here: Desk, kind: str = "test") -> list[str]:
    case = await here.case()
    async with here.talk.runtime.database.read() as session:
        caller = here.talk.caller(kind)
        steps = await case_history.steps(session, caller, case.thread_id, PAST)
    return [step.kind for step in steps]


async def test_from_bot_to_person_to_the_end_and_back(here: Desk) -> None:
    await here.bot()
    await here.talk.hear("안녕하세요")
    assert await kinds(here) == []
    person = await here.person()
    await here.take(person)
    await here.resolve()
    await here.talk.hear("하나 더요")
    assert await kinds(here) == ["hand_off", "resolved", "reopened"]


async def test_taken_from_somebody(here: Desk) -> None:
    await here.talk.hear("안녕하세요")
    await here.take(await here.person())
    await here.take(await here.person("강민재"))
    assert await kinds(here) == ["taken", "taken"]


async def test_what_is_a_line_already_is_told_once(here: Desk) -> None:
    await here.talk.hear("안녕하세요")
    await here.take(Agent("김나루"))
    await here.talk.expire()
    await here.talk.apply()
    assert await kinds(here) == ["taken"]

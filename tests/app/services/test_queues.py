"""Queues of the inbox: the list and the count say the same, for people, teams and modes."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.db.models import Case, ProviderAccount, Thread
from app.ids import new_id
from app.services import queues, rooms
from app.services.callers import SCOPES, Caller
from app.services.cases import Agent
from app.services.rooms import Filters
from tests.app.services.desks import Desk, desk


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def listed(here: Desk, filters: Filters, caller: Caller | None = None) -> set[int]:
    async with here.talk.runtime.database.read() as session:
        by = caller or here.talk.caller()
        page = await rooms.list_rooms(session, here.talk.runtime, by, filters)
    return {room.case.number for room in page.rooms if room.case}


async def counted(
    here: Desk, agent: Agent | None = None, caller: Caller | None = None
) -> queues.Counts:
    async with here.talk.runtime.database.read() as session:
        return await rooms.counts(session, caller or here.talk.caller(), agent)


async def test_every_queue(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    me, named = await here.person(), Agent("김나루")
    team = await here.team("환불")
    mine = {"owner_kind": "agent", "owner": "김나루", "owner_id": me.id}
    states: list[dict[str, object]] = [
        {"state": "queued"},
        {"state": "assigned", **mine},
        {"state": "waiting", **mine, "team_id": team},
        {"state": "snoozed", **mine, "team_id": team},
        {"state": "assigned", **mine, "owner_id": None},
        {"state": "bot", "owner_kind": "bot", "owner_id": me.id},
        {"state": "resolved"},
        {"state": "assigned", **mine, "owner_id": new_id()},
    ]
    cases = await here.customers(*(f"{n}" for n in range(len(states))))
    for case, values in zip(cases, states, strict=True):
        await here.talk.change(Case, Case.id == case.id, **values)
    read: list[UUID] = [cases[n].thread_id for n in (1, 7)]
    await here.talk.change(Thread, Thread.id.in_(read), unread=0)  # type: ignore[attr-defined]
    expected: dict[str, tuple[Agent | None, set[int]]] = {
        "mine": (me, {2, 3}),
        "waiting": (me, {1}),
        "unread": (me, {1, 3, 5}),
        "bot": (me, {6}),
        "snoozed": (me, {4}),
        "resolved": (me, {7}),
        "all": (me, {1, 2, 3, 4, 5, 6, 7, 8}),
    }
    assert set(expected) == set(queues.QUEUES)
    for queue, (agent, numbers) in expected.items():
        assert await listed(here, Filters(queue=queue, agent=agent)) == numbers, queue
    assert await listed(here, Filters(queue="mine", agent=named)) == {5}
    assert await listed(here, Filters(queue="mine")) == set()
    assert await listed(here, Filters(team_id=team)) == {3, 4}
    assert await listed(here, Filters(queue="snoozed", team_id=team, unread=True)) == {4}
    found = await counted(here, me)
    assert found == queues.Counts(mine=2, waiting=1, unread=3, bot=1, snoozed=1, teams={team: 1})
    assert (await counted(here, named)).mine == 1
    assert (await counted(here)).mine == 0
    monkeypatch.setattr(queues, "MOST", 2)
    assert (await counted(here, me)).unread == 2  # counted no further


async def test_a_test_key_counts_the_sandbox_and_a_stranger_nothing(here: Desk) -> None:
    await here.customers("1")
    assert (await counted(here)).waiting == 1
    await here.talk.change(ProviderAccount, mode="live")
    await here.talk.change(Case, mode="live")
    assert (await counted(here)).waiting == 0
    assert (await counted(here, caller=here.talk.caller("live"))).waiting == 1
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    assert (await counted(here, caller=stranger)).waiting == 0
    assert await listed(here, Filters(queue="waiting"), stranger) == set()

"""Who gets the next case: order of the queue, load, capacity, teams, and who may not get it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col

from app.db.models import (
    Case,
    ChatMessage,
    Member,
    Presence,
    ProviderAccount,
    Staff,
    Team,
    Workspace,
)
from app.ids import new_id
from app.services import presence, routing, teams, transfers
from app.services.cases import Agent
from app.services.routing import Free
from tests.app.services.desks import NOON, Desk, desk
from tests.app.services.talks import PAST

A, B, C = (UUID(int=n) for n in (1, 2, 3))
RED, BLUE, GONE = (UUID(int=n) for n in (10, 11, 12))
KNOWN = frozenset({RED, BLUE})


def free(
    who: UUID, load: int = 0, given: int | None = None, *team: UUID, capacity: int = 2
) -> Free:
    at = None if given is None else datetime.fromtimestamp(given, UTC)
    row = Presence(workspace_id=new_id(), staff_id=who, capacity=capacity, assigned_at=at)
    return Free(row, "", frozenset(team), load)


def case(**values: Any) -> Case:
    return Case(workspace_id=new_id(), thread_id=new_id(), number=1, **values)


def given(waiting: list[Case], people: list[Free]) -> list[UUID | None]:
    found = {id(one): to.row.staff_id for one, to in routing.match(waiting, people, KNOWN)}
    return [found.get(id(one)) for one in waiting]


@pytest.mark.parametrize(
    ("waiting", "people", "to"),
    [
        ([{}], [], [None]),
        ([{}], [free(A, 1), free(B, 0)], [B]),
        ([{}], [free(A, 0, 9), free(B, 0, 5)], [B]),  # of equals who waits longest
        ([{}], [free(A, 0, 9), free(B, 0)], [B]),
        ([{}, {}, {}, {}, {}], [free(A), free(B, 1)], [A, A, B, None, None]),
        ([{}, {}], [free(A, 1), free(B, 1)], [A, B]),
        ([{}], [free(A, 2)], [None]),
        ([{"before_id": A}], [free(A, 1), free(B)], [A]),  # the last owner before all
        ([{"before_id": A}], [free(A, 2), free(B)], [B]),
        ([{"before_id": C}], [free(A)], [A]),
        ([{"passed_id": A}], [free(A), free(B, 1)], [B]),  # not back to who gave it away
        ([{"passed_id": A}, {}], [free(A)], [None, A]),
        ([{"team_id": RED}], [free(A), free(B, 1, None, RED)], [B]),
        ([{"team_id": RED}, {}], [free(A, 0, None, BLUE)], [None, A]),
        ([{"team_id": RED, "before_id": A}], [free(A), free(B, 1, None, RED)], [B]),
        ([{"team_id": GONE}], [free(A)], [A]),  # its team was removed
    ],
)
def test_who_gets_which(
    waiting: list[dict[str, Any]], people: list[Free], to: list[UUID | None]
) -> None:
    copies = [Free(one.row, one.name, one.teams, one.load) for one in people]
    assert given([case(**one) for one in waiting], copies) == to


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def owners(here: Desk) -> list[UUID | None]:
    return [one.owner_id for one in await here.cases()]


async def come(here: Desk, agent: Agent, **values: Any) -> None:
    assert agent.id is not None
    async with here.talk.runtime.database.write() as tx:
        await presence.change(tx, here.talk.caller(), agent.id, presence.Change(**values))


async def test_the_queue_is_drained_oldest_first_when_somebody_comes(here: Desk) -> None:
    agent = await here.person(state="away", capacity=2)
    first, second, third = await here.customers("1", "2", "3", at=NOON)
    await here.talk.change(Case, col(Case.id) == third.id, waiting_since=NOON - timedelta(hours=1))
    await here.route()
    assert await owners(here) == [None] * 3
    assert {one.due_first_at is not None for one in await here.cases()} == {True}
    await come(here, agent, state="active")
    assert await here.route() == 2
    assert await owners(here) == [agent.id, None, agent.id]
    assert await here.route() == 0
    assert await here.route() == 0  # nothing is written while nothing can be given
    await come(here, agent, capacity=3)
    assert await here.route() == 1
    assert await owners(here) == [agent.id] * 3
    given = (await here.cases())[1]
    assert (given.state, given.owner, given.epoch, given.waiting_since) == (
        "assigned", "김나루", 2, NOON + timedelta(minutes=1),
    )  # fmt: skip
    assert second.id == given.id
    assert first.epoch == 1
    reasons = [data.get("reason") for _, data in await here.talk.events("case.state")]
    assert reasons.count("routed") == 3


async def test_urgent_ones_go_first_and_a_rehearsal_takes_no_place(here: Desk) -> None:
    agent = await here.person(capacity=1)
    plain, urgent, low = await here.customers("1", "2", "3", at=NOON)
    await here.talk.change(Case, col(Case.id) == urgent.id, priority=0)
    await here.talk.change(Case, col(Case.id) == plain.id, priority=2)
    await here.talk.change(Case, col(Case.id) == low.id, mode="live")
    await here.route()
    assert await owners(here) == [None, agent.id, agent.id]


async def test_nobody_else_is_given_anything(here: Desk) -> None:
    await here.person(state="away")
    await here.person(state=None)
    await here.presence(await here.person(), seen_at=PAST)
    await here.person(role="viewer")
    disabled, removed = await here.person(), await here.person()
    await here.talk.change(Staff, col(Staff.id) == disabled.id, disabled_at=PAST)
    await here.talk.change(Member, col(Member.staff_id) == removed.id, staff_id=None)
    elsewhere = await here.person()
    other = Workspace(name="남의 가게")
    await here.add(other)
    await here.talk.change(Member, col(Member.staff_id) == elsewhere.id, workspace_id=other.id)
    await here.presence(elsewhere, workspace_id=other.id)
    await here.talk.hear()
    await here.route()
    assert await owners(here) == [None]


async def test_a_team_s_case_waits_for_the_team(here: Desk) -> None:
    outside, inside = await here.person("밖"), await here.person("안", state="away")
    red = await here.team("배송", inside)
    (one,) = await here.customers("1")
    asked = transfers.Transfer(Agent("반장"), team_id=red)
    async with here.talk.runtime.database.write() as tx:
        await transfers.transfer(tx, here.talk.runtime, here.talk.caller(), one.id, asked)
    assert await here.route() == 1  # received, not given
    assert await owners(here) == [None]
    await come(here, inside, state="active")
    await here.route()
    assert await owners(here) == [inside.id]
    async with here.talk.runtime.database.write() as tx:
        await transfers.transfer(tx, here.talk.runtime, here.talk.caller(), one.id, asked)
    await here.route()
    assert await owners(here) == [None]  # not back to the one who gave it away
    async with here.talk.runtime.database.write() as tx:
        await teams.remove(tx, here.talk.caller(), red)
    assert await here.talk.all(Team) == []
    await here.route()
    assert await owners(here) == [outside.id]


async def test_a_case_is_received_before_it_is_given(here: Desk) -> None:
    """So the greeting comes before the answer; one from before the clocks needs none."""
    agent = await here.person()
    await here.channel(greeting="안녕하세요", first_reply_s=60)
    await here.talk.hear()
    async with here.talk.runtime.database.write() as tx:
        assert await routing.give(tx, here.talk.workspace.id) == 0
    await here.route()
    found = await here.case()
    assert found.owner_id == agent.id
    assert found.handed_at is not None
    assert found.due_first_at == found.handed_at + timedelta(seconds=60)
    assert [line.author_kind for line in await here.talk.lines()] == ["customer", "system"]
    await here.talk.change(Case, state="queued", owner_kind="none", owner_id=None)
    await here.talk.change(Case, handed_at=None, due_first_at=None)
    assert await here.route() == 1
    assert len(await here.talk.all(ChatMessage)) == 2
    await here.talk.change(ProviderAccount, mode="live")
    assert await here.route() == 0

"""Presence: what somebody says, what holds, and how seldom a heartbeat is written."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.models import Case
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.ids import new_id
from app.services import presence
from app.services.callers import SCOPES, Caller
from app.services.presence import AgentView, Change
from tests.app.services.desks import Desk, desk
from tests.app.services.talks import PAST


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def agents(here: Desk) -> list[AgentView]:
    async with here.talk.runtime.database.read() as session:
        return await presence.agents(session, here.talk.caller())


async def test_everybody_who_may_answer_with_what_they_have(here: Desk) -> None:
    me, other = await here.person("김나루"), await here.person("이나루", None, role="owner")
    await here.person("박나루", role="viewer")
    team = await here.team("환불", me)
    for n, state in enumerate(("assigned", "waiting", "snoozed", "resolved")):
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(me)
        await here.talk.change(Case, Case.number == n + 1, state=state)
    one, two = await agents(here)
    assert (one.staff_id, one.role, one.presence, one.shown) == (
        me.id, "agent", "active", "active",
    )  # fmt: skip
    assert (one.load, one.capacity, one.team_ids) == (2, 5, [team])
    assert (two.staff_id, two.presence, two.shown, two.load, two.seen_at) == (
        other.id, "away", "away", 0, None,
    )  # fmt: skip
    await here.presence(me, seen_at=PAST)
    unseen = (await agents(here))[0]
    assert (unseen.presence, unseen.shown) == ("active", "away")
    await here.talk.change(Case, mode="live")
    assert (await agents(here))[0].load == 0


async def test_a_change_is_told_once_and_stays_in_its_workspace(here: Desk) -> None:
    me = await here.person(state=None)
    assert me.id is not None
    for change in (Change("active"), Change("active", 7), Change(capacity=7), Change("away")):
        async with here.talk.runtime.database.write() as tx:
            await presence.change(tx, here.talk.caller(), me.id, change)
            assert tx.wake
    (found,) = await agents(here)
    assert (found.presence, found.capacity) == ("away", 7)
    told = [data for _, data in await here.talk.events("agent.presence")]
    assert told == [
        {"state": "active", "capacity": 5},
        {"state": "active", "capacity": 7},
        {"state": "away", "capacity": 7},
    ]
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    for caller, staff_id, change, code in (
        (stranger, me.id, Change("active"), "agent_not_found"),
        (here.talk.caller(), new_id(), Change("active"), "agent_not_found"),
        (here.talk.caller(), me.id, Change("busy"), "bad_presence"),
        (here.talk.caller(), me.id, Change(capacity=0), "bad_capacity"),
        (here.talk.caller(), me.id, Change(capacity=101), "bad_capacity"),
    ):
        async with here.talk.runtime.database.write() as tx:
            with pytest.raises(GatewayError) as refused:
                await presence.change(tx, caller, staff_id, change)
        assert refused.value.code == code


async def test_a_heartbeat_is_written_once_a_minute(here: Desk) -> None:
    me = await here.person()
    home = here.talk.workspace.id
    assert me.id is not None

    async def beat() -> tuple[bool, bool]:
        assert me.id is not None
        async with here.talk.runtime.database.read() as session:
            due = await presence.is_beat_due(session, home, me.id)
        async with here.talk.runtime.database.write() as tx:
            return due, await presence.beat(tx, home, me.id)

    assert await beat() == (False, False)
    await here.presence(me, seen_at=clock() - timedelta(seconds=61))
    assert await beat() == (True, True)
    assert await beat() == (False, False)
    async with here.talk.runtime.database.write() as tx:
        assert not await presence.beat(tx, home, new_id())  # who never told a presence

"""A customer comes: to a bot or to people, back to an owner who is there, in time or not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

from app.db.models import Bot, Case, ConsultChannel, Member, Staff, Workspace
from app.ids import new_id
from app.services import cases
from app.services.cases import Agent
from tests.app.services.desks import Desk, desk, stand
from tests.app.services.talks import PAST


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def test_a_new_case_is_queued_with_its_clock(here: Desk) -> None:
    await here.talk.hear()
    case = await here.case()
    assert stand(case) == ("queued", "none", "", 1)
    assert (case.mode, case.handed_at, case.due_first_at) == ("sandbox", case.waiting_since, None)
    assert await here.sums() == {"opened": 1, "handed": 1}


async def test_it_begins_with_the_channels_bot(here: Desk) -> None:
    bot = await here.bot()
    await here.talk.hear()
    await here.talk.hear("여보세요")
    case = await here.case()
    assert stand(case) == ("bot", "bot", "길잡이", 1)
    assert (case.owner_id, case.waiting_since, case.handed_at) == (bot.id, None, None)
    assert await here.sums() == {"opened": 1}


async def test_a_bot_that_is_off_or_another_s_has_no_part(here: Desk) -> None:
    await here.bot(state="off")
    await here.talk.hear(user_key="customer-1")
    await here.talk.change(ConsultChannel, bot_id=new_id())
    await here.talk.hear(user_key="customer-2")
    await here.talk.change(Bot, state="active", workspace_id=(await stranger(here)).id)
    await here.talk.change(ConsultChannel, bot_id=(await here.talk.only(Bot)).id)
    await here.talk.hear(user_key="customer-3")
    assert [case.state for case in await here.cases()] == ["queued"] * 3


async def stranger(here: Desk) -> Workspace:
    made = Workspace(name="남의 가게")
    await here.add(made)
    return made


async def test_a_hand_off_starts_the_human_clock(here: Desk) -> None:
    await here.bot()
    await here.talk.hear()
    await here.talk.change(Case, created_at=PAST)
    async with here.talk.runtime.database.write() as tx:
        case = await tx.session.get_one(Case, (await here.case()).id)
        cases.hand_off(tx, case, tx.now, "asked")
        now = tx.now
        cases.hand_off(tx, case, tx.now, "again")  # nobody's but people's now
    case = await here.case()
    assert stand(case) == ("queued", "none", "", 2)
    assert (case.handed_at, case.waiting_since, case.before_id) == (now, now, None)
    assert await here.sums() == {"opened": 1, "handed": 1, "bot_handed": 1}


AWAY: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"state": "away"}, False),
    ({"seen_at": PAST}, False),
]


async def test_back_to_an_owner_who_is_there(here: Desk) -> None:
    for n, (state, (change, stays)) in enumerate(product(("waiting", "snoozed"), AWAY)):
        agent = await here.person()
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(agent)
        await here.now(state=state, waiting_since=None)
        if change:
            await here.presence(agent, **change)
        await here.talk.hear("그런데요", user_key=f"customer-{n}")
        case = await here.case()
        if stays:
            assert stand(case) == ("assigned", "agent", "김나루", 2)
        else:
            assert stand(case) == ("queued", "none", "", 3)
            assert case.before_id == agent.id
        assert case.waiting_since is not None
        assert case.snooze_until is None


async def test_what_somebody_has_stays_theirs_when_they_leave(here: Desk) -> None:
    """They were asked whether to give it back; it is owed an answer, not lost."""
    agent = await here.person()
    await here.talk.hear()
    await here.take(agent)
    await here.presence(agent, state="away")
    await here.talk.hear("여보세요")
    assert stand(await here.case()) == ("assigned", "agent", "김나루", 2)


async def test_who_may_not_answer_any_more_has_no_case(here: Desk) -> None:
    for n, gone in enumerate(("disabled", "viewer", "removed")):
        agent = await here.person(state=None)
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(agent)
        await here.now(state="waiting")
        if gone == "disabled":
            await here.talk.change(Staff, col(Staff.id) == agent.id, disabled_at=PAST)
        else:
            values = {"role": "viewer"} if gone == "viewer" else {"staff_id": None}
            await here.talk.change(Member, col(Member.staff_id) == agent.id, **values)
        await here.talk.hear("1", user_key=f"customer-{n}")
        assert (await here.case()).state == "queued", gone


async def test_who_never_told_a_presence_keeps_theirs(here: Desk) -> None:
    api, other_system = Agent("김나루"), Agent("김나루", new_id())
    for n, agent in enumerate((api, other_system, await here.person(state=None))):
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(agent)
        await here.now(state="waiting")
        await here.talk.hear("1", user_key=f"customer-{n}")
        assert stand(await here.case()) == ("assigned", "agent", "김나루", 2)


TIMES = [(24.0, 23, True), (24.0, 25, False), (0, 0, False), (72, 71, True)]


async def test_a_resolved_case_comes_back_in_time(here: Desk) -> None:
    await here.channel()
    agent = await here.person()
    for n, (reopen_h, hours, again) in enumerate(TIMES):
        await here.talk.change(ConsultChannel, reopen_h=reopen_h)
        await here.talk.hear(user_key=f"customer-{n}")
        await here.take(agent)
        resolved = await here.resolve()
        assert resolved.resolved_at is not None
        at = resolved.resolved_at - timedelta(hours=hours)
        await here.now(resolved_at=at, first_human_reply_at=at)
        await here.talk.hear("하나 더요", user_key=f"customer-{n}")
        case = await here.case()
        if not again:
            assert (case.id != resolved.id, case.epoch, case.reopens) == (True, 1, 0)
            assert case.before_id is None
            continue
        assert stand(case) == ("queued", "none", "", 3)
        assert (case.reopens, case.before_id, case.resolve_reason) == (1, agent.id, "")
        assert (case.first_human_reply_at, case.due_first_at) == (None, None)
    sums = await here.sums()
    assert (sums["opened"], sums["reopened"], sums["handed"]) == (6, 2, 8)


async def test_what_only_a_bot_had_comes_back_to_the_bot(here: Desk) -> None:
    await here.bot()
    await here.talk.hear()
    await here.resolve()
    assert await here.sums() == {"opened": 1, "bot_contained": 1}
    await here.talk.hear("하나 더요")
    case = await here.case()
    assert stand(case) == ("bot", "bot", "길잡이", 2)
    assert (case.waiting_since, case.before_id) == (None, None)
    await here.take(Agent("김나루"))
    await here.resolve()
    await here.talk.hear("또요")
    assert (await here.case()).state == "queued"
    assert await here.sums() == {
        "opened": 1, "reopened": 2, "bot_contained": 1, "bot_handed": 1, "handed": 2,
        "resolved": 1, "resolved_again": 1, "unanswered": 1,
    }  # fmt: skip

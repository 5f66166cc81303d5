"""The case's moves: who owns it, when the epoch rises, when it comes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from app.db.models import Case, Thread
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.services import cases
from app.services.callers import SCOPES, Caller
from tests.app.services.talks import Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def take(talk: Talk, agent: str, epoch: int | None = None, case: UUID | None = None) -> Case:
    case_id = case or (await talk.all(Case))[-1].id
    async with talk.runtime.database.write() as tx:
        return await cases.take(tx, talk.caller(), case_id, cases.Agent(agent), epoch)


async def resolve(talk: Talk, epoch: int | None = None) -> Case:
    case_id = (await talk.all(Case))[-1].id
    async with talk.runtime.database.write() as tx:
        return await cases.resolve(tx, talk.caller(), case_id, epoch)


def stand(case: Case) -> tuple[str, str, str, int]:
    return case.state, case.owner_kind, case.owner, case.epoch


async def test_taking_gives_a_new_owner_and_epoch(talk: Talk) -> None:
    assert stand(await take(talk, " 김나루 ")) == ("assigned", "agent", "김나루", 2)
    assert stand(await take(talk, "김나루")) == ("assigned", "agent", "김나루", 2)
    assert stand(await take(talk, "이나루")) == ("assigned", "agent", "이나루", 3)
    assert [data["epoch"] for _, data in await talk.events("case.state")] == [2, 3]


async def test_of_two_takers_who_saw_the_same_one_wins(talk: Talk) -> None:
    tries = await asyncio.gather(
        *(take(talk, name, epoch=1) for name in ("김나루", "이나루")), return_exceptions=True
    )
    (won,) = [one for one in tries if isinstance(one, Case)]
    (lost,) = [one for one in tries if isinstance(one, Refused)]
    assert (lost.code, lost.data["epoch"], lost.data["owner"]) == ("stale_epoch", 2, won.owner)


@pytest.mark.parametrize("name", ["", "  ", "a" * 41, "a\x00b", "a\nb", "\u202e"])
async def test_names_are_short_and_printable(talk: Talk, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await take(talk, name)
    assert refused.value.code == "bad_agent"


async def test_a_customer_brings_a_waiting_case_back_to_its_owner(talk: Talk) -> None:
    posted = await talk.post()
    assert stand(await talk.only(Case)) == ("waiting", "agent", "김나루", 2)
    await talk.hear("그런데요")
    case = await talk.only(Case)
    assert stand(case) == ("assigned", "agent", "김나루", posted.epoch)
    assert case.waiting_since is not None


async def test_a_waiting_case_nobody_owns_goes_to_the_queue(talk: Talk) -> None:
    await talk.change(Case, state="waiting")
    await talk.hear("여보세요")
    assert stand(await talk.only(Case)) == ("queued", "none", "", 2)


async def test_a_snoozed_case_wakes_and_a_bot_keeps_its_own(talk: Talk) -> None:
    await talk.change(Case, state="snoozed", owner_kind="agent", owner="김나루")
    await talk.hear("1")
    assert stand(await talk.only(Case)) == ("assigned", "agent", "김나루", 1)
    await talk.change(Case, state="bot", owner_kind="bot", owner="", owner_id=new_id())
    await talk.hear("2")
    assert stand(await talk.only(Case)) == ("bot", "bot", "", 1)


async def test_a_resolved_case_comes_back_within_a_day(talk: Talk) -> None:
    await take(talk, "김나루")
    assert stand(await resolve(talk)) == ("resolved", "none", "", 2)
    assert (await talk.only(Thread)).unread == 0
    await talk.hear("하나 더요")
    case = await talk.only(Case)
    assert stand(case) == ("queued", "none", "", 3)
    assert case.resolved_at is None


async def test_after_a_day_it_is_a_new_case(talk: Talk) -> None:
    await resolve(talk)
    await talk.change(Case, resolved_at=datetime.now(UTC) - timedelta(hours=25))
    await talk.hear("다른 일이에요")
    first, second = await talk.all(Case)
    assert (first.state, second.state, second.number, second.epoch) == ("resolved", "queued", 2, 1)


async def test_resolving_twice_is_once_and_needs_the_epoch(talk: Talk) -> None:
    with pytest.raises(Refused) as refused:
        await resolve(talk, epoch=7)
    assert refused.value.code == "stale_epoch"
    first = await resolve(talk, epoch=1)
    again = await resolve(talk, epoch=7)
    assert again.resolved_at == first.resolved_at
    assert len(await talk.events("case.state")) == 1


async def test_a_resolved_case_can_be_taken_while_the_chat_is_open(talk: Talk) -> None:
    await resolve(talk)
    assert stand(await take(talk, "김나루")) == ("assigned", "agent", "김나루", 2)
    await talk.expire()
    await talk.apply()
    with pytest.raises(Refused) as refused:
        await take(talk, "김나루")
    assert refused.value.code == "case_resolved"


async def test_an_older_case_stays_resolved(talk: Talk) -> None:
    await resolve(talk)
    await talk.change(Case, resolved_at=datetime.now(UTC) - timedelta(hours=25))
    await talk.hear("다른 일이에요")
    old = (await talk.all(Case))[0]
    with pytest.raises(Refused) as refused:
        await take(talk, "김나루", case=old.id)
    assert refused.value.code == "case_resolved"


async def test_what_is_not_ours_is_not_there(talk: Talk) -> None:
    case = await talk.only(Case)
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    answers = []
    for caller, case_id in ((stranger, case.id), (talk.caller(), new_id())):
        async with talk.runtime.database.write() as tx:
            with pytest.raises(NotFound) as refused:
                await cases.take(tx, caller, case_id, cases.Agent("김나루"))
        answers.append(refused.value.problem())
    assert answers[0] == answers[1]
    assert stand(await talk.only(Case)) == ("queued", "none", "", 1)


async def test_numbers_are_the_workspaces_own_and_never_repeat(talk: Talk) -> None:
    for n in range(5):
        await talk.say(f"{n}", user_key=f"customer-{n}")
    await asyncio.gather(*(talk.apply() for _ in range(3)))
    numbers = sorted(case.number for case in await talk.all(Case))
    assert numbers == [1, 2, 3, 4, 5, 6]


async def test_of_two_people_with_one_name_each_owns_their_own(talk: Talk) -> None:
    """A caller of the API gives a name, staff have an id: they are not the same person."""
    one, other = cases.Agent("김나루", new_id()), cases.Agent("김나루", new_id())
    case_id = (await talk.only(Case)).id
    async with talk.runtime.database.write() as tx:
        await cases.take(tx, talk.caller(), case_id, one)
    for agent, epoch in ((one, 2), (other, 3), (cases.Agent("김나루"), 4)):
        async with talk.runtime.database.write() as tx:
            case = await cases.take(tx, talk.caller(), case_id, agent)
        assert (case.epoch, case.owner_id) == (epoch, agent.id)


async def test_a_bot_hands_off_to_whoever_is_free(talk: Talk) -> None:
    await talk.change(Case, state="bot", owner_kind="bot", owner="길잡이", owner_id=new_id())
    async with talk.runtime.database.write() as tx:
        case = (await tx.session.exec(select(Case))).one()
        cases.hand_off(tx, case, tx.now, "asked")
    case = await talk.only(Case)
    assert stand(case) == ("queued", "none", "", 2)
    assert case.owner_id is None
    assert case.handed_at is not None
    assert (await talk.events("case.state"))[-1][1]["reason"] == "asked"

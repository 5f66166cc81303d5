"""Cases given on: whose they are then, what colleagues read, and what the epoch protects."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.db.models import Case, ChatMessage
from app.errors import GatewayError, Refused
from app.ids import new_id
from app.services import transfers
from app.services.cases import Agent
from app.services.transfers import Transfer
from tests.app.services.desks import Desk, desk, stand

BY = Agent("반장")


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        await made.talk.hear()
        yield made


async def assign(here: Desk, to: Agent, epoch: int | None = None) -> Case:
    case_id = (await here.case()).id
    async with here.talk.runtime.database.write() as tx:
        assert to.id is not None
        return await transfers.assign(tx, here.talk.caller(), case_id, to.id, epoch)


async def transfer(here: Desk, asked: Transfer, case_id: UUID | None = None) -> Case:
    case_id = case_id or (await here.case()).id
    async with here.talk.runtime.database.write() as tx:
        return await transfers.transfer(tx, here.talk.runtime, here.talk.caller(), case_id, asked)


async def test_of_two_with_one_epoch_one_wins(here: Desk) -> None:
    one, other = await here.person("김나루"), await here.person("이나루")
    tries = await asyncio.gather(
        assign(here, one, 1), assign(here, other, 1), return_exceptions=True
    )
    (won,) = [found for found in tries if isinstance(found, Case)]
    (lost,) = [found for found in tries if isinstance(found, Refused)]
    assert (lost.status, lost.code, lost.data["owner"]) == (409, "stale_epoch", won.owner)
    assert stand(await here.case())[0] == "assigned"
    again = await assign(here, one if won.owner == "김나루" else other)
    assert again.epoch == won.epoch  # to its owner changes nothing


async def test_to_a_person_with_a_note_nobody_else_reads(here: Desk) -> None:
    one, other = await here.person("김나루"), await here.person("이나루")
    await here.take(one)
    asked = Transfer(BY, staff_id=other.id, note="환불은 이쪽이에요")
    assert stand(await transfer(here, asked)) == ("assigned", "agent", "이나루", 3)
    note = (await here.talk.lines())[-1]
    assert (note.author_kind, note.kind, note.author, note.status) == (
        "agent", "note", "반장", "stored",
    )  # fmt: skip
    assert here.talk.text(note) == "환불은 이쪽이에요"
    assert await here.talk.send() == 0
    ((_, told),) = await here.talk.events("chat.note_added")
    assert told["seq"] == note.seq
    assert "환불" not in str(told)


async def test_to_a_team_and_back_to_everybody(here: Desk) -> None:
    one = await here.person("김나루")
    team = await here.team("환불")
    await here.take(one)
    case = await transfer(here, Transfer(BY, team_id=team))
    assert stand(case) == ("queued", "none", "", 3)
    assert (case.team_id, case.passed_id, case.before_id) == (team, one.id, None)
    case = await transfer(here, Transfer(BY))
    assert (case.team_id, case.passed_id, case.epoch) == (None, one.id, 4)
    assert (await here.take(one)).passed_id is None


async def test_from_a_bot_a_person_s_clock_starts(here: Desk) -> None:
    person, team = await here.person(), await here.team("환불")
    bot: dict[str, Any] = {"state": "bot", "owner_kind": "bot", "owner": "봇", "handed_at": None}
    for asked in (Transfer(BY, staff_id=person.id), Transfer(BY, team_id=team)):
        await here.talk.change(Case, **bot, owner_id=new_id(), waiting_since=None)
        found = await transfer(here, asked)
        assert found.handed_at is not None
        assert found.passed_id is None
        assert (found.waiting_since is None) == (found.state == "assigned")
    assert (await here.sums())["bot_handed"] == 2


WRONG: list[tuple[Transfer, str, str | None]] = [
    (Transfer(BY, staff_id=new_id(), team_id=new_id()), "two_targets", "team_id"),
    (Transfer(BY, staff_id=new_id()), "agent_not_found", "staff_id"),
    (Transfer(BY, team_id=new_id()), "team_not_found", None),
    (Transfer(BY, note="가" * 1_001), "too_long", "note"),
    (Transfer(BY, note=" "), "empty_text", "note"),
    (Transfer(BY, note="\x00"), "bad_text", "note"),
    (Transfer(Agent("")), "bad_agent", "agent"),
    (Transfer(BY, epoch=7), "stale_epoch", "epoch"),
]


async def test_what_is_refused_changes_nothing(here: Desk) -> None:
    before = stand(await here.case())
    for asked, code, field in WRONG:
        with pytest.raises(GatewayError) as refused:
            await transfer(here, asked)
        assert (refused.value.code, refused.value.field) == (code, field)
    assert stand(await here.case()) == before
    assert len(await here.talk.all(ChatMessage)) == 1


async def test_a_resolved_case_goes_nowhere_and_a_viewer_gets_none(here: Desk) -> None:
    viewer = await here.person("박나루", role="viewer")
    with pytest.raises(GatewayError) as refused:
        await assign(here, viewer)
    assert refused.value.code == "agent_not_found"
    await here.resolve()
    for work in (assign(here, viewer), transfer(here, Transfer(BY))):
        with pytest.raises(Refused) as resolved:
            await work
        assert resolved.value.code == "case_resolved"


async def test_who_leaves_gives_back_what_customers_wait_for(here: Desk) -> None:
    agent = await here.person()
    assert agent.id is not None
    await here.take(agent)
    await here.talk.hear(user_key="another-customer")
    await here.take(agent)
    second = await here.case()
    await here.talk.change(Case, Case.number == second.number, state="waiting")
    home = here.talk.workspace.id
    async with here.talk.runtime.database.write() as tx:
        assert await transfers.give_back(tx, home, agent.id) == 1
        assert await transfers.holding(tx.session, home, agent.id) == 1
    first, second = await here.cases()
    assert stand(first) == ("queued", "none", "", 3)
    assert (first.before_id, first.passed_id, second.state) == (agent.id, None, "waiting")


async def test_priorities(here: Desk) -> None:
    case_id = (await here.case()).id
    for word, number in (("urgent", 0), ("low", 2), ("low", 2)):
        async with here.talk.runtime.database.write() as tx:
            await transfers.set_priority(tx, here.talk.caller(), case_id, word)
        assert (await here.case()).priority == number
    async with here.talk.runtime.database.write() as tx:
        with pytest.raises(GatewayError) as refused:
            await transfers.set_priority(tx, here.talk.caller(), case_id, "very")
    assert refused.value.code == "bad_priority"
    assert len(await here.talk.events("case.state")) == 2

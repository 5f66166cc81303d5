"""Teams: names, people, and what a stranger or a viewer cannot do."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.db.session import Tx
from app.errors import GatewayError
from app.ids import new_id
from app.services import teams
from app.services.callers import SCOPES, Caller
from app.services.teams import TeamView
from tests.app.services.desks import Desk, desk


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def create(here: Desk, name: str, *staff: UUID | None) -> TeamView:
    async with here.talk.runtime.database.write() as tx:
        ids = [one for one in staff if one is not None]
        return await teams.create(tx, here.talk.caller(), name, ids)


async def listed(here: Desk, caller: Caller | None = None) -> list[TeamView]:
    async with here.talk.runtime.database.read() as session:
        return await teams.list_teams(session, caller or here.talk.caller())


async def test_made_changed_listed_and_removed(here: Desk) -> None:
    me, other = await here.person("김나루"), await here.person("이나루")
    made = await create(here, " 환불 ", other.id, me.id, me.id)
    assert (made.name, made.staff_ids) == ("환불", [me.id, other.id])
    await create(here, "배송")
    async with here.talk.runtime.database.write() as tx:
        assert other.id is not None
        changed = await teams.change(tx, here.talk.caller(), made.id, "교환", [other.id])
    assert [(one.name, one.staff_ids) for one in await listed(here)] == [
        ("교환", [other.id]),
        ("배송", []),
    ]
    async with here.talk.runtime.database.read() as session:
        assert await teams.team(session, here.talk.caller(), made.id) == changed
    async with here.talk.runtime.database.write() as tx:
        await teams.remove(tx, here.talk.caller(), made.id)
    assert [one.name for one in await listed(here)] == ["배송"]


async def test_what_is_refused(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = await here.person(role="viewer")
    team = await create(here, "환불")
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    assert await listed(here, stranger) == []

    async def code(name: str, staff: list[UUID], caller: Caller, id_: UUID | None) -> str:
        async def work(tx: Tx) -> TeamView:
            if id_ is None:
                return await teams.create(tx, caller, name, staff)
            return await teams.change(tx, caller, id_, name, staff)

        with pytest.raises(GatewayError) as refused:
            await here.talk.runtime.database.transact(work)
        return refused.value.code

    ours = here.talk.caller()
    assert viewer.id is not None
    assert await code("환불", [], ours, None) == "team_exists"
    for name in ("", " ", "가" * 41, "a\nb"):
        assert await code(name, [], ours, None) == "bad_team_name"
    assert await code("배송", [viewer.id], ours, None) == "agent_not_found"
    assert await code("배송", [new_id()] * 501, ours, None) == "too_many"
    assert await code("배송", [], stranger, team.id) == "team_not_found"
    assert await code("배송", [], ours, new_id()) == "team_not_found"
    monkeypatch.setattr(teams, "MOST", 1)
    assert await code("배송", [], ours, None) == "too_many_teams"
    assert [one.name for one in await listed(here)] == ["환불"]

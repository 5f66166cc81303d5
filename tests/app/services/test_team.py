"""Members and guests: whom a team key may write to."""

from uuid import UUID

import pytest
from sqlmodel import select

from app.db.models import Guest, Member
from app.errors import Forbidden, Invalid
from app.ids import new_id
from app.services import team, workspaces
from app.services.callers import Caller
from app.services.runtime import Runtime

NUMBER = "01012345678"


@pytest.mark.parametrize("kind", ["member", "guest"])
async def test_one_who_was_added_is_included_in_that_workspace_only(
    runtime: Runtime, kind: str
) -> None:
    async with runtime.database.write() as tx:
        one, other = [(await workspaces.create(tx, name)).id for name in ("one", "other")]
        row = await team.add(tx, runtime.sealer, one, kind, "김하나", NUMBER)
    assert await reaches(runtime, one, NUMBER)
    assert not await reaches(runtime, one, "01012345679")
    assert not await reaches(runtime, other, NUMBER)
    async with runtime.database.read() as session:
        [sealed] = list(await session.exec(select(team.TABLES[kind].number_sealed)))
    assert sealed is not None
    assert NUMBER.encode() not in sealed
    assert runtime.sealer.open(kind, one, row, sealed) == NUMBER


async def test_a_number_is_added_once_per_list(runtime: Runtime) -> None:
    async with runtime.database.write() as tx:
        one, other = [(await workspaces.create(tx, name)).id for name in ("one", "other")]
        for workspace in (one, other):
            await team.add(tx, runtime.sealer, workspace, "member", "김하나", NUMBER)
        await team.add(tx, runtime.sealer, one, "guest", "김하나", NUMBER)
    for kind in ("member", "guest"):
        with pytest.raises(Invalid, match=f"is a {kind} already") as caught:
            await add_again(runtime, one, kind)
        assert (caught.value.code, caught.value.field) == (f"{kind}_exists", "number")
    async with runtime.database.read() as session:
        found = [len((await session.exec(select(table))).all()) for table in (Member, Guest)]
    assert found == [2, 1]


async def reaches(runtime: Runtime, workspace: UUID, number: str, kind: str = "team") -> bool:
    """Whether a key of this kind may write to the number."""
    caller = Caller(workspace, new_id(), kind, frozenset())
    try:
        await team.check(runtime, caller, runtime.sealer.number_hash(workspace, number))
    except Forbidden as refused:
        return refused.code != "recipient_not_in_team"
    return True


@pytest.mark.parametrize("kind", ["live", "test"])
async def test_other_keys_are_not_bound_to_the_team(runtime: Runtime, kind: str) -> None:
    assert await reaches(runtime, new_id(), NUMBER, kind)


async def add_again(runtime: Runtime, workspace: UUID, kind: str) -> None:
    async with runtime.database.write() as tx:
        await team.add(tx, runtime.sealer, workspace, kind, "다른 이름", NUMBER)

"""Workspaces: one name each."""

import pytest

from app.errors import Invalid, Refused
from app.services import workspaces
from app.services.runtime import Runtime


async def test_a_workspace_is_found_by_its_name(runtime: Runtime) -> None:
    async with runtime.database.write() as tx:
        made = await workspaces.create(tx, "  데모 ")
    async with runtime.database.read() as session:
        found = await workspaces.find(session, "데모")
        assert await workspaces.find(session, "other") is None
    assert found is not None
    assert (found.id, found.name) == (made.id, "데모")


async def test_a_name_is_taken_once(runtime: Runtime) -> None:
    async with runtime.database.write() as tx:
        await workspaces.create(tx, "demo")
    with pytest.raises(Refused) as refused:
        async with runtime.database.write() as tx:
            await workspaces.create(tx, "demo")
    assert refused.value.code == "workspace_exists"


async def test_a_second_start_finds_what_the_first_made(runtime: Runtime) -> None:
    ids = set()
    for _ in range(2):
        async with runtime.database.write() as tx:
            ids.add((await workspaces.find_or_create(tx, "demo")).id)
    assert len(ids) == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_name_has_1_to_100_characters(runtime: Runtime, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        async with runtime.database.write() as tx:
            await workspaces.create(tx, name)
    assert (refused.value.code, refused.value.field) == ("bad_name", "name")

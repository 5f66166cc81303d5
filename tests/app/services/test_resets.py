"""Resets on a page: an owner of one workspace gets no link into another. See test_staff.py."""

import pytest

from app.db.models import Staff
from app.errors import NotFound
from app.ids import new_id
from app.services import resets, staff
from app.services.runtime import Runtime
from tests.app.services.lobby import person, workspace


async def test_a_reset_of_somebody_of_this_workspace(runtime: Runtime) -> None:
    place = await workspace(runtime)
    who = await person(runtime, place)
    async with runtime.database.write() as tx:
        token = await resets.reset_here(tx, runtime.sealer, place, who.id)
    async with runtime.database.write() as tx:
        assert (await staff.by_link(tx, runtime.sealer, token)).id == who.id
        assert (await tx.session.get_one(Staff, who.id)).password_hash == ""
        with pytest.raises(NotFound):
            await resets.reset_here(tx, runtime.sealer, place, new_id())

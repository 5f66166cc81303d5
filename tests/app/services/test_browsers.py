"""Devices: what is over is not listed; ending twice is refused. Their owner: test_logins.py."""

from datetime import timedelta

import pytest

from app.db.models.fields import now
from app.errors import NotFound
from app.services import browsers
from app.services.logins import KEEP
from app.services.runtime import Runtime
from tests.app.services.lobby import come_in, person, workspace


async def test_what_is_over_is_not_listed(runtime: Runtime) -> None:
    who = await person(runtime, await workspace(runtime))
    _, visit = await come_in(runtime, who)
    async with runtime.database.read() as session:
        (one,) = await browsers.of_person(session, who.id, now())
        later = await browsers.of_person(session, who.id, now() + KEEP + timedelta(seconds=1))
    assert (one.id, one.client) == (visit.login_id, "Firefox on a boat")
    assert list(later) == []
    async with runtime.database.write() as tx:
        await browsers.end(tx, who.id, visit.login_id)
    async with runtime.database.write() as tx:
        with pytest.raises(NotFound):
            await browsers.end(tx, who.id, visit.login_id)

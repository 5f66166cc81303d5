"""The access record: in the same transaction, the newest first, nobody else's, page by page."""

import pytest

from app.errors import Refused
from app.ids import new_id
from app.services import access
from app.services.logins import Visit
from app.services.runtime import Runtime
from tests.app.services.lobby import come_in, person, workspace


async def fail(store: Runtime, visit: Visit) -> None:
    async with store.database.write() as tx:
        await access.note(tx, visit, "key.revoked", None)
        raise Refused("not_first", "It did not happen.")


async def test_the_record(store: Runtime) -> None:
    here, there = await workspace(store, "가"), await workspace(store, "나")
    _, visit = await come_in(store, await person(store, here))
    _, strange = await come_in(store, await person(store, there, "b@naru.test"))
    subject = new_id()
    for n in range(5):
        async with store.database.write() as tx:
            await access.note(tx, visit, "key.created", subject, f"{n}" + "x" * 300)
            await access.note(tx, strange, "number.revealed", None)
    with pytest.raises(Refused):
        await fail(store, visit)
    async with store.database.read() as session:
        first = await access.entries(session, here, limit=2)
        rest = await access.entries(session, here, first[1].id, limit=10)
    assert [one.detail[0] for one in first] == ["4", "3", "2"]
    assert [one.detail[0] for one in rest] == ["2", "1", "0"]
    assert {(one.kind, one.subject_id, one.who) for one in rest} == {
        ("key.created", subject, "한지우")
    }
    assert all(len(one.detail) == access.LONGEST for one in rest)

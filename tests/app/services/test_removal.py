"""Only what was never approved can be deleted, and its provider goes first."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlmodel import update

from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.errors import Refused
from app.services import removal, templates
from app.services.actions import EVERYWHERE
from app.services.removal import remove
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, registrations
from tests.review_desk import CODE, Desk, Office, open_office


@pytest.fixture
async def office(runtime: Runtime) -> AsyncIterator[Office]:
    async with httpx.AsyncClient() as client:
        yield await open_office(runtime, Desk(), client)


async def stands(office: Office, **axes: Any) -> None:
    async with office.runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values({"action": "", **axes}))


async def test_a_draft_goes_at_once(office: Office) -> None:
    await office.create(submit=False)
    assert await office.do(remove) is None
    assert not await office.is_there()
    assert await office.words() == ["created", "deleted"]
    assert (await office.create()).is_new  # the code is free again


async def test_what_may_be_in_messages_stays(office: Office) -> None:
    await office.create()
    for axes, code in (
        ({"inspection": "approved", "usage": "normal"}, "template_in_use"),
        ({"inspection": "rejected", "usage": "normal"}, "template_in_use"),  # approved once
        ({"inspection": "in_review", "usage": "waiting"}, "in_review"),
    ):
        await stands(office, **axes)
        with pytest.raises(Refused) as refused:
            await office.do(remove)
        assert refused.value.code == code
    assert await office.is_there()


async def test_one_that_needs_no_review_stays_once_it_was_submitted(office: Office) -> None:
    await office.create(plan=[{"channel": "sms"}])
    with pytest.raises(Refused) as refused:
        await office.do(remove, reach=EVERYWHERE)
    assert refused.value.code == "template_in_use"


async def test_a_rejected_one_is_asked_for_once_a_code(office: Office) -> None:
    """Two versions share a code where the second was to edit the first."""
    await office.create()
    await stands(office, inspection="rejected")
    await office.put(content="고친 내용")
    stored = await office.do(remove)
    assert stored.is_being_deleted
    (row,) = await registrations(office.runtime, office.shop)
    assert (row.action, row.code, row.version_id) == ("delete", CODE, stored.version.id)
    assert (await office.do(remove)).is_being_deleted  # again: no error
    for change in (office.put(content="또"), office.create()):
        with pytest.raises(Refused) as refused:
            await change
        assert refused.value.code == "template_being_deleted"


async def test_nobody_is_asked_who_cannot_answer(office: Office) -> None:
    """Of a disabled account or an inactive sender nothing is asked any more."""
    for table, state in ((ProviderAccount, "disabled"), (Sender, "inactive")):
        async with office.runtime.database.write() as tx:
            await tx.session.exec(update(ProviderAccount).values(state="active"))
        await office.create()
        async with office.runtime.database.write() as tx:
            await tx.session.exec(update(table).values(state=state))
        assert await office.do(remove) is None
        assert not await office.is_there()


async def test_a_test_key_deletes_nothing_live(office: Office) -> None:
    async with office.runtime.database.write() as tx:
        await templates.create(tx, office.shop.workspace_id, NOTICE)
    with pytest.raises(Refused) as refused:
        await office.do(removal.remove)
    assert refused.value.code == "live_template"

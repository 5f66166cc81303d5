"""Versions: a wording never changes once it was submitted, and the newest usable one is sent."""

from typing import Any

import pytest
from sqlmodel import col, update

from app.db.models import TemplateRegistration
from app.errors import Invalid, NotFound, Refused
from app.services import reviews, templates
from app.services.actions import Reach
from app.services.runtime import Runtime
from app.services.versions import Stored
from tests.app.api.shop import NOTICE, Shop, approve, open_shop, registrations
from tests.app.services.stored import approved, change, create

OTHER = {"content": "#{이름}님, #{상품}을 보냈습니다."}


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


async def put(runtime: Runtime, shop: Shop, **given: Any) -> Stored:
    submit = given.pop("submit", True)
    async with runtime.database.write() as tx:
        return await templates.put(
            tx, shop.workspace_id, "order_shipped", NOTICE | given, submit=submit
        )


async def test_other_content_is_the_next_version_and_the_same_none(
    runtime: Runtime, shop: Shop
) -> None:
    await create(runtime, shop)
    second = await put(runtime, shop, **OTHER, name="새 이름", when_unknown="resend")
    assert (second.is_new, second.version.number) == (True, 2)
    assert [one.version.body["content"] for one in second.versions] == [
        OTHER["content"],
        NOTICE["content"],
    ]
    assert (second.template.name, second.template.when_unknown) == ("새 이름", "resend")
    assert second.version.submitted_at is not None
    assert len(second.registered) == 2
    again = await put(runtime, shop, **OTHER, name="새 이름", when_unknown="resend")
    assert (again.is_new, again.version.id) == (False, second.version.id)
    back = await put(runtime, shop)  # the first wording again is a version of its own
    assert back.version.number == 3


async def test_a_draft_is_replaced_in_place(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE, submit=False)
    draft = await put(runtime, shop, **OTHER, submit=False)
    assert (draft.is_new, draft.version.number, len(draft.versions)) == (False, 1, 1)
    assert draft.version.body["content"] == OTHER["content"]
    with pytest.raises(Refused) as refused:
        await approved(runtime, shop, "sandbox")
    assert refused.value.code == "template_not_approved"
    assert "draft" in refused.value.detail
    assert await registrations(runtime, shop) == []


async def test_the_code_does_not_change_and_must_be_there(runtime: Runtime, shop: Shop) -> None:
    with pytest.raises(NotFound) as absent:
        await put(runtime, shop)
    assert absent.value.code == "unknown_template"
    await create(runtime, shop)
    with pytest.raises(Invalid) as fixed:
        await put(runtime, shop, code="another")
    assert (fixed.value.code, fixed.value.field) == ("code_is_fixed", "code")
    with pytest.raises(Invalid) as bad:
        await put(runtime, shop, content="")
    assert bad.value.code == "template_invalid"


async def test_the_newest_usable_version_is_sent_in_each_mode(runtime: Runtime, shop: Shop) -> None:
    await create(runtime, shop)
    await approve(runtime, shop)
    second = await put(runtime, shop, **OTHER)
    first = second.versions[1].version.id
    for mode in ("live", "sandbox"):
        assert (await approved(runtime, shop, mode)).version.id == first
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration)
            .where(
                col(TemplateRegistration.version_id) == second.version.id,
                col(TemplateRegistration.account_id) == shop.accounts["sandbox"].id,
            )
            .values(inspection="approved", usage="normal")
        )
    newest = await approved(runtime, shop, "sandbox")
    assert (newest.version.id, newest.registration.code) == (second.version.id, "order_shipped-2")
    assert (await approved(runtime, shop, "live")).version.id == first
    async with runtime.database.read() as session:
        stored = await templates.get(session, shop.workspace_id, "order_shipped")
        assert (stored.in_use("live"), stored.in_use("sandbox")) == (
            stored.versions[1],
            stored.versions[0],
        )
        frozen = await templates.approved(
            session, shop.workspace_id, "order_shipped", "sandbox", first
        )
    assert frozen.version.id == first
    await change(runtime, shop, dormant=True)
    with pytest.raises(Refused):
        await approved(runtime, shop, "sandbox")


async def test_a_test_key_puts_nothing_unreviewed_into_live_use(
    runtime: Runtime, shop: Shop
) -> None:
    """A version for text messages only is in use at once, in every mode."""
    await create(runtime, shop)
    body = NOTICE | {"plan": [{"channel": "sms"}]}

    async def by_a_test_key(submit: bool) -> Stored:
        async with runtime.database.write() as tx:
            return await templates.put(
                tx, shop.workspace_id, "order_shipped", body, ("sandbox",), submit=submit
            )

    with pytest.raises(Refused) as refused:
        await by_a_test_key(submit=True)
    assert refused.value.code == "live_template"
    assert (await by_a_test_key(submit=False)).version.submitted_at is None
    with pytest.raises(Refused):
        async with runtime.database.write() as tx:
            await reviews.submit(tx, shop.workspace_id, "order_shipped", Reach(("sandbox",)))
    assert (await put(runtime, shop, plan=[{"channel": "sms"}])).in_use("live") is not None

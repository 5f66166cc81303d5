"""Templates: stored once, reviewed everywhere, sent only where approved."""

from typing import Any

import pytest
from sqlmodel import col, update

from app.db.models import ProviderAccount
from app.errors import Invalid, NotFound, Refused
from app.services import templates, workspaces
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, open_shop, registrations
from tests.app.services.stored import approved, change, create

SMS_ONLY: dict[str, Any] = {
    "code": "notice",
    "name": "안내",
    "content": "안내드립니다.",
    "plan": [{"channel": "sms"}],
}


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


async def test_a_new_template_is_to_be_reviewed_at_every_channel(
    runtime: Runtime, shop: Shop
) -> None:
    stored = await create(runtime, shop)
    assert stored.is_new
    assert (stored.version.number, stored.template.category) == (1, "info")
    assert stored.version.body["content"] == NOTICE["content"]
    assert {one.account.name for one in stored.registered} == {"sandbox", "live"}
    assert {one.standing.state for one in stored.registered} == {"draft"}
    assert all(one.registration.due_at is not None for one in stored.registered)


async def test_the_same_content_again_changes_nothing(runtime: Runtime, shop: Shop) -> None:
    first = await create(runtime, shop)
    second = await create(runtime, shop, category=None)  # null is the default
    assert not second.is_new
    assert second.version.id == first.version.id
    assert len(await registrations(runtime, shop)) == 2


async def test_other_content_under_the_same_code_is_refused(runtime: Runtime, shop: Shop) -> None:
    await create(runtime, shop)
    with pytest.raises(Refused) as refused:
        await create(runtime, shop, content="다른 내용")
    assert (refused.value.code, refused.value.field) == ("template_exists", "code")


async def test_codes_are_a_workspace_s_own(runtime: Runtime, shop: Shop) -> None:
    await create(runtime, shop)
    other = await open_shop(runtime, "other")
    assert (await create(runtime, other, content="다른 내용")).is_new


async def test_a_test_key_has_it_reviewed_in_the_sandbox_and_a_live_one_later_everywhere(
    runtime: Runtime, shop: Shop
) -> None:
    first = await create(runtime, shop, modes=("sandbox",))
    assert [one.account.mode for one in first.registered] == ["sandbox"]
    later = await create(runtime, shop)
    assert [one.account.mode for one in later.registered] == ["sandbox", "live"]


async def test_all_findings_are_told(runtime: Runtime, shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        await create(runtime, shop, code="배송", name="", colour="red")
    assert refused.value.code == "template_invalid"
    found = refused.value.data["findings"]
    assert {one["field"] for one in found} >= {"code", "name", "colour"}
    assert refused.value.field == found[0]["field"]
    assert all(one["message_ko"] and one["message_en"] for one in found)


@pytest.mark.parametrize("data", [[], "text", None, 3, {}])
async def test_what_is_no_template_is_told_too(runtime: Runtime, shop: Shop, data: object) -> None:
    with pytest.raises(Invalid) as refused:
        async with runtime.database.write() as tx:
            await templates.create(tx, shop.workspace_id, data)
    assert refused.value.code == "template_invalid"


@pytest.mark.parametrize("mode", ["sandbox", "live"])
async def test_an_approved_one_may_leave_through_its_account(
    runtime: Runtime, shop: Shop, mode: str
) -> None:
    await create(runtime, shop)
    await approve(runtime, shop)
    sendable = await approved(runtime, shop, mode)
    assert sendable.account.id == shop.accounts[mode].id
    assert sendable.sender.id == shop.senders[f"{mode} alimtalk"].id
    assert sendable.registration.inspection == "approved"


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({"dormant": False}, "submitted for review"),
        ({"inspection": "in_review"}, "being reviewed"),
        ({"inspection": "registered"}, "waits"),
        ({"inspection": "rejected", "comments": [{"text": "광고 문구"}]}, "광고 문구"),
        ({"inspection": "approved", "blocked": True}, "blocked"),
        ({"inspection": "approved", "dormant": True}, "dormant"),
        ({"inspection": "approved", "usage": "stopped"}, "stopped"),
        ({"error_code": "-1", "error_text": "no channel"}, "-1 no channel"),
    ],
)
async def test_one_that_may_not_leave_says_where_it_stands(
    runtime: Runtime, shop: Shop, axes: dict[str, Any], words: str
) -> None:
    await create(runtime, shop)
    await change(runtime, shop, **axes)
    with pytest.raises(Refused) as refused:
        await approved(runtime, shop, "sandbox")
    assert (refused.value.code, refused.value.field) == ("template_not_approved", "template")
    assert words in refused.value.detail
    assert [one["account"] for one in refused.value.data["registrations"]] == ["sandbox"]


async def test_unknown_codes_and_missing_accounts_are_told_apart(
    runtime: Runtime, shop: Shop
) -> None:
    with pytest.raises(Invalid) as unknown:
        await approved(runtime, shop, "sandbox", "nothing")
    assert (unknown.value.code, unknown.value.field) == ("unknown_template", "template")
    await create(runtime, shop)
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount)
            .where(col(ProviderAccount.mode) == "sandbox")
            .values(state="disabled")
        )
    with pytest.raises(Refused) as nobody:
        await approved(runtime, shop, "sandbox")
    assert nobody.value.code == "no_sandbox_account"


async def test_text_messages_alone_need_no_review(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, SMS_ONLY)
    assert await registrations(runtime, shop) == []
    sendable = await approved(runtime, shop, "live", "notice")
    assert sendable.registration is None
    assert sendable.sender.kind == "sms"


async def test_templates_of_others_are_not_there(runtime: Runtime, shop: Shop) -> None:
    await create(runtime, shop)
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    async with runtime.database.read() as session:
        assert await templates.list_templates(session, other) == []
        with pytest.raises(NotFound) as refused:
            await templates.get(session, other, "order_shipped")
        assert refused.value.code == "unknown_template"
        with pytest.raises(Invalid):
            await templates.approved(session, other, "order_shipped", "live")


async def test_a_list_goes_on_after_an_id(runtime: Runtime, shop: Shop) -> None:
    for code in ("a", "b", "c"):
        await create(runtime, shop, code=code)
    async with runtime.database.read() as session:
        first = await templates.list_templates(session, shop.workspace_id, None, 2)
        rest = await templates.list_templates(session, shop.workspace_id, first[-1].template.id)
    assert [s.template.code for s in (*first, *rest)] == ["a", "b", "c"]

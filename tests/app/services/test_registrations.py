"""Which version is registered where, under which code."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlmodel import col, update

from app.db.models import ProviderAccount, TemplateRegistration
from app.services import registrations as registrations_of
from app.services import senders, templates
from app.services.runtime import Runtime
from channels import registry
from channels.management import CanReview
from channels.vocabulary import ReviewAction
from templates.limits import PROVIDERS
from tests.app.api.shop import NHN, NOTICE, open_shop, registrations
from tests.review_desk import CODE, MENDED, RELAY, Desk, Office, open_office

TEXT = MENDED["content"]
CREDENTIALS = {"solapi": {"api_key": "k", "api_secret": "s"}, "nhn": NHN, "relay": RELAY}


@pytest.fixture
async def office(runtime: Runtime) -> AsyncIterator[Office]:
    async with httpx.AsyncClient() as client:
        yield await open_office(runtime, Desk(), client)


async def stands(office: Office, number: int, **axes: Any) -> None:
    """As reviews would have it."""
    row = await office.row(number)
    async with office.runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration)
            .where(col(TemplateRegistration.id) == row.id)
            .values({"action": "", **axes})
        )


# of the first version: its state, the suffix of the second one's code, whether it is edited
SECOND: list[tuple[dict[str, Any], str, bool]] = [
    ({"inspection": "rejected"}, "", True),
    ({"inspection": "registered"}, "", True),  # withdrawn
    ({"inspection": "in_review"}, "-2", False),
    ({"inspection": "approved", "usage": "normal"}, "-2", False),
    ({"inspection": "rejected", "usage": "normal"}, "-2", False),  # approved once
    ({"inspection": "rejected", "action": "comment"}, "-2", False),
    ({"inspection": "draft", "action": "submit"}, "-2", False),  # perhaps it is there
]


async def test_the_code_of_a_second_version(office: Office) -> None:
    workspace_id = office.shop.workspace_id
    for i, (axes, suffix, edits) in enumerate(SECOND):
        body = NOTICE | {"code": f"t{i}"}
        async with office.runtime.database.write() as tx:
            await templates.create(tx, workspace_id, body, ("sandbox",))
            await tx.session.exec(
                update(TemplateRegistration)
                .where(col(TemplateRegistration.code) == f"t{i}")
                .values({"action": "", **axes})
            )
        async with office.runtime.database.write() as tx:
            body["content"] = TEXT
            stored = await templates.put(tx, workspace_id, f"t{i}", body, ("sandbox",))
        new, old = [version.registered[0].registration for version in stored.versions]
        assert (new.code, new.edits_id) == (f"t{i}{suffix}", old.id if edits else None), axes
        assert (new.action, new.inspection) == ("submit", "draft")
        is_over = edits or old.inspection == "draft"
        assert (old.action == "replaced") is is_over
        assert (old.due_at is None) is is_over


def test_what_providers_offer_is_known_without_credentials() -> None:
    """NHN: no call to withdraw, stop, resume or release (guide of 2026-06)."""
    assert registrations_of.offers("nhn") == {"edit", "comment", "delete"}
    assert registrations_of.offers("relay") == set(ReviewAction)
    assert registrations_of.offers("consult") == registrations_of.offers("fcm") == set()
    for name, provider in registry.PROVIDERS.items():
        if name not in ("consult", "fcm"):
            adapter = registry.build(name, CREDENTIALS[name], httpx.AsyncClient())
            assert isinstance(adapter, CanReview)
            assert adapter.review_actions == provider.review_actions


async def test_a_third_version_takes_over_what_the_second_had_not_edited_yet(
    office: Office,
) -> None:
    await office.create()
    await stands(office, 1, inspection="rejected")
    await office.put(content=TEXT)
    await office.put(content=TEXT + " 고맙습니다.")
    first, second, third = [await office.row(n) for n in (1, 2, 3)]
    assert (first.action, second.action, third.action) == ("replaced", "replaced", "submit")
    assert (third.code, third.edits_id) == (CODE, first.id)


async def test_codes_are_shortened_and_never_taken_twice(office: Office) -> None:
    """Neither another template's code, nor one that a version of it has at the sender."""
    long = "a" * 20
    shop, runtime = office.shop, office.runtime
    async with runtime.database.write() as tx:
        for code in (long, "a" * 18 + "-2"):
            body = NOTICE | {"code": code, "name": code}
            await templates.create(tx, shop.workspace_id, body, ("sandbox",))
    await _approve(office)
    async with runtime.database.write() as tx:
        for text in ("둘", "셋"):
            body = NOTICE | {"code": long, "name": long, "content": text}
            await templates.put(tx, shop.workspace_id, long, body, ("sandbox",))
            await tx.session.exec(update(TemplateRegistration).values(inspection="approved"))
    codes = [row.code for row in await registrations(runtime, shop)]
    assert codes == [long, "a" * 18 + "-2", "a" * 16 + "-2-2", "a" * 18 + "-3"]
    async with runtime.database.write() as tx:  # and a new template respects them, too
        body = NOTICE | {"code": "a" * 18 + "-3", "name": "새"}
        stored = await templates.create(tx, shop.workspace_id, body, ("sandbox",))
    assert stored.registered[0].registration.code == "a" * 18 + "-1"


async def _approve(office: Office) -> None:
    async with office.runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration).values(inspection="approved", usage="normal", action="")
        )


async def test_a_template_goes_where_its_limits_hold(office: Office) -> None:
    async with office.runtime.database.write() as tx:
        await tx.session.exec(update(ProviderAccount).values(state="active"))
    for limits, adapters in (
        ("common", {"nhn", "relay"}),
        ("nhn", {"nhn"}),
        ("relay", {"relay"}),
        ("kakao", {"relay"}),
    ):
        stored = await office.create(limits=limits, code=limits)
        assert {one.account.adapter for one in stored.registered} == adapters


def test_every_row_of_limits_is_somebody_s() -> None:
    known = {name for provider in registry.PROVIDERS.values() for name in provider.limits}
    assert known == set(PROVIDERS)


async def test_a_new_sender_gets_the_newest_submitted_version_under_the_plain_code(
    office: Office,
) -> None:
    await office.create()
    await stands(office, 1, inspection="approved", usage="normal")
    await office.put(content=TEXT)
    await office.put(content="초안", submit=False)
    async with office.runtime.database.write() as tx:
        new = senders.NewSender(kind="alimtalk", value="another")
        sender = await senders.add(tx, office.shop.accounts["relay"], new)
    (row,) = [
        row
        for row in await registrations(office.runtime, office.shop)
        if row.sender_id == sender.id
    ]
    assert (row.code, row.version_id) == (CODE, (await office.get()).versions[1].version.id)


async def test_workspaces_do_not_disturb_each_other(office: Office, runtime: Runtime) -> None:
    await office.create()
    other = await open_shop(runtime, "other")
    async with runtime.database.write() as tx:
        stored = await templates.create(tx, other.workspace_id, NOTICE)
    assert {one.registration.code for one in stored.registered} == {CODE}

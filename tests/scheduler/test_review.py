"""Template reviews: submitted, asked about, noticed; the network outside any transaction."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select, update

from app.db.models import Event, ProviderAccount, TemplateRegistration, TemplateVersion, fields
from app.services import templates
from app.services.runtime import Runtime
from scheduler.review import LEASE, review_due
from tests.app.api.shop import NOTICE, Shop, open_shop, registrations

OK = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
REFUSED = {"resultCode": -2008, "resultMessage": "no such profile", "isSuccessful": False}


@dataclass
class Desk:
    """NHN's template desk: what it says, and what it was asked."""

    template: dict[str, Any] = field(default_factory=lambda: {"status": "TSC02"})
    header: dict[str, Any] = field(default_factory=lambda: dict(OK))
    asked: list[tuple[str, str]] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)
    is_away: bool = False
    runtime: Runtime | None = None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, str(request.url)))
        if self.runtime is not None:  # a store that is locked would never let this through
            async with asyncio.timeout(60), self.runtime.database.write():
                pass
        if self.is_away:
            raise httpx.ReadTimeout("away", request=request)
        if request.method == "POST":
            self.forms.append(json.loads(request.content))
        return httpx.Response(200, json={"header": self.header, "templates": self.template})


@pytest.fixture
async def desk() -> Desk:
    return Desk()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk.answer)) as made:
        yield made


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    """A workspace whose template is to be reviewed in the sandbox."""
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE, ("sandbox",))
    return shop


async def is_due(runtime: Runtime, **more: Any) -> None:
    async with runtime.database.write() as tx:
        values = {"due_at": tx.now - timedelta(seconds=1)} | more
        if "inspection" in more:  # what was to be asked has been asked
            values["action"] = ""
        await tx.session.exec(update(TemplateRegistration).values(values))


async def only(runtime: Runtime, shop: Shop) -> TemplateRegistration:
    (row,) = await registrations(runtime, shop)
    return row


async def said(runtime: Runtime) -> list[tuple[str, dict[str, Any]]]:
    async with runtime.database.read() as session:
        events = await session.exec(select(Event).order_by(col(Event.seq)))
        found = [(event.kind, json.loads(event.data)) for event in events]
    return [one for one in found if one[0].startswith("template.")]


def wait_s(row: TemplateRegistration, before: datetime) -> float:
    assert row.due_at is not None
    return (row.due_at - before).total_seconds()


async def test_from_draft_to_approved(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    desk.runtime = runtime
    assert await review_due(runtime, client) == 1
    row = await only(runtime, shop)
    assert (row.inspection, row.usage) == ("registered", "waiting")
    assert desk.forms[0]["templateContent"] == NOTICE["content"]
    assert desk.asked[0][1].startswith("http://127.0.0.1:8001/nhn/")
    assert "key-shop-sandbox" in desk.asked[0][1]
    async with runtime.database.read() as session:
        version = (await session.exec(select(TemplateVersion))).one()
    assert version.submitted_at is not None

    await is_due(runtime)
    await review_due(runtime, client)
    assert (await only(runtime, shop)).inspection == "in_review"

    desk.template = {"status": "TSC03", "kakaoTemplateCode": "k1"}
    await is_due(runtime)
    await review_due(runtime, client)
    row = await only(runtime, shop)
    assert (row.inspection, row.usage, row.provider_code) == ("approved", "normal", "k1")
    async with runtime.database.read() as session:
        sendable = await templates.approved(session, shop.workspace_id, NOTICE["code"], "sandbox")
    assert sendable.account.id == shop.accounts["sandbox"].id
    kinds = [kind for kind, _ in await said(runtime)]
    words = ("created", "submitted", "registered", "in_review", "approved")
    assert kinds == [f"template.{word}" for word in words]
    assert [method for method, _ in desk.asked] == ["POST", "GET", "GET"]


async def test_nothing_is_asked_before_its_time(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    assert await review_due(runtime, client) == 1
    assert await review_due(runtime, client) == 0
    assert len(desk.asked) == 1


async def test_a_rejection_keeps_the_comments(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    desk.template = {"status": "TSC04", "comments": [{"content": "광고 문구가 있습니다"}]}
    await is_due(runtime, inspection="in_review")
    await review_due(runtime, client)
    row = await only(runtime, shop)
    assert (row.inspection, row.comments[0]["text"]) == ("rejected", "광고 문구가 있습니다")
    kind, data = (await said(runtime))[-1]
    assert (kind, data["code"]) == ("template.rejected", NOTICE["code"])


async def test_what_the_messenger_changes_later_is_noticed_and_told_once(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    desk.template = {"status": "TSC03", "block": True, "dormant": True}
    await is_due(runtime, inspection="approved", usage="normal")
    for _ in range(2):
        await review_due(runtime, client)
        await is_due(runtime)
    row = await only(runtime, shop)
    assert (row.inspection, row.blocked, row.dormant) == ("approved", True, True)
    desk.template = {"status": "TSC03"}
    await review_due(runtime, client)
    kinds = [kind.removeprefix("template.") for kind, _ in await said(runtime)]
    assert kinds[:2] == ["created", "submitted"]
    assert kinds[2:] == ["blocked", "dormant", "unblocked", "released"]


async def test_a_refusal_stays_a_draft_and_is_tried_again_later(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    desk.header = dict(REFUSED)
    before = fields.now()
    for _ in range(2):
        await review_due(runtime, client)
        row = await only(runtime, shop)
        assert (row.inspection, row.error_code) == ("draft", "-2008")
        assert row.error_text == "no such profile"
        assert wait_s(row, before) >= 2
        await is_due(runtime)
    kinds = [kind.removeprefix("template.") for kind, _ in await said(runtime)]
    assert kinds == ["created", "submitted", "trouble"]
    desk.header = dict(OK)
    await review_due(runtime, client)
    row = await only(runtime, shop)
    assert (row.inspection, row.error_code, row.error_text) == ("registered", "", "")


async def test_no_answer_changes_nothing_but_the_time(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    desk.is_away = True
    await is_due(runtime, inspection="approved", usage="normal")
    await review_due(runtime, client)
    row = await only(runtime, shop)
    assert (row.inspection, row.usage, row.error_code) == ("approved", "normal", "no_answer")
    assert row.due_at is not None
    assert row.due_at > fields.now()


async def test_an_account_nobody_answers_for_is_left_after_two_tries(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        for i in range(4):
            body = NOTICE | {"code": f"t{i}"}
            await templates.create(tx, shop.workspace_id, body, ("sandbox",))
    desk.is_away = True
    await review_due(runtime, client)
    assert len({url for _, url in desk.asked}) == 1
    assert len(desk.asked) == 2
    later = [wait_s(row, fields.now()) for row in await registrations(runtime, shop)]
    assert sum(wait > LEASE.total_seconds() / 2 for wait in later) == 3


@pytest.mark.parametrize(
    ("mode", "inspection", "age_s", "least", "most"),
    [
        ("sandbox", "in_review", 0, 2, 3),
        ("sandbox", "in_review", 100, 10, 11),
        ("sandbox", "in_review", 86_400, 30, 31),
        ("sandbox", "approved", 0, 30, 31),
        ("live", "in_review", 0, 60, 61),
        ("live", "in_review", 10_000, 1000, 1001),
        ("live", "in_review", 864_000, 3600, 3601),
        ("live", "approved", 0, 3600, 3601),
    ],
)
async def test_it_is_asked_less_and_less(
    runtime: Runtime,
    client: httpx.AsyncClient,
    desk: Desk,
    shop: Shop,
    mode: str,
    inspection: str,
    age_s: float,
    least: float,
    most: float,
) -> None:
    desk.template = {"status": "TSC03" if inspection == "approved" else "TSC02"}
    async with runtime.database.write() as tx:
        await tx.session.exec(update(ProviderAccount).values(mode=mode))
    before = fields.now()
    await is_due(runtime, inspection="in_review", created_at=before - timedelta(seconds=age_s))
    await review_due(runtime, client)
    row = await only(runtime, shop)
    assert row.inspection == inspection
    assert least <= wait_s(row, before) <= most + 1
    host = "127.0.0.1:8001" if mode == "sandbox" else "kakaotalk-bizmessage.api.nhncloudservice.com"
    assert [url.split("/")[2] for _, url in desk.asked] == [host]


async def test_paused_accounts_are_not_asked(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        await tx.session.exec(update(ProviderAccount).values(state="paused"))
    assert await review_due(runtime, client) == 0
    assert desk.asked == []


async def test_an_account_that_cannot_be_opened_does_not_stop_the_others(
    runtime: Runtime, client: httpx.AsyncClient, desk: Desk, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE)
        await tx.session.exec(
            update(ProviderAccount)
            .where(col(ProviderAccount.id) == shop.accounts["sandbox"].id)
            .values(credentials_sealed=b"damaged")
        )
    assert await review_due(runtime, client) == 2
    by_account = {row.account_id: row for row in await registrations(runtime, shop)}
    assert by_account[shop.accounts["sandbox"].id].error_code == "account_unusable"
    assert by_account[shop.accounts["live"].id].inspection == "registered"

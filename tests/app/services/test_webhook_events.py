"""What of an event is said, and to whom."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from app.db.models import WebhookEndpoint
from app.ids import new_id
from app.services import accounts, webhook_events
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from app.services.template_events import WORDS
from app.services.webhook_events import PAGE, TYPES, follow
from tests.hooks import REFERENCE, Clock, Shop, open_shop

URL = "https://93.184.215.14/hook"
NHN = {"app_key": "ak", "secret_key": "sk", "sms_app_key": "sak", "sms_secret_key": "ssk"}
LEAK = {"to": "01012345678", "text": "비밀"}  # an event that holds more than it should


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


async def follow_all(shop: Shop, endpoint: WebhookEndpoint) -> int:
    """Pages until there are none; how many events were passed."""
    total = 0
    while True:
        async with shop.runtime.database.write() as tx:
            passed = await follow(tx, endpoint.id, Clock().now)
        if not passed:
            return total
        total += passed


async def emit(shop: Shop, kind: str, subject: UUID, **data: Any) -> None:
    async with shop.runtime.database.write() as tx:
        tx.emit(shop.id, kind, subject, **data)


async def said(shop: Shop, endpoint: WebhookEndpoint) -> list[dict[str, Any]]:
    await follow_all(shop, endpoint)
    return [orjson.loads(row.payload) for row in await shop.deliveries(endpoint)]


async def test_of_messages(shop: Shop) -> None:
    endpoint = await shop.endpoint(URL)
    message = await shop.message()
    about = {
        "message_id": str(message.id),
        "reference": REFERENCE,
        "template": "order_shipped",
        "simulated": False,
    }
    await emit(shop, "message.duplicate_delivery", message.id, **LEAK)
    reply = {"what": "button", "thread_id": "t", "chat_message_id": "c", "confidence": "sure"}
    await emit(shop, "reply.received", message.id, **reply, seq=7, **LEAK)
    double, answer = await said(shop, endpoint)
    assert double["type"] == "message.duplicate_delivery"
    assert double["data"] == about | {"sequence": 1}
    assert answer["data"] == about | reply | {"sequence": 2}
    assert set(answer) == {"type", "timestamp", "data"}


async def test_of_templates_accounts_and_webhooks(shop: Shop) -> None:
    endpoint = await shop.endpoint(URL)
    rehearsal = await shop.endpoint(URL, caller=shop.tester)
    new = NewAccount(name="a", adapter="nhn", mode="sandbox", credentials=NHN)
    async with shop.runtime.database.write() as tx:
        account, _ = await accounts.add(tx, shop.runtime, shop.id, new)
        await accounts.pause(tx, shop.id, account.id, "credentials")
        await accounts.resume(tx, shop.id, account.id)
    about = {"account_id": str(account.id), "account": "a", "simulated": True}
    of = {"account_id": str(account.id), "code": "X", "version": 2}
    await emit(shop, "template.approved", shop.template.id, **of, **LEAK)
    await emit(shop, "template.trouble", shop.template.id, **of, error="-3012", **LEAK)
    await emit(shop, "webhook.disabled", endpoint.id, reason="gone", mode="live")
    heard = await said(shop, rehearsal)
    assert [one["type"] for one in heard] == [
        "account.paused",
        "account.resumed",
        "template.approved",
        "template.trouble",
    ]
    assert [{**one["data"], "sequence": 0} for one in heard] == [
        about | {"reason": "credentials", "sequence": 0},
        about | {"sequence": 0},
        about | {"template": "order_shipped", "version": 2, "sequence": 0},
        about | {"template": "order_shipped", "version": 2, "error": "-3012", "sequence": 0},
    ]
    (disabled,) = await said(shop, endpoint)
    assert disabled["data"] == {
        "reason": "gone",
        "webhook_id": str(endpoint.id),
        "simulated": False,
        "sequence": disabled["data"]["sequence"],
    }


async def test_the_filter_the_start_and_other_workspaces(shop: Shop) -> None:
    message = await shop.message()
    await shop.happen(message)  # before anybody listened
    picky = await shop.endpoint(URL, "reply.received")
    other = await open_shop(shop.runtime)
    strange = await other.endpoint(URL)
    await shop.happen(message)
    await emit(shop, "attempt.accepted", message.id)  # not public
    await emit(shop, "reply.received", message.id, what="message")
    assert [one["type"] for one in await said(shop, picky)] == ["reply.received"]
    assert await said(other, strange) == []
    # another workspace's message, named by mistake, is not told of
    await emit(other, "message.status", message.id, status="delivered")
    assert await said(other, strange) == []
    assert (await shop.fresh(strange)).last_event == 1


async def test_what_is_gone_is_passed_over(shop: Shop) -> None:
    endpoint = await shop.endpoint(URL)
    await emit(shop, "message.status", new_id(), status="delivered")
    await emit(shop, "account.paused", new_id(), reason="r")
    await emit(shop, "template.rejected", shop.template.id, account_id=str(new_id()))
    assert await follow_all(shop, endpoint) == 3
    assert await shop.deliveries(endpoint) == []


class Killed(Exception):
    """What ends a transaction before its commit."""


async def follow_and_die(shop: Shop, endpoint: WebhookEndpoint) -> None:
    async with shop.runtime.database.write() as tx:
        assert await follow(tx, endpoint.id, tx.now) == PAGE
        raise Killed


async def test_a_page_that_fails_leaves_nothing(shop: Shop) -> None:
    """The cursor and the deliveries are one commit."""
    endpoint = await shop.endpoint(URL)
    await shop.happen(await shop.message(), PAGE + 1)

    with pytest.raises(Killed):
        await follow_and_die(shop, endpoint)
    assert await shop.deliveries(endpoint) == []
    assert await follow_all(shop, endpoint) == PAGE + 1
    rows = await shop.deliveries(endpoint)
    assert len({row.event_id for row in rows}) == len(rows) == PAGE + 1


async def test_a_disabled_endpoint_stays_where_it_is(shop: Shop) -> None:
    endpoint = await shop.endpoint(URL)
    async with shop.runtime.database.write() as tx:
        row = await tx.session.get(WebhookEndpoint, endpoint.id)
        assert row is not None
        row.state = "disabled"
    await shop.happen(await shop.message())
    assert await follow_all(shop, endpoint) == 0


def test_a_test_event_cannot_be_asked_for() -> None:
    assert webhook_events.TEST not in TYPES


async def test_what_concerns_a_template_as_a_whole_is_told_in_its_modes(shop: Shop) -> None:
    """A test key's work is not told as real; what is deleted is told by its code."""
    live = await shop.endpoint(URL)
    rehearsal = await shop.endpoint(URL, caller=shop.tester)
    of = {"code": "order_shipped", "version": 1, **LEAK}
    await emit(shop, "template.created", new_id(), modes=["sandbox"], **of)
    await emit(shop, "template.deleted", new_id(), modes=["live", "sandbox"], **of)
    about = {"template": "order_shipped", "version": 1, "account_id": None, "account": None}
    (deleted,) = await said(shop, live)
    assert deleted["data"] == about | {"simulated": False, "sequence": 2}
    heard = await said(shop, rehearsal)
    assert [one["type"] for one in heard] == ["template.created", "template.deleted"]
    assert heard[0]["data"] == about | {"simulated": True, "sequence": 1}


def test_every_change_of_a_template_is_public() -> None:
    assert {kind for kind in TYPES if kind.startswith("template.")} == {
        f"template.{word}" for word in WORDS
    }

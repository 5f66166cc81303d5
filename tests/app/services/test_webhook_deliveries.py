"""The log, and sending again."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, update

from app.db.models import WebhookDelivery, WebhookEndpoint
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.services import webhook_deliveries, webhooks
from app.services.runtime import Runtime
from app.services.webhook_events import follow
from tests.hooks import Clock, Shop, open_shop

URL = "https://93.184.215.14/hook"


async def filled(runtime: Runtime, *states: str) -> tuple[Shop, WebhookEndpoint]:
    """An endpoint with deliveries in these states."""
    shop = await open_shop(runtime)
    endpoint = await shop.endpoint(URL)
    await shop.happen(await shop.message(), len(states))
    async with runtime.database.write() as tx:
        await follow(tx, endpoint.id, Clock().now)
    rows = await shop.deliveries(endpoint)
    for row, state in zip(rows, states, strict=True):
        due = row.due_at if state == "waiting" else None
        await change(runtime, row.id, state=state, tries=4, due_at=due)
    return shop, endpoint


async def change(runtime: Runtime, id_: UUID, **values: object) -> None:
    async with runtime.database.write() as tx:
        statement = update(WebhookDelivery).where(col(WebhookDelivery.id) == id_)
        await tx.session.exec(statement.values(**values))


async def test_the_log_is_newest_first_in_pages(runtime: Runtime) -> None:
    shop, endpoint = await filled(runtime, *["delivered"] * 5)
    ids = [row.id for row in await shop.deliveries(endpoint)][::-1]
    async with runtime.database.read() as session:
        first = await webhook_deliveries.log(session, endpoint, None, 3)
        rest = await webhook_deliveries.log(session, endpoint, first[-1].id, 3)
    assert [row.id for row in [*first, *rest]] == ids
    assert len(first) == 3


async def test_one_again(runtime: Runtime) -> None:
    shop, endpoint = await filled(runtime, "delivered", "failed")
    (row, other) = await shop.deliveries(endpoint)
    async with runtime.database.write() as tx:
        await webhook_deliveries.replay(tx, shop.caller, endpoint.id, row.id)
    (again, untouched) = await shop.deliveries(endpoint)
    assert (again.id, again.state, again.tries) == (row.id, "waiting", 0)
    assert again.due_at is not None
    assert untouched == other


@pytest.mark.parametrize(
    ("delivered", "count", "states"),
    [
        (False, 1, ["waiting", "delivered", "waiting"]),
        (True, 2, ["waiting", "waiting", "waiting"]),
    ],
)
async def test_since(runtime: Runtime, delivered: bool, count: int, states: list[str]) -> None:
    shop, endpoint = await filled(runtime, "waiting", "delivered", "failed")
    start = endpoint.created_at
    async with runtime.database.write() as tx:
        later = await webhook_deliveries.replay_since(
            tx, shop.caller, endpoint.id, tx.now + timedelta(hours=1), delivered=True
        )
        replayed = await webhook_deliveries.replay_since(
            tx, shop.caller, endpoint.id, start, delivered=delivered
        )
    assert (later, replayed) == (0, count)
    assert await shop.states(endpoint) == states
    tries = [row.tries for row in await shop.deliveries(endpoint)]
    assert tries[0] == 4  # what waits goes its own way


async def test_what_cannot_be_sent_again(runtime: Runtime) -> None:
    shop, endpoint = await filled(runtime, "failed")
    other, theirs = await filled(runtime, "failed")
    (row,) = await other.deliveries(theirs)
    long_ago = endpoint.created_at - webhook_deliveries.KEPT - timedelta(minutes=1)
    async with runtime.database.write() as tx:
        for id_ in (row.id, new_id()):  # another workspace's, nobody's
            with pytest.raises(NotFound):
                await webhook_deliveries.replay(tx, shop.caller, endpoint.id, id_)
        for caller in (other.caller, shop.tester):
            with pytest.raises(NotFound):
                await webhook_deliveries.send_test(tx, caller, endpoint.id)
        with pytest.raises(Invalid, match="30 days"):
            await webhook_deliveries.replay_since(
                tx, shop.caller, endpoint.id, long_ago, delivered=False
            )
        mine = await webhooks.get(tx.session, shop.caller, endpoint.id)
        await webhooks.disable(tx, mine, "gone")
        with pytest.raises(Refused, match="Enable it first"):
            await webhook_deliveries.send_test(tx, shop.caller, endpoint.id)
    assert await other.states(theirs) == ["failed"]


async def test_a_test_passes_the_filter(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    endpoint = await shop.endpoint(URL, "reply.received")
    async with runtime.database.write() as tx:
        made = await webhook_deliveries.send_test(tx, shop.caller, endpoint.id)
    (row,) = await shop.deliveries(endpoint)
    assert (row.id, row.kind, row.state) == (made.id, "webhook.test", "waiting")

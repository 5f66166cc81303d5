"""Endpoints that refuse, are gone, ask for patience, or fail for days."""

import pytest
from sqlmodel import select

from app.config import Settings
from app.db.models import Event
from app.guard import Guard
from app.services import webhooks
from scheduler.webhooks import STEPS_S, Hooks
from tests.consumer import OK, Consumer, status
from tests.hooks import Clock, Shop, run

HOUR_S = 3600.0


async def test_the_schedule_is_the_specification_s(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock
) -> None:
    """0 s, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h, up to a tenth later; then it has failed."""
    consumer.answer = lambda heard: status(500)
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    await run(hooks)
    for n, wait_s in enumerate(STEPS_S[1:], start=1):
        (row,) = await shop.deliveries(endpoint)
        assert (row.tries, row.state, row.http_status) == (n, "waiting", 500)
        assert row.due_at is not None
        assert wait_s <= (row.due_at - clock.now).total_seconds() <= wait_s * 1.1
        clock.now = row.due_at
        clock.pass_(seconds=-0.01)
        await run(hooks)
        assert len(consumer.heard) == n  # not before its time
        clock.pass_(seconds=0.01)
        await run(hooks)
    assert await shop.states(endpoint) == ["failed"]
    assert len(consumer.heard) == len(STEPS_S)
    assert len(set(consumer.ids)) == 1
    moments = [int(one.headers["webhook-timestamp"]) for one in consumer.heard]
    assert moments == sorted(set(moments))  # each try has its own time
    assert sum(STEPS_S) == (75 * 60 + 35) * 60 + 5


@pytest.mark.parametrize("code", [199, 301, 302, 307, 400, 404, 500, 502, 504])
async def test_only_2xx_is_success(shop: Shop, hooks: Hooks, consumer: Consumer, code: int) -> None:
    """W02: redirects are failures and are not followed."""
    consumer.answer = lambda heard: status(code, f"Location: {consumer.url()}")
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    await run(hooks)
    assert await shop.states(endpoint) == ["waiting"]
    assert consumer.connections == 1


async def test_gone_disables_and_enabling_sends_what_waited(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    consumer.answer = lambda heard: status(410)
    endpoint = await shop.endpoint(consumer.url(), "message.status")
    message = await shop.message()
    await shop.happen(message)
    await run(hooks)
    now = await shop.fresh(endpoint)
    assert (now.state, now.reason) == ("disabled", "gone")
    await shop.happen(message, 2)  # meanwhile
    await run(hooks)
    assert len(consumer.heard) == 1
    async with shop.runtime.database.read() as session:
        kinds = [event.kind for event in await session.exec(select(Event))]
    assert kinds.count("webhook.disabled") == 1
    consumer.answer = lambda heard: OK
    async with shop.runtime.database.write() as tx:
        await webhooks.enable(tx, shop.caller, endpoint.id)
    await run(hooks)
    assert await shop.states(endpoint) == ["delivered"] * 3
    assert consumer.ids[0] in consumer.ids[1:]


@pytest.mark.parametrize(
    ("code", "header", "least_s", "most_s"),
    [
        (429, "Retry-After: 120", 120, 120),
        (503, "Retry-After: 120", 120, 120),
        (429, "Retry-After: 999999999", 3600, 3600),  # bounded: an hour
        (429, "Retry-After: 1", 5, 5.5),  # never sooner than the schedule
        (429, "Retry-After: soon", 5, 5.5),
        (500, "Retry-After: 120", 5, 5.5),
    ],
)
async def test_retry_after_is_honoured_within_bounds(
    shop: Shop,
    hooks: Hooks,
    consumer: Consumer,
    clock: Clock,
    code: int,
    header: str,
    least_s: float,
    most_s: float,
) -> None:
    consumer.answer = lambda heard: status(code, header)
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    await shop.happen(message)
    await run(hooks)
    (row,) = await shop.deliveries(endpoint)
    assert row.due_at is not None
    assert least_s <= (row.due_at - clock.now).total_seconds() <= most_s
    if least_s > 5:  # what is new waits as well
        await shop.happen(message)
        clock.pass_(seconds=least_s - 1)
        await run(hooks)
        assert len(consumer.heard) == 1
        clock.pass_(seconds=1)
        consumer.answer = lambda heard: OK
        await run(hooks)
        assert await shop.states(endpoint) == ["delivered"] * 2


async def test_five_days_of_failures_disable(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock
) -> None:
    consumer.answer = lambda heard: status(500)
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    for _ in range(4 * 5 + 1):
        await shop.happen(message)
        await run(hooks)
        assert (await shop.fresh(endpoint)).state == "active"
        clock.pass_(hours=5.7)
    clock.pass_(hours=1)
    await run(hooks)
    assert (await shop.fresh(endpoint)).reason == "failing"


async def test_one_success_begins_the_five_days_anew(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock
) -> None:
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    for answer in (status(500), status(500), OK, status(500)):
        consumer.answer = lambda heard, answer=answer: answer  # type: ignore[misc]
        await shop.happen(message)
        await run(hooks)
        clock.pass_(hours=48)
    now = await shop.fresh(endpoint)
    assert now.state == "active"
    assert now.failing_since is not None
    assert (clock.now - now.failing_since).total_seconds() == 48 * HOUR_S


async def test_an_address_that_turned_inward_is_not_reached(
    shop: Shop, consumer: Consumer, clock: Clock
) -> None:
    """Stored once, judged at every send; the log says why, and it is tried again later."""
    endpoint = await shop.endpoint("https://hook.example/")

    async def inward(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with Guard(Settings(), resolve=inward) as strict:
        await shop.happen(await shop.message())
        await run(Hooks(shop.runtime, strict, clock))
    (row,) = await shop.deliveries(endpoint)
    assert (row.state, row.tries, row.error) == ("waiting", 1, "no_public_address")
    assert consumer.connections == 0

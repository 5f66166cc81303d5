"""Webhooks leave, arrive, are tried again, and never hold up one another."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, update
from standardwebhooks import WebhookVerificationError

from app.db.models import WebhookDelivery
from app.db.partitions import first_id
from app.guard import Guard
from app.services import webhooks
from scheduler.webhooks import AT_ONCE, LEASE, Hooks, forget
from tests.consumer import OK, Consumer, serving, status
from tests.hooks import REFERENCE, Clock, Shop, run, verify

SOURCES = Path(__file__).parents[2]
ONE_LANE = """
import asyncio
from pathlib import Path
from app.config import Settings
from app.guard import Guard
from app.services.runtime import open_runtime
from scheduler.webhooks import Hooks

async def main():
    settings = Settings(data=Path({folder!r}), database_url="", webhook_allow_local=True)
    async with open_runtime(settings) as runtime, Guard(settings) as guard:
        hooks = Hooks(runtime, guard)
        while True:
            await hooks.turn()
            await asyncio.sleep(0.01)

asyncio.run(main())
"""


async def test_an_event_arrives_signed_and_says_nothing_personal(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    await shop.happen(message)
    await run(hooks)
    (heard,) = consumer.heard
    payload = verify(shop.secrets[endpoint.id], heard)
    (row,) = await shop.deliveries(endpoint)
    assert heard.headers["webhook-id"] == str(row.id)
    assert heard.headers["content-type"] == "application/json"
    assert payload["type"] == "message.status"
    assert payload["data"] == {
        "message_id": str(message.id),
        "status": "delivered",
        "reason": None,
        "reference": REFERENCE,
        "template": "order_shipped",
        "simulated": False,
        "sequence": 1,
    }
    assert (row.state, row.tries, row.http_status, row.due_at) == ("delivered", 1, 200, None)


async def test_a_forged_request_does_not_verify(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    """The receiving check of these tests can fail."""
    await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    await run(hooks)
    with pytest.raises(WebhookVerificationError):
        verify("whsec_" + "QUJD" * 8, consumer.heard[0])


async def test_both_secrets_sign_for_a_day(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock
) -> None:
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    async with shop.runtime.database.write() as tx:
        _, new = await webhooks.rotate(tx, shop.runtime.sealer, shop.caller, endpoint.id)
    old = shop.secrets[endpoint.id]
    for passed_h, old_counts in ((0, True), (23, True), (2, False)):
        clock.pass_(hours=passed_h)
        await shop.happen(message)
        await run(hooks)
        verify(new, consumer.heard[-1])
        if old_counts:
            verify(old, consumer.heard[-1])
        else:
            with pytest.raises(WebhookVerificationError):
                verify(old, consumer.heard[-1])


async def test_pages_of_events_become_one_delivery_each(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    """More than a page, in one commit and in several; a second worker adds nothing."""
    endpoint = await shop.endpoint(consumer.url())
    message = await shop.message()
    await shop.happen(message, 450)
    await shop.happen(message, 3)
    while await hooks.turn():
        pass
    assert len(await shop.deliveries(endpoint)) == 453
    assert (await shop.fresh(endpoint)).last_event == 453
    assert await hooks.turn() is False
    hooks.stopping = True
    await asyncio.gather(*hooks.lanes.values())


@pytest.mark.long
async def test_down_for_a_day_everything_arrives_afterwards(
    shop: Shop, hooks: Hooks, clock: Clock
) -> None:
    """W01: in virtual time; the other endpoint hears everything at once, all the while."""
    down, up = Consumer(answer=lambda heard: status(503)), Consumer()
    async with serving(down), serving(up):
        broken = await shop.endpoint(down.url())
        whole = await shop.endpoint(up.url())
        message = await shop.message()
        for hour in range(24):
            await shop.happen(message, 2)
            await run(hooks)
            assert len(up.heard) == 2 * (hour + 1)
            clock.pass_(hours=1)
        assert "delivered" not in await shop.states(broken)
        down.answer = lambda heard: OK
        down.heard.clear()
        for _ in range(36):
            clock.pass_(hours=1)
            await run(hooks)
        assert await shop.states(broken) == ["delivered"] * 48
        assert len(down.ids) == len(set(down.ids)) == 48
        told = [verify(shop.secrets[broken.id], heard)["data"]["sequence"] for heard in down.heard]
        assert sorted(told) == list(range(1, 49)), "each event once, with its place in the order"
        assert await shop.states(whole) == ["delivered"] * 48
        assert {row.tries for row in await shop.deliveries(whole)} == {1}


async def test_a_slow_endpoint_holds_up_nobody_else(shop: Shop, hooks: Hooks) -> None:
    """W02: it waits for itself only."""
    gate = asyncio.Event()
    slow, quick = Consumer(gate=gate), Consumer()
    async with serving(slow), serving(quick):
        await shop.endpoint(slow.url())
        fine = await shop.endpoint(quick.url())
        message = await shop.message()
        await shop.happen(message, 2 * AT_ONCE + 1)
        async with asyncio.timeout(60):  # the slow one's requests would end after 120 s
            while len(quick.heard) < 2 * AT_ONCE + 1:
                await hooks.turn()
                await asyncio.sleep(0.01)
        assert slow.most_busy == AT_ONCE  # never more at once at one endpoint
        gate.set()
        await hooks.stop()
        assert await shop.states(fine) == ["delivered"] * (2 * AT_ONCE + 1)


async def test_a_lost_lease_is_taken_over_and_its_late_word_ignored(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock, client: Guard
) -> None:
    """A paused worker: the next one sends again under the same id, the first settles nothing."""
    first = consumer.gate = asyncio.Event()
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    await hooks.turn()
    await consumer.something.wait()
    consumer.gate = None  # only the first request waits
    (before,) = await shop.deliveries(endpoint)
    later = Clock(clock.now + LEASE)
    consumer.answer = lambda heard: status(500)  # both get it; only the second may note it
    second = Hooks(shop.runtime, client, later)
    await run(second)
    first.set()
    await hooks.stop()
    (row,) = await shop.deliveries(endpoint)
    assert consumer.ids == [str(before.id)] * 2
    assert (row.tries, row.state) == (1, "waiting")


async def test_a_test_key_s_endpoint_hears_simulated_events_only(shop: Shop, hooks: Hooks) -> None:
    real, rehearsal = Consumer(), Consumer()
    async with serving(real), serving(rehearsal):
        await shop.endpoint(real.url())
        await shop.endpoint(rehearsal.url(), caller=shop.tester)
        live, simulated = await shop.message("live"), await shop.message("sandbox")
        await shop.happen(live)
        await shop.happen(simulated)
        await run(hooks)
    assert [live.id.hex in one.body.decode().replace("-", "") for one in real.heard] == [True]
    assert b'"simulated":true' in rehearsal.heard[0].body
    assert len(rehearsal.heard) == 1


async def test_an_endpoint_removed_while_it_is_sent_to(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    consumer.hangs_s = 0.2
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    await hooks.turn()
    await consumer.something.wait()
    async with shop.runtime.database.write() as tx:
        await webhooks.remove(tx, shop.caller, endpoint.id)
    await hooks.stop()
    assert await shop.deliveries(endpoint) == []


async def test_killed_between_sending_and_settling_the_same_id_comes_again(
    shop: Shop, hooks: Hooks, consumer: Consumer, clock: Clock
) -> None:
    """K12: a real process, killed after the consumer's 200."""
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message())
    code = ONE_LANE.format(folder=str(shop.runtime.settings.data))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), cwd=SOURCES, env={**os.environ, "NARU_CRASH_AT": "K12"}
    )
    assert await process.wait() == -signal.SIGKILL
    (row,) = await shop.deliveries(endpoint)
    assert (row.state, row.tries, len(consumer.heard)) == ("waiting", 0, 1)
    await run(hooks)
    assert len(consumer.heard) == 1  # the lease of the dead is not over yet
    clock.pass_(seconds=LEASE.total_seconds())
    await run(hooks)
    assert consumer.ids == [str(row.id)] * 2
    assert consumer.heard[0].body == consumer.heard[1].body
    assert await shop.states(endpoint) == ["delivered"]


async def test_old_entries_are_forgotten_and_waiting_ones_kept(
    shop: Shop, hooks: Hooks, consumer: Consumer
) -> None:
    endpoint = await shop.endpoint(consumer.url())
    await shop.happen(await shop.message(), 3)
    await run(hooks)
    old, waiting, young = await shop.deliveries(endpoint)
    async with shop.runtime.database.write() as tx:
        for n, row in enumerate((old, waiting)):
            aged = first_id(tx.now - timedelta(days=31, seconds=n))
            state = "delivered" if row is old else "waiting"
            await tx.session.exec(
                update(WebhookDelivery)
                .where(col(WebhookDelivery.id) == row.id)
                .values(id=aged, state=state)
            )
    await forget(shop.runtime)
    left = await shop.deliveries(endpoint)
    assert [row.state for row in left] == ["waiting", "delivered"]
    assert left[1].id == young.id


async def test_no_secret_and_no_address_is_logged(
    shop: Shop,
    hooks: Hooks,
    consumer: Consumer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    endpoint = await shop.endpoint(consumer.url() + "?token=planted")
    await shop.happen(await shop.message())
    await run(hooks)
    async with shop.runtime.database.write() as tx:
        row = await tx.session.get(type(endpoint), endpoint.id)
        assert row is not None
        row.secret_sealed = b"damaged"
    await shop.happen(await shop.message())
    await run(hooks)
    said = "".join(capsys.readouterr()) + caplog.text
    assert "webhook cannot be opened" in said
    assert "planted" not in said
    assert shop.secrets[endpoint.id].removeprefix("whsec_") not in said
    assert shop.secrets[endpoint.id] not in repr((endpoint, hooks.guard))
    rows = await shop.deliveries(endpoint)
    assert [row.error for row in rows] == ["", "unsealable"]

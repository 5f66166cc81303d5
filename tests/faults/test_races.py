"""Two at once, and one of both wins: workers, equal requests, cancel against dispatch."""

import asyncio
import os
from collections import Counter
from uuid import UUID

import httpx
import pytest

from app.config import Settings
from app.db.models import Message
from app.errors import Refused
from app.ids import new_id
from app.services.cancel import cancel
from app.services.runtime import Runtime, open_runtime
from scheduler.dispatch import Lane
from tests.app.api.shop import Shop, bearer
from tests.engine import Provider, engine
from tests.faults.shop import BODY, count, serving

NUMBERS = [f"0101234{i:04d}" for i in range(40)]
ROUNDS = int(os.environ.get("NARU_TEST_ROUNDS", "2"))
AT_ONCE = 200
REPLAYED = "Idempotent-Replayed"


async def test_two_workers_of_one_account(app_settings: Settings, runtime: Runtime) -> None:
    """C01: as two processes see one store: a lot is one worker's, a message leaves once."""
    eng = await engine(runtime, Provider(batch=3))
    async with open_runtime(app_settings) as second:
        other = Lane(second, eng.account, eng.provider, new_id())

        async def work(lane: Lane) -> int:
            turns = 0
            while await lane.turn():
                turns += 1
            return turns

        for number in NUMBERS:
            await eng.accept(number)
        turns = await asyncio.gather(work(eng.lane), work(other))
    assert sum(turns) > 0
    assert eng.provider.people == Counter(NUMBERS)


async def test_cancel_against_dispatch(app_settings: Settings, runtime: Runtime) -> None:
    """C04: from another process; either cancelled and never sent, or told that it is too late."""
    eng = await engine(runtime, Provider(batch=4))
    ids = await eng.accept(*NUMBERS)

    async def stop(at: Runtime, message_id: UUID) -> bool:
        try:
            async with at.database.write() as tx:
                await cancel(tx, eng.caller, message_id)
        except Refused:  # too_late
            return False
        return True

    async with open_runtime(app_settings) as second:
        stopped, _ = await asyncio.gather(
            asyncio.gather(*(stop(second, id_) for id_ in reversed(ids))), eng.run()
        )
    sent = Counter(n for n, was in zip(NUMBERS, reversed(stopped), strict=True) if not was)
    assert eng.provider.people == sent
    for id_, was in zip(ids, reversed(stopped), strict=True):
        (attempt,) = await eng.attempts(id_)
        shown = (await eng.message(id_)).status, attempt.status
        assert shown == (("cancelled", "cancelled") if was else ("sent", "accepted"))


@pytest.mark.long
@pytest.mark.timeout(60 + 20 * ROUNDS)
async def test_equal_requests_at_once(
    runtime: Runtime, shop: Shop, client: httpx.AsyncClient
) -> None:
    """C03: 200 at once under one key make one message; another body is refused.

    ``NARU_TEST_ROUNDS=100`` for the long form.
    """

    async def post(key: str, to: str) -> httpx.Response:
        headers = {**bearer(shop.keys["test"]), "Idempotency-Key": key}
        return await client.post("/v1/messages", json={**BODY, "to": to}, headers=headers)

    for turn in range(ROUNDS):
        key, to, other = f"order-{turn}", "010-1234-5678", "010-1234-9999"
        answers = await asyncio.gather(*(post(key, to) for _ in range(AT_ONCE)))
        made = {a.text for a in answers if a.status_code == 202}
        assert len(made) == 1, "all who hear 202 hear the same"
        refused = {(a.status_code, a.json()["code"]) for a in answers if a.status_code != 202}
        assert refused <= {(409, "idempotency_key_in_use")}
        first = [a for a in answers if a.status_code == 202 and REPLAYED not in a.headers]
        assert len(first) == 1
        assert await count(runtime, Message) == turn + 1
        another = await asyncio.gather(*(post(key, other) for _ in range(5)))
        assert {(a.status_code, a.json()["code"]) for a in another} == {
            (422, "idempotency_key_reused")
        }
    assert await count(runtime, Message) == ROUNDS


async def test_equal_requests_of_two_processes(
    app_settings: Settings, runtime: Runtime, shop: Shop, client: httpx.AsyncClient
) -> None:
    """C03: two applications on one store get the same key at the same moment."""
    headers = {**bearer(shop.keys["test"]), "Idempotency-Key": "order-7"}
    async with serving(app_settings) as (_, other):
        answers = await asyncio.gather(
            *(
                asking.post("/v1/messages", json=BODY, headers=headers)
                for _ in range(50)
                for asking in (client, other)
            )
        )
    made = {a.text for a in answers if a.status_code == 202}
    assert len(made) == 1
    assert {a.status_code for a in answers} <= {202, 409}
    assert await count(runtime, Message) == 1

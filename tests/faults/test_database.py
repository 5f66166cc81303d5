"""PostgreSQL goes away, loses the answer to a COMMIT, ends a deadlock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db.models import Message, Workspace
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import Unavailable
from app.services import batch
from app.services.accept import Accepted
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage, Prepared, prepare
from app.services.runtime import Runtime, open_runtime
from app.services.settle import settle
from channels.contract import Answer, Call
from scheduler.recovery import look_up_unknown, recover_leases
from scheduler.worker import SchedulerWorker
from tests.app.api.shop import Shop, bearer
from tests.engine import FORM, Engine, engine, past_due
from tests.faults.proxy import Proxy, proxied
from tests.faults.shop import BODY, approved_shop, count, serving

NUMBERS = [f"0101234{i:04d}" for i in range(30)]


@pytest.fixture
def direct(tmp_path: Path, postgres: str) -> Settings:
    """The store without the proxy: how a test looks at it."""
    return Settings(data=tmp_path / "var", database_url=postgres)


@pytest.fixture
async def way(direct: Settings) -> AsyncIterator[tuple[Settings, Proxy]]:
    """The same store by way of a proxy."""
    async with proxied(direct.database) as (url, proxy):
        yield direct.model_copy(update={"database_url": url}), proxy


@pytest.fixture
async def runtime(way: tuple[Settings, Proxy]) -> AsyncIterator[Runtime]:
    async with open_runtime(way[0]) as opened:
        yield opened


async def prepared(eng: Engine, i: int, key: str | None = None) -> Prepared:
    new = NewMessage(FORM["code"], NUMBERS[i], {"주문번호": f"A-{i}"})
    return await prepare(eng.runtime, Catalogue(eng.runtime), eng.caller, new, clock(), key=key)


@pytest.mark.long
async def test_stopped_and_started_again(runtime: Runtime, way: tuple[Settings, Proxy]) -> None:
    """B01: callers hear 503, nothing is sent twice, the scheduler goes on by itself."""
    settings, proxy = way
    shop: Shop = await approved_shop(runtime)
    eng = await engine(runtime)
    await eng.accept(*NUMBERS)
    headers = bearer(shop.keys["test"])
    callback = f"/callbacks/nhn/{shop.accounts['sandbox'].id}/{shop.secrets['sandbox']}"
    async with serving(settings) as (_, client), httpx.AsyncClient(trust_env=False) as nobody:
        assert (await client.post("/v1/messages", json=BODY, headers=headers)).is_success
        proxy.down()
        worker = SchedulerWorker(runtime, nobody)
        working = asyncio.create_task(worker.loop("lane", eng.lane.turn))
        for answer in (
            await client.post("/v1/messages", json=BODY, headers=headers),
            await client.get("/v1/messages", headers=headers),
            await client.post(callback, content=b"{}"),
        ):
            assert answer.status_code == 503
            assert answer.json()["code"] in ("database_unavailable", "store_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        await asyncio.sleep(0.2)
        assert not working.done()
        assert eng.provider.calls == []
        proxy.up()
        async with asyncio.timeout(15):
            while True:
                again = await client.post("/v1/messages", json=BODY, headers=headers)
                if again.is_success and sum(eng.provider.people.values()) == len(NUMBERS):
                    break
                await asyncio.sleep(0.05)
        worker.stopping.set()
        await working
    assert eng.provider.people == Counter(NUMBERS)


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("keys", [None, "order"])
@pytest.mark.parametrize("group", [1, 3])
async def test_the_answer_to_a_commit_is_lost(
    runtime: Runtime, way: tuple[Settings, Proxy], cut: str, keys: str | None, group: int
) -> None:
    """B02: what happened is read again; a caller hears 202 only for what is stored, once."""
    eng = await engine(runtime)
    rows = [await prepared(eng, i, keys and f"{keys}-{i}") for i in range(group)]
    loop = asyncio.get_running_loop()
    waiting: list[tuple[Prepared, asyncio.Future[Accepted]]] = [
        (row, loop.create_future()) for row in rows
    ]
    way[1].cut = cut
    await eng.acceptor._flush(waiting)
    assert way[1].cut == "", "nothing was cut: nothing was tested"
    heard = await asyncio.gather(*(f for _, f in waiting), return_exceptions=True)
    told = [one for one in heard if isinstance(one, Accepted)]
    assert len(told) == await count(runtime, Message)
    if cut == "before":
        assert all(isinstance(one, Unavailable) and one.retry_after_s for one in heard)
        for i in range(group):
            again = await eng.acceptor.accept(await prepared(eng, i, keys and f"{keys}-{i}"))
            assert again.replayed is False
    else:
        assert [one.replayed for one in told] == [False] * group
    assert await count(runtime, Message) == group
    await eng.run()
    assert eng.provider.people == Counter(NUMBERS[:group])


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_the_answer_to_the_commit_of_a_batch_is_lost(
    runtime: Runtime, way: tuple[Settings, Proxy], cut: str
) -> None:
    """B02: all of a batch or none, and the caller hears which."""
    eng = await engine(runtime)
    new = [NewMessage(FORM["code"], n, {"주문번호": "1"}) for n in NUMBERS]
    catalogue = Catalogue(runtime)
    way[1].cut = cut
    if cut == "after":
        accepted = await batch.accept(runtime, catalogue, eng.caller, new, clock())
        assert accepted.response["accepted"] == len(NUMBERS)
    else:
        with pytest.raises(Unavailable):
            await batch.accept(runtime, catalogue, eng.caller, new, clock())
    assert await count(runtime, Message) == (len(NUMBERS) if cut == "after" else 0)


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("commit", ["claim", "open", "settle"])
async def test_the_scheduler_loses_the_answer_to_a_commit(
    runtime: Runtime, way: tuple[Settings, Proxy], monkeypatch: pytest.MonkeyPatch,
    cut: str, commit: str,
) -> None:  # fmt: skip
    """B02: at every commit of a message's way; nothing is lost and nothing leaves twice."""
    eng, proxy = await engine(runtime), way[1]
    ids = await eng.accept(*NUMBERS[:3])
    send, claim = eng.provider.send, eng.lane._claim

    async def cut_settle(call: Call) -> Answer:
        answer = await send(call)
        proxy.cut = cut
        return answer

    async def cut_open(priority: int) -> Any:
        claimed = await claim(priority)
        if claimed:
            proxy.cut = cut
        return claimed

    with monkeypatch.context() as patch:
        if commit == "settle":
            patch.setattr(eng.provider, "send", cut_settle)
        elif commit == "open":
            patch.setattr(eng.lane, "_claim", cut_open)
        else:
            proxy.cut = cut
        with pytest.raises((SQLAlchemyError, BaseExceptionGroup)):
            await eng.lane.turn()
    assert proxy.cut == ""
    for _ in range(2):
        await past_due(eng)
        async with runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
        await recover_leases(runtime, eng.lanes)
        await past_due(eng)
        await look_up_unknown(runtime, eng.lanes)
        await eng.run()
    assert eng.provider.people == Counter(NUMBERS[:3])
    assert {(await eng.message(i)).status for i in ids} == {"sent"}


async def hold_and_want(runtime: Runtime, eng: Engine, held: asyncio.Event) -> None:
    """Take a workspace's event counter, then a lot: the other way round than settle does."""
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("SET LOCAL deadlock_timeout = '20s'")  # not the one to die
        await tx.conn.exec_driver_sql(
            "SELECT 1 FROM workspace_counter WHERE workspace_id = $1 FOR UPDATE",
            (eng.workspace_id,),
        )
        held.set()
        await asyncio.sleep(0.5)
        await tx.conn.exec_driver_sql("SELECT 1 FROM lot FOR UPDATE")


async def test_a_deadlock_is_done_again(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """B03: the provider's answer is written in a second transaction, not lost with the first."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBERS[0])
    send, held = eng.provider.send, asyncio.Event()
    others: list[asyncio.Task[None]] = []

    async def send_into_a_deadlock(call: Call) -> Answer:
        answer = await send(call)
        others.append(asyncio.create_task(hold_and_want(runtime, eng, held)))
        await held.wait()
        return answer

    tries = 0

    async def counted(*given: Any) -> None:
        nonlocal tries
        tries += 1
        await settle(*given)

    monkeypatch.setattr("scheduler.sending.settle", counted)
    monkeypatch.setattr(eng.provider, "send", send_into_a_deadlock)
    await eng.lane.turn()
    await others[0]
    assert (await eng.message(id_)).status == "sent", "at once, without a look-up"
    assert tries == 2, "the first died in the deadlock"
    assert len(eng.provider.calls) == 1


@pytest.mark.parametrize("deadlocks", [4, 5])
async def test_a_deadlock_is_done_again_five_times_at_most(
    runtime: Runtime, deadlocks: int
) -> None:
    """B03: then it is an error like any other; nothing of the tries is left."""
    tries = 0

    async def work(tx: Tx) -> int:
        nonlocal tries
        tries += 1
        tx.session.add(Workspace(name="once"))
        await tx.session.flush()
        if tries <= deadlocks:
            await tx.conn.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'serialization_failure'; END $$"
            )
        return tries

    if deadlocks == 4:
        assert await runtime.database.transact(work) == 5
    else:
        with pytest.raises(SQLAlchemyError):
            await runtime.database.transact(work)
    assert tries == 5
    assert await count(runtime, Workspace) == (1 if deadlocks == 4 else 0)

"""Whole processes: a list whose sender is killed, a scheduler told to stop, one that is frozen."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import httpx
import orjson
import pytest
from sqlmodel import col, select

from app.config import Settings
from app.db.models import Lot, Message, Worker
from app.services.runtime import Runtime
from scheduler.recovery import look_up_unknown, recover_leases
from tests.app.api.shop import Shop, bearer
from tests.channels.sockets import serving, write
from tests.engine import engine, past_due
from tests.faults.shop import BODY, count
from tests.faults.witness import SOURCES, Witness, ledger_of, start

pytestmark = pytest.mark.long  # kills of real processes take their time

ROWS = 300
HEAD = {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}


@pytest.mark.long
async def test_killed_in_the_middle_of_a_list(runtime: Runtime, shop: Shop, tmp_path: Path) -> None:
    """K09: SIGKILL of the sender; the same command again, and every row is one message."""
    path = tmp_path / "list.csv"
    rows = [f"0101234{i:04d},손님 {i},책,R-{i}" for i in range(ROWS)]
    path.write_text("\n".join(["to,이름,상품,reference", *rows]) + "\n", "utf-8")
    dying = await start(runtime.settings, "mail", shop.keys["test"], str(path))
    while await count(runtime, Message) < 20:
        assert dying.returncode is None
        await asyncio.sleep(0.005)
    dying.kill()
    assert await dying.wait() == -signal.SIGKILL
    assert await count(runtime, Message) < ROWS
    again = await start(runtime.settings, "mail", shop.keys["test"], str(path))
    assert await again.wait() == 0
    async with runtime.database.read() as session:
        references = Counter(await session.exec(select(col(Message.reference))))
    assert references == Counter(f"R-{i}" for i in range(ROWS))


def accepted(request: bytes) -> bytes:
    """NHN's answer to a request, as bytes of HTTP."""
    asked = orjson.loads(request.partition(b"\r\n\r\n")[2] or b"{}")
    results = [
        {"recipientSeq": n, "recipientNo": one["recipientNo"], "resultCode": 0,
         "recipientGroupingKey": one["recipientGroupingKey"]}
        for n, one in enumerate(asked.get("recipientList", []), 1)
    ]  # fmt: skip
    body = orjson.dumps({"header": HEAD, "message": {"requestId": "R1", "sendResults": results}})
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_told_to_stop_while_it_sends(
    app_settings: Settings, runtime: Runtime, shop: Shop, client: httpx.AsyncClient
) -> None:
    """K14: SIGTERM; what is under way is finished and written, nothing new is begun."""
    taken = asyncio.Event()

    async def slow(number: int, writer: asyncio.StreamWriter) -> bool:
        if b"/raw-messages" in seen.requests[number - 1]:
            taken.set()
            await asyncio.sleep(1.0)
        await write(writer, accepted(seen.requests[number - 1]))
        return True

    async def post() -> str:
        answer = await client.post("/v1/messages", json=BODY, headers=bearer(shop.keys["test"]))
        return str(answer.json()["id"])

    async def status(id_: str) -> str:
        answer = await client.get(f"/v1/messages/{id_}", headers=bearer(shop.keys["test"]))
        return str(answer.json()["status"])

    async with serving(slow) as seen:
        first = await post()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scheduler"),
            cwd=SOURCES,
            env={
                **os.environ,
                "NARU_DATA": str(app_settings.data),
                "NARU_DATABASE_URL": app_settings.database_url,
                "NARU_SANDBOX_URL": f"http://127.0.0.1:{seen.port}",
            },
        )
        async with asyncio.timeout(20):
            await taken.wait()
        second = await post()
        process.terminate()
        assert await process.wait() == 0
        sent = [r for r in seen.requests if b"/raw-messages" in r]
    assert len(sent) == 1
    assert (await status(first), await status(second)) == ("sent", "queued")
    async with runtime.database.read() as session:
        states = set(await session.exec(select(Lot.state)))
    assert states == {"done", "ready"}, "no lease is left to run out"
    assert await count(runtime, Worker) == 0


async def test_frozen_beyond_its_lease(runtime: Runtime) -> None:
    """C02: SIGSTOP while it sends, resumed when another has taken over: its late word is refused.

    Its request was out already; the new owner asked instead of sending again (R4, R5).
    """
    witness = Witness(ledger=ledger_of(runtime.settings))
    eng = await engine(runtime, witness)
    (id_,) = await eng.accept("01012340001")
    frozen = await start(runtime.settings, "turn", "accepts", "0.3")
    while not witness.read().people:
        assert frozen.returncode is None
        await asyncio.sleep(0.005)
    frozen.send_signal(signal.SIGSTOP)
    await past_due(eng)
    await recover_leases(runtime, eng.lanes)
    assert (await eng.message(id_)).status == "unknown"
    frozen.send_signal(signal.SIGCONT)
    assert await frozen.wait() == 0
    (attempt,) = await eng.attempts(id_)
    assert attempt.status == "unknown", "the fence refuses what the frozen one had to say"
    await past_due(eng)
    await look_up_unknown(runtime, eng.lanes)
    await eng.run()
    assert (await eng.message(id_)).status == "sent"
    assert witness.read().people == Counter(["01012340001"])

"""SIGKILL of a scheduler at every point of a message's way: nothing lost, nothing sent twice."""

import asyncio
import hashlib
import signal
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.config import Settings
from app.db.models import Call, Event, Lot, ReceiptInbox
from app.db.models.fields import now as clock
from app.ids import new_id, to_ref
from app.services import callbacks
from app.services.runtime import Runtime
from channels.contract import Callback
from scheduler.recovery import look_up_unknown, recover_leases
from scheduler.results import apply_inbox
from tests.engine import Engine, engine, past_due
from tests.faults.witness import ANSWERS, Witness, ledger_of, start

pytestmark = pytest.mark.long  # kills of real processes take their time

NUMBERS = ["01012340001", "01012340002", "01012340003"]


async def open_engine(runtime: Runtime, answer: str = "accepts") -> tuple[Engine, Witness]:
    """An engine whose provider remembers what other processes sent."""
    witness = Witness(ledger=ledger_of(runtime.settings), answer=ANSWERS[answer])
    return await engine(runtime, witness), witness


async def kill(settings: Settings, scene: str, *words: str, at: str = "") -> None:
    """Play a scene to its deadly end; ``at`` names a crash point."""
    process = await start(settings, scene, *words, crash_at=at)
    assert await process.wait() == -signal.SIGKILL


async def recover(eng: Engine) -> None:
    """What the next scheduler does, its waits over."""
    for _ in range(2):
        await past_due(eng)
        async with eng.runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
        await recover_leases(eng.runtime, eng.lanes)
        await past_due(eng)
        await look_up_unknown(eng.runtime, eng.lanes)
        await eng.run()


async def kinds(runtime: Runtime) -> Counter[str]:
    """What the timelines tell, all messages together."""
    async with runtime.database.read() as session:
        return Counter(await session.exec(select(Event.kind)))


@pytest.mark.parametrize(
    ("point", "statuses", "left", "calls"),
    [
        ("K03", {"queued"}, 0, 0),  # K03: claimed, no call
        ("K04", {"sending"}, 0, 1),  # K04: its row is committed, no byte has left
        ("K05", {"sending"}, 3, 1),  # K05: bytes have left, no answer yet
        ("K06", {"sending"}, 3, 1),  # K06: answered, not written
    ],
)
async def test_killed_while_it_sends(
    runtime: Runtime, point: str, statuses: set[str], left: int, calls: int
) -> None:
    """K03, K04, K05, K06: a real process; then the ledger holds each message once."""
    eng, witness = await open_engine(runtime)
    ids = await eng.accept(*NUMBERS)
    wait_s = "5" if point == "K05" else "0"
    await kill(runtime.settings, "turn", "accepts", wait_s, at=point)
    assert {(await eng.attempts(i))[0].status for i in ids} == statuses
    assert sum(witness.read().people.values()) == left
    async with runtime.database.read() as session:
        open_calls = list(await session.exec(select(Call).where(col(Call.ended_at).is_(None))))
        leased = list(await session.exec(select(Lot).where(col(Lot.state) == "leased")))
    assert (len(open_calls), len(leased)) == (calls, 1)
    await recover(eng)
    assert witness.read().people == Counter(NUMBERS)
    assert max(witness.taken.values()) == 1
    assert {(await eng.message(i)).status for i in ids} == {"sent"}


async def test_killed_between_a_state_and_its_event(runtime: Runtime) -> None:
    """K07: both are written and not committed; neither is there, and both come later, once."""
    eng, witness = await open_engine(runtime)
    ids = await eng.accept(*NUMBERS)
    await kill(runtime.settings, "turn", "accepts", "0", "attempt.accepted")
    assert {(await eng.attempts(i))[0].status for i in ids} == {"sending"}
    assert (await kinds(runtime))["attempt.accepted"] == 0
    await recover(eng)
    assert (await kinds(runtime))["attempt.accepted"] == len(NUMBERS)
    assert witness.read().people == Counter(NUMBERS)


async def test_killed_while_the_next_step_is_made(runtime: Runtime) -> None:
    """K08: refused at the messenger, dead while the SMS is queued; one SMS each (R7)."""
    eng, witness = await open_engine(runtime)
    ids = await eng.accept(*NUMBERS)
    await kill(runtime.settings, "turn", "refuses", "0", "message.step")
    assert (await kinds(runtime))["message.step"] == 0
    for id_ in ids:
        assert [(a.step, a.status) for a in await eng.attempts(id_)] == [(0, "sending")]
    await recover(eng)
    for id_ in ids:
        tries = [(a.channel, a.status) for a in await eng.attempts(id_)]
        assert tries == [("alimtalk", "rejected"), ("sms", "accepted")]
    assert witness.read().people == Counter(NUMBERS)
    assert (await kinds(runtime))["message.step"] == len(NUMBERS)


async def put_in_inbox(eng: Engine, body: bytes) -> None:
    """A callback that was answered with 200."""
    row, callback = new_id(), Callback("", {}, body)
    sealed = callbacks.seal(eng.runtime.sealer, callbacks.RECEIPTS, eng.workspace_id, row, callback)
    async with eng.runtime.database.write() as tx:
        tx.session.add(
            ReceiptInbox(
                id=row,
                workspace_id=eng.workspace_id,
                account_id=eng.account.id,
                kind="",
                body_hash=hashlib.sha256(body).digest(),
                sealed=sealed,
                due_at=tx.now,
            )
        )


async def test_killed_while_a_receipt_is_applied(runtime: Runtime) -> None:
    """K11: it is in the inbox, dead while it is applied; the next scheduler applies it, once."""
    eng, _ = await open_engine(runtime)
    (id_,) = await eng.accept(NUMBERS[0])
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    await put_in_inbox(eng, to_ref(attempt.id).encode())
    await kill(runtime.settings, "apply receipts")
    assert (await eng.message(id_)).status == "sent"
    assert await apply_inbox(runtime, eng.lanes) == 1
    assert (await eng.message(id_)).status == "delivered"
    assert await apply_inbox(runtime, eng.lanes) == 0
    assert (await kinds(runtime))["attempt.delivered"] == 1


async def test_two_schedulers_and_one_is_killed(runtime: Runtime) -> None:
    """K10: started twice, planned times missed meanwhile; each message leaves once."""
    eng, witness = await open_engine(runtime)
    numbers = [f"0101235{i:04d}" for i in range(40)]
    soon = clock() + timedelta(seconds=0.3)
    ids = await eng.accept(*numbers[:20], send_at=soon)
    for number in numbers[20:]:
        ids += await eng.accept(number)
    await asyncio.sleep(0.3)  # nobody was there when their time came
    both = [await start(runtime.settings, "work") for _ in range(2)]
    while not witness.read().people:
        assert [one.returncode for one in both] == [None, None]
        await asyncio.sleep(0.01)
    both[0].kill()
    seen, now = -1, 0
    while seen < now:  # the other works on
        seen = now
        await asyncio.sleep(1.0)
        now = sum(witness.read().people.values())
    both[1].kill()
    assert [await one.wait() for one in both] == [-signal.SIGKILL] * 2
    await recover(eng)
    assert witness.read().people == Counter(numbers)
    assert {(await eng.message(i)).status for i in ids} == {"sent"}

"""Opening calls: only under the lease, and only what its lease still covers leaves."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Call as Row
from app.db.models import Lot
from app.services.runtime import Runtime
from channels.contract import Answer, Call
from scheduler.recovery import look_up_unknown, recover_leases
from tests.engine import Provider, engine, past_due

NUMBERS = [f"0101234{i:04d}" for i in range(30)]


async def test_a_lost_lease_sends_nothing(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule R3: between claim and call another worker took the lot."""
    eng = await engine(runtime)
    (waiting,) = await eng.accept(NUMBERS[0])
    claim = eng.lane._claim

    async def claim_and_lose(priority: int) -> object:
        claimed = await claim(priority)
        async with runtime.database.write() as tx:
            await tx.session.exec(update(Lot).values(fence=col(Lot.fence) + 1))
        return claimed

    monkeypatch.setattr(eng.lane, "_claim", claim_and_lose)
    await eng.lane.turn()
    assert eng.provider.calls == []
    assert (await eng.attempts(waiting))[0].status == "queued"


async def test_a_lease_too_short_for_the_deadline_sends_nothing(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule R3: the call's row is committed, its bytes never leave; recovery asks first."""
    eng = await engine(runtime)
    (waiting,) = await eng.accept(NUMBERS[0])
    monkeypatch.setattr(eng.lane, "_lease_s", lambda: 1.2)  # the deadline is 1.0, the margin 0.5
    await eng.lane.turn()
    assert eng.provider.calls == []
    assert (await eng.attempts(waiting))[0].status == "sending"
    monkeypatch.undo()
    for recover in (recover_leases, look_up_unknown):
        await past_due(eng)
        await recover(runtime, eng.lanes)
    await eng.run()
    assert (await eng.message(waiting)).status == "sent", "nobody came back for it"
    assert set(eng.provider.people.values()) == {1}


async def test_a_call_is_stored_before_its_bytes_leave(runtime: Runtime) -> None:
    """Rule R1: the row, and the attempts under it, are there while the provider is asked."""
    seen: list[tuple[str, bool]] = []

    class Watched(Provider):
        async def send(self, call: Call) -> Answer:
            async with runtime.database.read() as session:
                (row,) = await session.exec(select(Row))
            (attempt,) = await eng.attempts(waiting)
            seen.append((attempt.status, row.ended_at is None))
            return await super().send(call)

    eng = await engine(runtime, Watched())
    (waiting,) = await eng.accept(NUMBERS[0])
    await eng.run()
    assert seen == [("sending", True)]

"""Leases nobody holds any more."""

import pytest
from sqlmodel import select

from app.db.models import Attempt, Call, Lot
from app.services.recovery import lapse_leases
from app.services.runtime import Runtime
from tests.engine import Engine, engine, past_due

NUMBERS = ["01012340001", "01012340002", "01012340003"]


class Killed(BaseException):
    """What SIGKILL is to a coroutine."""


async def die_while_sending(eng: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call's row is committed, then the process is gone (K04)."""

    async def gone(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(eng.lane, "_send", gone)
        with pytest.raises(BaseExceptionGroup):
            await eng.lane.turn()


async def test_attempts_of_an_open_call_become_unknown(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K04, K05, K06 look the same from outside: nobody knows, so we ask first."""
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS)
    await die_while_sending(eng, monkeypatch)
    async with runtime.database.write() as tx:
        assert await lapse_leases(tx, {}) == 0, "the lease still runs"
    await past_due(eng)
    async with runtime.database.write() as tx:
        assert await lapse_leases(tx, {eng.account.id: 7.0}) == 1
    async with runtime.database.read() as session:
        attempts = list(await session.exec(select(Attempt)))
        (call,) = await session.exec(select(Call))
        lots = list(await session.exec(select(Lot)))
    assert {a.status for a in attempts} == {"unknown"}
    assert call.ended_at is not None
    waits = {round((a.due_at - call.ended_at).total_seconds(), 3) for a in attempts if a.due_at}
    assert waits == {7.0}, "the settle window of its account (R4)"
    assert {lot.state for lot in lots} == {"done"}
    assert {(await eng.message(i)).status for i in ids} == {"unknown"}


async def test_attempts_without_a_call_queue_again_at_once(runtime: Runtime) -> None:
    """K03: claimed, and nothing more."""
    eng = await engine(runtime)
    await eng.accept(*NUMBERS)
    await eng.lane._claim(0)
    await past_due(eng)
    async with runtime.database.write() as tx:
        assert await lapse_leases(tx, {}) == 1
    await eng.run()
    assert sum(eng.provider.people.values()) == 3


async def test_a_late_result_writes_nothing(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C02: paused past its lease, then resumed; the fence refuses its outcome, keeps its ids."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBERS[0])
    send = eng.provider.send

    async def slow(call: object) -> object:
        answer = await send(call)  # type: ignore[arg-type]
        await past_due(eng)
        async with runtime.database.write() as tx:
            await lapse_leases(tx, {})
        return answer

    monkeypatch.setattr(eng.provider, "send", slow)
    await eng.lane.turn()
    (attempt,) = await eng.attempts(id_)
    assert attempt.status == "unknown", "written by recovery, not by the late worker"
    async with runtime.database.read() as session:
        rows = await session.connection()
        found = await rows.exec_driver_sql("SELECT count(*) FROM provider_ref")
        assert found.scalar_one() == 1, "but receipts can find it"

"""Look-ups in portions, account by account: what was found is written before more is asked.

A hundred lost calls mean a hundred questions. A process that dies in the middle of them, a provider
that needs longer than a look-up may take, a message nobody can open: none may cost the others.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app.db.models import Attempt
from app.services.runtime import Runtime
from channels.contract import Found, Tried
from channels.vocabulary import Reason, Verdict
from scheduler import recovery
from tests.engine import Engine, Provider, engine, past_due, verdict

FIRST = recovery.FIRST_CALLS


class Script:
    """A provider's list; ``ends`` says what happens at a portion instead of an answer."""

    def __init__(self, eng: Engine, ends: dict[int, type[BaseException]] | None = None) -> None:
        self.eng, self.ends = eng, ends or {}
        self.portions: list[list[Tried]] = []

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        self.portions.append(list(tried))
        end = self.ends.get(len(self.portions))
        if end is TimeoutError:
            await asyncio.sleep(5)
        elif end is not None:
            raise end
        return await Provider.look_up(self.eng.provider, tried, now)

    @property
    def sizes(self) -> list[int]:
        return [len(portion) for portion in self.portions]


async def lost_calls(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, count: int, batch: int = 1
) -> tuple[Engine, Script]:
    """So many messages, ``batch`` in a call, and no answer to any."""
    eng = await engine(runtime, Provider(batch=batch))
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    monkeypatch.setattr(eng.lane.breaker, "is_due", lambda: False)  # all of them are to leave
    await eng.accept(*(f"0101234{i:04d}" for i in range(count)))
    await eng.run()
    await past_due(eng)
    script = Script(eng)
    monkeypatch.setattr(eng.provider, "look_up", script.look_up)
    return eng, script


async def unknown(eng: Engine) -> int:
    async with eng.runtime.database.read() as session:
        mine = select(func.count()).where(
            col(Attempt.account_id) == eng.account.id, col(Attempt.status) == "unknown"
        )
        return int(await session.scalar(mine) or 0)


async def test_portions_grow_while_answers_are_quick(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng, script = await lost_calls(runtime, monkeypatch, 3 * FIRST + 1)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert script.sizes == [FIRST, 2 * FIRST, 1]
    assert await unknown(eng) == 0


async def test_they_stay_small_where_answers_are_slow(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "QUICK_S", 0.0)
    eng, script = await lost_calls(runtime, monkeypatch, 3 * FIRST)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert script.sizes == [FIRST] * 3


@pytest.mark.parametrize("end", [asyncio.CancelledError, RuntimeError])
async def test_a_process_that_dies_in_the_middle_keeps_what_it_was_told(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    eng, script = await lost_calls(runtime, monkeypatch, 4 * FIRST)
    script.ends = {2: end}
    with pytest.raises(end):
        await recovery.look_up_unknown(runtime, eng.lanes)
    assert await unknown(eng) == 3 * FIRST


async def test_a_provider_too_slow_for_one_portion_is_asked_about_the_next(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "LONGEST_S", 0.05)
    monkeypatch.setattr(recovery, "QUICK_S", 0.0)
    eng, script = await lost_calls(runtime, monkeypatch, 3 * FIRST)
    script.ends = {1: TimeoutError}
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert script.sizes == [FIRST] * 3
    assert await unknown(eng) == FIRST


@pytest.mark.long
async def test_an_account_is_not_asked_without_end(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another turn goes on, and not with the same calls first."""
    monkeypatch.setattr(recovery, "ENOUGH_S", 0.0001)
    eng, script = await lost_calls(runtime, monkeypatch, 20 * FIRST)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert script.sizes == [FIRST]
    assert [one.to for one in script.portions[0]] != [f"0101234{i:04d}" for i in range(FIRST)]
    await past_due(eng)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert await unknown(eng) == 18 * FIRST


async def test_a_call_is_never_split(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list is read once."""
    eng, script = await lost_calls(runtime, monkeypatch, 4 * (FIRST + 1), batch=4)
    await recovery.look_up_unknown(runtime, eng.lanes)
    keys = [{one.call_key for one in portion} for portion in script.portions]
    assert [len(one) for one in keys] == [FIRST, 1]
    assert not keys[0] & keys[1]


async def test_an_account_that_fails_holds_up_no_other(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, script = await lost_calls(runtime, monkeypatch, 2)
    script.ends = {1: RuntimeError}
    other, _ = await lost_calls(runtime, monkeypatch, 2)
    with pytest.raises(RuntimeError):
        await recovery.look_up_unknown(runtime, {**broken.lanes, **other.lanes})
    assert (await unknown(broken), await unknown(other)) == (2, 0)


async def test_a_message_nobody_can_open_holds_up_no_other(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng, script = await lost_calls(runtime, monkeypatch, 3)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql(
            "UPDATE message SET sealed = x'00' WHERE id = (SELECT min(id) FROM message)"
        )
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert script.sizes == [2]
    assert await unknown(eng) == 1

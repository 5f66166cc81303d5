"""Look-ups in portions: what was found is written before more is asked.

A hundred lost calls mean a hundred questions. A process that dies in the middle of them, or a
provider that needs longer than a look-up may take, must not lose what it was told already: it would
ask the same again for ever.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from app.services.runtime import Runtime
from channels.contract import Found, Tried
from channels.vocabulary import Reason, Verdict
from scheduler import recovery
from tests.engine import Engine, Provider, engine, past_due, verdict

PORTIONS = 3
COUNT = (PORTIONS - 1) * recovery.CALLS_AT_ONCE + 1  # the last portion is one call


async def lost_calls(runtime: Runtime) -> Engine:
    """Each message a call of its own, and no answer to any of them."""
    eng = await engine(runtime, Provider(batch=1))
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    await eng.accept(*(f"0101234{i:04d}" for i in range(COUNT)))
    await eng.run()
    await past_due(eng)
    return eng


async def unknown(eng: Engine) -> int:
    """How many the next look-up would be about."""
    await past_due(eng)
    asked = 0

    async def count(tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        nonlocal asked
        asked += len(tried)
        return await Provider.look_up(eng.provider, tried, now)

    eng.provider.look_up = count  # type: ignore[method-assign]
    await recovery.look_up_unknown(eng.runtime, eng.lanes)
    return asked


@pytest.mark.parametrize("end", [asyncio.CancelledError, RuntimeError])
async def test_a_process_that_dies_in_the_middle_keeps_what_it_was_told(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    eng = await lost_calls(runtime)
    portions: list[int] = []

    async def dies(tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        portions.append(len(tried))
        if len(portions) == 2:
            raise end
        return await Provider.look_up(eng.provider, tried, now)

    monkeypatch.setattr(eng.provider, "look_up", dies)
    with pytest.raises(end):
        await recovery.look_up_unknown(runtime, eng.lanes)
    assert portions == [recovery.CALLS_AT_ONCE] * 2
    assert await unknown(eng) == COUNT - recovery.CALLS_AT_ONCE


async def test_a_provider_too_slow_for_one_portion_is_asked_about_the_next(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await lost_calls(runtime)
    monkeypatch.setattr(recovery, "LONGEST_S", 0.05)
    portions: list[int] = []

    async def slow(tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        portions.append(len(tried))
        if len(portions) == 1:
            await asyncio.sleep(5)
        return await Provider.look_up(eng.provider, tried, now)

    monkeypatch.setattr(eng.provider, "look_up", slow)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert portions == [recovery.CALLS_AT_ONCE] * 2 + [1]
    assert await unknown(eng) == recovery.CALLS_AT_ONCE


async def test_a_call_is_never_split(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list is read once."""
    eng = await engine(runtime, Provider(batch=4))
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    await eng.accept(*(f"0101234{i:04d}" for i in range(4 * recovery.CALLS_AT_ONCE + 4)))
    await eng.run()
    await past_due(eng)
    asked: list[set[str]] = []

    async def keys(tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        asked.append({one.call_key for one in tried})
        return await Provider.look_up(eng.provider, tried, now)

    monkeypatch.setattr(eng.provider, "look_up", keys)
    await recovery.look_up_unknown(runtime, eng.lanes)
    assert [len(one) for one in asked] == [recovery.CALLS_AT_ONCE, 1]
    assert not asked[0] & asked[1]

"""Calls under way: what their answers teach the lane, and a fault in one of them."""

import time

import pytest

from app.services.runtime import Runtime
from channels.contract import Answer, Call
from channels.vocabulary import Reason, Verdict
from scheduler.slots import START
from tests.engine import Provider, engine, verdict

NUMBERS = [f"0101234{i:04d}" for i in range(30)]


class Faulty(Provider):
    """Its adapter stumbles over one number."""

    async def send(self, call: Call) -> Answer:
        if any(message.to == NUMBERS[1] for message in call.messages):
            raise KeyError("김나루 010-1234-0001")
        return await super().send(call)


async def test_a_fault_in_one_call_leaves_the_others_alone(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows what left, so it is unknown; and the log does not say what it stumbled over."""
    eng = await engine(runtime, Faulty(batch=1))
    ids = await eng.accept(*NUMBERS[:4])
    await eng.run()
    states = [(await eng.message(one)).status for one in ids]
    assert states == ["sent", "unknown", "sent", "sent"]
    said = capsys.readouterr()
    assert "KeyError" in said.out + said.err
    assert "0001" not in said.out + said.err


async def test_an_account_that_is_asked_too_fast_rests(runtime: Runtime) -> None:
    """429: as long as it says, within reason; nothing else is sent to be refused, too."""
    eng = await engine(runtime, Provider(batch=10))
    eng.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED, retry_after_s=0.6)
    await eng.accept(*NUMBERS[:3])
    await eng.lane.turn()
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    (other,) = await eng.accept(NUMBERS[5])
    began = time.monotonic()
    await eng.lane.turn()
    assert time.monotonic() - began > 0.4
    assert (await eng.message(other)).status == "sent"
    assert eng.lane.slots.limit == START / 2


async def test_an_account_that_does_not_answer_is_asked_less_at_a_time(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    await eng.accept(NUMBERS[0])
    await eng.lane.turn()
    assert eng.lane.slots.limit == START / 2

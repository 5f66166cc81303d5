"""What its plan has left behind does not leave any more when it turns out never to have left."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from app.services.runtime import Runtime
from channels.contract import Found, Outcome, Tried
from channels.vocabulary import IdempotencyClass, Lookup, Reason, Result, Verdict
from scheduler.recovery import look_up_unknown
from tests.engine import Engine, Provider, engine, past_due

NUMBER = "01012340001"
PLAN = [{"channel": "alimtalk", "unknown_after_s": 1, "within_s": 20}, {"channel": "sms"}]


class Later(Provider):
    """A provider whose list cannot be read at first."""

    is_clear = False

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        if self.is_clear:
            return await super().look_up(tried, now)
        return [Found(one.ref, Lookup.UNCLEAR) for one in tried]


async def turn(eng: Engine) -> None:
    """Some time passes, and what is due is done."""
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql(
            "UPDATE attempt SET settled_at = settled_at - 5000000, "
            "created_at = created_at - 5000000"
        )
    await past_due(eng)
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
    await look_up_unknown(eng.runtime, eng.lanes)
    await eng.run()


@pytest.mark.parametrize("delivered", [True, False])
@pytest.mark.parametrize("kind", [IdempotencyClass.LOOK_UP, IdempotencyClass.DEDUPE])
async def test_it_stays_where_it_is(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, kind: IdempotencyClass, delivered: bool
) -> None:
    provider = Later(kind)
    eng = await engine(runtime, provider)
    monkeypatch.setattr(eng.lane.breaker, "is_due", lambda: False)  # repeats are to go on
    provider.takes_unknown = False

    def answer(ref: str, to: str) -> Outcome:
        lost = provider.calls[-1].route == "alimtalk"
        return Outcome(ref, *((Verdict.UNKNOWN, Reason.NO_ANSWER) if lost else (Verdict.ACCEPTED,)))

    provider.answer = answer
    [id_] = await eng.accept(NUMBER, plan=PLAN)
    await eng.run()
    for _ in range(12):
        if len(await eng.attempts(id_)) == 2:
            break
        await turn(eng)
    first, second = await eng.attempts(id_)
    assert (first.status, second.status) == ("unknown", "accepted")
    if delivered:
        await eng.report(second, Result.DELIVERED)
    calls = len([call for call in provider.calls if call.route == "alimtalk"])
    provider.is_clear = True
    for _ in range(3):
        await turn(eng)
    assert len([call for call in provider.calls if call.route == "alimtalk"]) == calls
    assert (await eng.message(id_)).status == ("delivered" if delivered else "sent")
    first, _ = await eng.attempts(id_)
    assert (first.status, first.reason) == ("expired", "step_deadline")


async def test_one_that_left_is_found_all_the_same(runtime: Runtime) -> None:
    provider = Later()
    eng = await engine(runtime, provider)
    provider.answer = lambda ref, to: Outcome(ref, Verdict.UNKNOWN, Reason.NO_ANSWER)
    [id_] = await eng.accept(NUMBER, plan=PLAN)
    await eng.run()
    await turn(eng)
    assert len(await eng.attempts(id_)) == 2
    provider.is_clear = True
    await turn(eng)
    first, _ = await eng.attempts(id_)
    assert first.status == "accepted"

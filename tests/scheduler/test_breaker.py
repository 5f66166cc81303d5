"""The breaker: nothing is burnt at an account where nothing gets through."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from app.db.models import Attempt, Event, ProviderAccount
from app.services.runtime import Runtime
from channels.contract import Answer, Outcome
from channels.vocabulary import Reason, Verdict
from scheduler.breaker import FEWEST, IN_A_ROW, Breaker, got_through
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBERS = [f"0101234{i:04d}" for i in range(40)]


@pytest.mark.parametrize(
    ("word", "through"),
    [
        ((Verdict.ACCEPTED, None), True),
        ((Verdict.REJECTED, Reason.NOT_REACHABLE), True),
        ((Verdict.REJECTED, Reason.REQUEST_REFUSED), True),
        ((Verdict.DEFERRED, Reason.PROVIDER_DOWN), False),
        ((Verdict.UNKNOWN, Reason.NO_ANSWER), False),
        ((Verdict.UNKNOWN, Reason.UNREADABLE), False),
        ((Verdict.DEFERRED, Reason.THROTTLED), None),
        ((Verdict.DEFERRED, Reason.MISCONFIGURED), None),
    ],
)
def test_what_counts_as_getting_through(
    word: tuple[Verdict, Reason | None], through: bool | None
) -> None:
    assert got_through(Answer((Outcome("a", *word),))) is through
    if through is False:  # one that was taken shows that the account works
        mixed = (Outcome("a", *word), Outcome("b", Verdict.ACCEPTED))
        assert got_through(Answer(mixed)) is True


def test_a_few_failures_among_many_calls_open_nothing() -> None:
    breaker = Breaker()
    for i in range(10 * FEWEST):
        breaker.count(i % 3 > 0, 0.1, 1.0)
    assert not breaker.is_due()
    for i in range(30 * FEWEST):
        breaker.count(i % 3 == 0, 0.1, 1.0)
    assert breaker.is_due()


async def account(eng: Engine) -> ProviderAccount:
    async with eng.runtime.database.read() as session:
        return await session.get_one(ProviderAccount, eng.account.id)


async def events(eng: Engine) -> list[str]:
    async with eng.runtime.database.read() as session:
        rows = await session.exec(
            select(Event.kind)
            .where(col(Event.subject_id) == eng.account.id)
            .order_by(col(Event.seq))
        )
        return list(rows)


async def broken(runtime: Runtime, reason: Reason = Reason.PROVIDER_DOWN) -> Engine:
    """An engine whose account has failed often enough, with messages that wait."""
    eng = await engine(runtime, Provider(batch=1))
    kind = Verdict.UNKNOWN if reason is Reason.NO_ANSWER else Verdict.DEFERRED
    eng.provider.answer = verdict(kind, reason)
    await eng.accept(*NUMBERS[:30])
    await eng.run()
    return eng


@pytest.mark.parametrize("reason", [Reason.PROVIDER_DOWN, Reason.NO_ANSWER])
async def test_after_some_failures_nothing_more_is_tried(runtime: Runtime, reason: Reason) -> None:
    eng = await broken(runtime, reason)
    assert IN_A_ROW <= len(eng.provider.calls) < 20
    assert (await account(eng)).breaker_until is not None
    assert await events(eng) == ["account.breaker_open"]
    assert await eng.lane.turn() is False
    async with runtime.database.read() as session:
        untouched = await session.exec(
            select(Attempt.id).where(col(Attempt.status) == "queued", col(Attempt.tries) == 0)
        )
        assert len(untouched.all()) == 30 - len(eng.provider.calls)


async def test_one_small_call_tries_and_closes_it(runtime: Runtime) -> None:
    eng = await broken(runtime)
    before = len(eng.provider.calls)
    await past_due(eng)
    await eng.lane.turn()
    assert len(eng.provider.calls) == before + 1, "it failed, so it stays open"
    until = (await account(eng)).breaker_until
    assert until is not None
    assert await eng.lane.turn() is False
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await past_due(eng)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
    await eng.lane.turn()
    assert len(eng.provider.calls) == before + 2
    assert (await account(eng)).breaker_until is None
    assert await events(eng) == ["account.breaker_open", "account.breaker_closed"]
    await eng.run()
    assert sum(eng.provider.people.values()) == len(eng.provider.people) == 30


async def test_only_one_worker_tries(runtime: Runtime) -> None:
    eng = await broken(runtime)
    other = await engine(runtime, eng.provider)
    await past_due(eng)
    other.lane.account = eng.lane.account
    before = len(eng.provider.calls)
    await asyncio.gather(eng.lane.turn(), other.lane.turn())
    assert len(eng.provider.calls) == before + 1


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.MISCONFIGURED])
async def test_haste_and_wrong_keys_are_not_its_business(runtime: Runtime, reason: Reason) -> None:
    eng = await engine(runtime, Provider(batch=1))
    more: dict[str, Any] = {"retry_after_s": 0.01}
    eng.provider.answer = verdict(Verdict.DEFERRED, reason, **more)
    await eng.accept(*NUMBERS[:8])
    await eng.run()
    assert (await account(eng)).breaker_until is None

"""Comparing a day: where it begins and ends, and what belongs to another day or account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import Invalid
from app.ids import to_ref
from app.services.differences import Kind, Todo
from app.services.reconcile import span_of
from app.services.runtime import Runtime
from channels.contract import Listed
from channels.vocabulary import Reason, Standing, Verdict
from tests.app.services.lister import NUMBERS, Lister, around, compare, taken
from tests.engine import engine, verdict


async def test_other_days_and_other_accounts_stay_out(store: Runtime) -> None:
    provider, other = Lister(), Lister()
    eng, foreign = await engine(store, provider), await engine(store, other)
    await eng.accept(*NUMBERS[:2])
    await foreign.accept(*NUMBERS[2:4])
    await eng.run()
    await foreign.run()
    await taken(eng, provider)
    found, report = await compare(eng, provider)
    assert (found, report.ours) == ([], 2)
    span = around()
    later = replace(span, start=span.end, end=span.end + timedelta(days=1))
    found, report = await compare(eng, provider, later)
    assert (found, report.ours, report.theirs) == ([], 0, 2), "listed around midnight, known"
    await taken(foreign, other)
    provider.entries = other.entries
    found, _ = await compare(eng, provider)
    strange = [one for one in found if one.kind is Kind.ONLY_THEIRS]
    assert [(one.ours, one.message_id, one.todo) for one in strange] == [
        ("", None, Todo.FIND_SENDER)
    ] * 2, "a reference of another workspace is nobody's"


async def test_around_midnight_each_day_tells_its_own(store: Runtime) -> None:
    """They are asked a little more than the day: what is outside is the other day's to tell."""
    provider = Lister()
    eng = await engine(store, provider)
    span = around()
    strange = Listed("sms", "x", Standing.ACCEPTED, at=span.start - timedelta(seconds=1))
    provider.entries = [strange, replace(strange, provider_id="y", at=span.end)]
    assert (await compare(eng, provider, span))[0] == []
    provider.entries = [replace(strange, at=span.start), replace(strange, provider_id="y", at=None)]
    found, _ = await compare(eng, provider, span)
    assert [one.provider_ids for one in found] == [("x",), ("y",)]


async def test_taken_on_one_day_and_refused_on_the_next(store: Runtime) -> None:
    """We hold it as not sent, whenever that was."""
    provider = Lister()
    provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS)
    eng = await engine(store, provider)
    (id_,) = await eng.accept(NUMBERS[0])
    await eng.run()
    ref = to_ref((await eng.attempts(id_))[0].id)
    span = around()
    yesterday = replace(span, start=span.start - timedelta(days=1), end=span.start)
    at = yesterday.end - timedelta(minutes=1)
    provider.entries = [Listed("alimtalk", "first", Standing.ACCEPTED, ref, at=at)]
    (one,) = (await compare(eng, provider, yesterday))[0]
    assert (one.kind, one.todo, one.message_id) == (Kind.ONLY_THEIRS, Todo.STOP_QUEUED, id_)


async def test_an_attempt_that_moved_to_another_account(store: Runtime) -> None:
    """Judged absent at the first account, which had taken it, and sent through a second one."""
    provider = Lister()
    eng = await engine(store, provider)
    await eng.accept(NUMBERS[0])
    await eng.run()
    await taken(eng, provider)
    async with store.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET account_id = sender_id")
    ((one,), report) = await compare(eng, provider)
    assert (one.kind, one.todo, report.ours) == (Kind.ONLY_THEIRS, Todo.OTHER_ACCOUNT, 0)


async def test_taken_on_two_days(store: Runtime) -> None:
    """The first request was taken, judged absent, and sent again on the next day."""
    provider = Lister()
    eng = await engine(store, provider)
    (id_,) = await eng.accept(NUMBERS[0])
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    span = around()
    yesterday = replace(span, start=span.start - timedelta(days=1), end=span.start)
    at = yesterday.end - timedelta(minutes=1)
    ref = to_ref(attempt.id)
    provider.entries = [Listed("alimtalk", "first", Standing.ACCEPTED, ref, at=at)]
    (one,) = (await compare(eng, provider, yesterday))[0]
    assert (one.kind, one.provider_ids) == (Kind.DUPLICATE, ("first", f"p-{ref}"))


async def test_the_day_is_seoul_s_and_ends_before_the_settle_window(runtime: Runtime) -> None:
    provider = Lister()
    eng = await engine(runtime, provider)
    midnight = datetime(2026, 11, 24, 15, tzinfo=UTC)
    day, settle = date(2026, 11, 25), timedelta(seconds=2)
    span = span_of(eng.account, provider, day, midnight + timedelta(days=3))
    assert (span.start, span.end) == (midnight, midnight + timedelta(days=1))
    assert span.asked == (midnight - timedelta(minutes=1), span.end + settle)
    today = midnight + timedelta(hours=1)
    assert span_of(eng.account, provider, day, today).end == today - settle
    for early in (midnight, midnight + settle, midnight - timedelta(days=2)):
        with pytest.raises(Invalid) as error:
            span_of(eng.account, provider, day, early)
        assert error.value.code == "day_ahead"

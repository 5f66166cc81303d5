"""A day compared on both databases: every kind of difference, and what --apply may mend."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.db.models.fields import now as clock
from app.errors import Refused
from app.ids import new_id, to_ref
from app.services import reconcile as service
from app.services.differences import Kind, Todo
from app.services.reconcile import mend, need_list
from app.services.runtime import Runtime
from channels.contract import Listed, Listing, Outcome
from channels.management import ProviderSilent
from channels.vocabulary import Reason, Standing, Verdict
from tests.app.services.lister import NUMBERS, Lister, compare, taken
from tests.engine import Provider, engine, past_due, verdict


async def test_every_difference_is_found_once(store: Runtime) -> None:
    provider = Lister()
    eng = await engine(store, provider)
    ids = await eng.accept(*NUMBERS)
    await eng.run()
    await taken(eng, provider)
    assert (await compare(eng, provider))[0] == []

    refs = [to_ref((await eng.attempts(id_))[0].id) for id_ in ids]
    where = {entry.ref: n for n, entry in enumerate(provider.entries)}
    entries = provider.entries
    entries[where[refs[0]]] = replace(entries[where[refs[0]]], state=Standing.DELIVERED)
    failed = replace(
        entries[where[refs[1]]], state=Standing.UNDELIVERED, reason=Reason.NOT_REACHABLE
    )
    entries[where[refs[1]]] = failed
    entries.append(replace(entries[where[refs[2]]], provider_id="again"))
    entries[where[refs[3]]] = Listed("sms", "not-ours", Standing.ACCEPTED, to_ref(new_id()))
    entries.append(Listed("sms", "nameless", Standing.DELIVERED))

    found, report = await compare(eng, provider)
    by_ref = {one.ref: one for one in found if one.message_id}
    assert {ref: (one.kind, one.todo) for ref, one in by_ref.items()} == {
        refs[0]: (Kind.STATE, Todo.APPLY),
        refs[1]: (Kind.STATE, Todo.APPLY),
        refs[2]: (Kind.DUPLICATE, Todo.SENT_TWICE),
        refs[3]: (Kind.ONLY_OURS, Todo.ASK_PROVIDER),
    }
    assert by_ref[refs[2]].provider_ids == ("again", f"p-{refs[2]}")
    assert by_ref[refs[0]].message_id == ids[0]
    strange = [one for one in found if one.message_id is None]
    assert {one.provider_ids for one in strange} == {("not-ours",), ("nameless",)}
    assert (report.ours, report.theirs, report.equal, report.open) == (8, 10, 4, 6)

    words = [one.receipt for one in found if one.receipt]
    await mend(store, eng.account, words, report)
    assert (report.mended, report.open) == (2, 4)
    assert (await eng.message(ids[0])).status == "delivered"
    assert [a.status for a in await eng.attempts(ids[1])] == ["undelivered", "queued"], "by SMS"
    assert len((await compare(eng, provider))[0]) == 4


async def test_entries_without_our_reference_are_known_by_their_id(store: Runtime) -> None:
    """A relay of class window_look_up keeps none."""
    provider = Lister()
    eng = await engine(store, provider)
    await eng.accept(*NUMBERS[:2])
    await eng.run()
    await taken(eng, provider, Standing.DELIVERED)
    provider.entries = [replace(one, ref="") for one in provider.entries]
    found, report = await compare(eng, provider)
    assert [(one.kind, one.todo) for one in found] == [(Kind.STATE, Todo.APPLY)] * 2
    await mend(store, eng.account, [one.receipt for one in found if one.receipt], report)
    assert (report.mended, report.open) == (2, 0)


async def test_a_reference_held_as_not_sent(store: Runtime) -> None:
    """Refused in the answer, and queued without ever leaving: both are listed all the same."""
    provider = Lister()
    provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS)
    eng = await engine(store, provider)
    (refused,) = await eng.accept(NUMBERS[0])
    await eng.run()
    (queued,) = await eng.accept(NUMBERS[1])
    refs = [to_ref((await eng.attempts(id_))[0].id) for id_ in (refused, queued)]
    provider.entries = [
        Listed("alimtalk", f"x{n}", Standing.ACCEPTED, ref, at=clock())
        for n, ref in enumerate(refs)
    ]
    found, _ = await compare(eng, provider)
    assert {(one.ref, one.kind, one.todo) for one in found} == {
        (ref, Kind.ONLY_THEIRS, Todo.STOP_QUEUED) for ref in refs
    }


async def test_what_is_still_open_is_no_difference(store: Runtime) -> None:
    provider = Lister()
    provider.answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
    eng = await engine(store, provider)
    await eng.accept(NUMBERS[0])
    await eng.run()
    assert (await compare(eng, provider))[0] == []
    await taken(eng, provider)
    (one,) = (await compare(eng, provider))[0]
    assert (one.kind, one.todo, one.receipt) == (Kind.STATE, Todo.WAIT, None)


async def test_a_deferred_attempt_counts_once_it_left(store: Runtime) -> None:
    provider = Lister()
    provider.answer = verdict(Verdict.DEFERRED, Reason.PROVIDER_DOWN)
    eng = await engine(store, provider)
    await eng.accept(NUMBERS[0])
    await eng.run()
    provider.answer = lambda ref, to: Outcome(ref, Verdict.ACCEPTED, provider_id=f"p-{ref}")
    await past_due(eng)
    await eng.run()
    await taken(eng, provider)
    provider.entries = provider.entries[:1]
    found, report = await compare(eng, provider)
    assert (found, report.ours, report.equal) == ([], 1, 1)


async def test_many_are_read_in_parts(store: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    monkeypatch.setattr(service, "MOST", 3)
    provider = Lister(batch=2)
    eng = await engine(store, provider)
    await eng.accept(*NUMBERS)
    await eng.run()
    assert len(provider.calls) == 4
    await taken(eng, provider)
    found, report = await compare(eng, provider)
    assert (found, report.ours, report.theirs, report.equal) == ([], 8, 8, 8)


async def test_a_list_that_breaks_off_is_no_list(runtime: Runtime) -> None:
    provider = Lister(silent=True)
    eng = await engine(runtime, provider)
    await eng.accept(*NUMBERS[:4])
    await eng.run()
    await taken(eng, provider)
    with pytest.raises(ProviderSilent):
        await compare(eng, provider)


async def test_no_session_is_open_while_the_provider_is_asked(runtime: Runtime) -> None:
    provider = Lister()
    eng = await engine(runtime, provider)
    pool = runtime.database._reader.pool
    seen = []
    listed = provider.listed

    async def watch(since: datetime, until: datetime, cursor: str | None) -> Listing:
        seen.append(pool.checkedout())  # type: ignore[attr-defined]
        return await listed(since, until, cursor)

    provider.listed = watch  # type: ignore[method-assign]
    await compare(eng, provider)
    assert seen == [0]


async def test_a_provider_without_a_list_is_refused(runtime: Runtime) -> None:
    eng = await engine(runtime, Provider())
    with pytest.raises(Refused) as error:
        need_list(eng.account, eng.provider)
    assert error.value.code == "cannot_list"

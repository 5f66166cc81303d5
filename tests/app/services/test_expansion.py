"""Rows become messages once each, not faster than accounts send, and say why they stop."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from app.db.models import Campaign, Lot, TemplateRegistration, TemplateVersion
from app.db.models.fields import now as clock
from app.errors import Unavailable
from app.services import campaigns, counters, expansion, progress, room, uploads
from app.services.catalogue import Catalogue
from app.services.clock import KST
from app.services.runtime import Runtime
from scheduler.campaigns import Campaigns
from tests.app.services.lists_of import (
    HEADING,
    campaign,
    chunks,
    expand,
    fill,
    make,
    messages,
    mistakes,
    references,
    rows,
    running,
)
from tests.editions import SECOND, second_version, stop
from tests.engine import Engine, engine


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHUNK", 5)


async def shown(eng: Engine, id_: UUID) -> dict[str, object]:
    async with eng.runtime.database.read() as session:
        found = await campaigns.find(session, eng.caller, id_)
        return await progress.show(session, found, clock())


async def test_every_row_becomes_one_message(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(12), priority="high")
    await expand(eng)
    made = await messages(eng)
    assert references(made) == [f"R-{i}" for i in range(20_000_000, 20_000_012)]
    assert {(m.campaign_id, m.priority, m.version_id) for m in made} == {(id_, 1, eng.version_id)}
    stored = await campaign(eng, id_)
    assert (stored.state, stored.accepted, stored.due_at) == ("done", 12, None)
    assert {(c.state, c.sealed) for c in await chunks(eng)} == {("done", b"")}
    await eng.run()
    assert set(eng.provider.people.values()) == {1}
    assert len(eng.provider.people) == 12


async def test_progress_and_ends(runtime: Runtime) -> None:
    eng = await engine(runtime)
    plan = [{"channel": "alimtalk", "until": "accepted"}]
    id_ = await running(eng, HEADING + rows(12), plan=plan)
    turns = Campaigns(runtime)
    await turns.turn()
    half = await shown(eng, id_)
    assert (half["state"], half["accepted"], half["open"]) == ("running", 5, 5)
    assert half["eta"] is not None
    await expand(eng)
    await eng.run()
    whole = await shown(eng, id_)
    assert (whole["state"], whole["accepted"], whole["open"], whole["eta"]) == ("done", 12, 0, None)
    assert whole["ends"] == dict.fromkeys(counters.ENDS, 0) | {"sent": 12}


async def test_two_schedulers_do_no_row_twice(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await running(eng, HEADING + rows(40))
    await asyncio.gather(expand(eng), expand(eng), expand(eng))
    assert sorted(references(await messages(eng)), key=str) == [
        f"R-{i}" for i in range(20_000_000, 20_000_040)
    ]


async def test_not_more_than_the_account_can_send(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansion, "MOST_QUEUED", 8)
    eng = await engine(runtime)
    await running(eng, HEADING + rows(30))
    await expand(eng)
    assert len(await messages(eng)) == 10
    await eng.run()
    await expand(eng)
    assert len(await messages(eng)) == 20


async def test_it_makes_nothing_while_its_window_is_closed(runtime: Runtime) -> None:
    eng = await engine(runtime)
    hour = clock().astimezone(KST).hour
    later = {"from": f"{(hour + 2) % 24:02d}:00", "to": f"{(hour + 3) % 24:02d}:00"}
    id_ = await running(eng, HEADING + rows(5), send_window=later)
    await expand(eng)
    assert await messages(eng) == []
    assert (await campaign(eng, id_)).state == "running"


async def test_it_makes_nothing_on_a_full_disk(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(5))
    other = await make(eng)
    with monkeypatch.context() as full:
        full.setattr(room, "SHARE", 2.0)
        full.setattr(room, "BYTES", 10**18)
        await expand(eng)
        assert await messages(eng) == []
        with pytest.raises(Unavailable):
            await fill(eng, other, HEADING + rows(5))
    await expand(eng)
    assert (await campaign(eng, id_)).accepted == 5


async def test_it_pauses_between_chunks(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(15))
    turns = Campaigns(runtime)
    await turns.turn()
    async with runtime.database.write() as tx:
        await campaigns.pause(tx, eng.caller, id_)
    await expand(eng)
    assert len(await messages(eng)) == 5
    async with runtime.database.write() as tx:
        await campaigns.resume(tx, Catalogue(runtime), eng.caller, id_)
    await expand(eng)
    assert len(await messages(eng)) == 15


async def test_a_stopped_template_pauses_it_and_says_so(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(15))
    turns = Campaigns(runtime)
    await turns.turn()
    async with runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values(usage="stopped"))
    await expand(eng)
    stored = await campaign(eng, id_)
    assert (stored.state, stored.reason) == ("paused", "template_not_approved")
    assert len(await messages(eng)) == 5


async def test_another_version_is_not_sent_without_a_word(runtime: Runtime) -> None:
    """The version is frozen at the start; resuming takes the one approved now."""
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(5))
    async with runtime.database.write() as tx:
        old = await tx.session.get_one(TemplateVersion, eng.version_id)
        new = TemplateVersion(
            workspace_id=old.workspace_id,
            template_id=old.template_id,
            number=2,
            body=old.body | {"content": "[나루상점] #{주문번호}, #{지점}에서 출발했습니다."},
        )
        tx.session.add(new)
        await tx.session.flush()
        await tx.session.exec(update(TemplateRegistration).values(version_id=new.id))
    await expand(eng)
    stored = await campaign(eng, id_)
    assert (stored.state, stored.reason) == ("paused", "template_changed")
    async with runtime.database.write() as tx:
        await campaigns.resume(tx, Catalogue(runtime), eng.caller, id_)
    await expand(eng)
    stored = await campaign(eng, id_)
    assert (stored.state, stored.reason) == ("paused", "row 2: missing_variable")
    assert await messages(eng) == []


async def test_rows_that_cannot_be_opened_pause_it(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(5))
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE campaign_chunk SET number = 2, sealed = x'00'")
    await expand(eng)
    assert (await campaign(eng, id_)).reason == "unreadable_rows"


async def test_cancelling_takes_back_what_waits(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansion, "PAGE", 4)
    eng = await engine(runtime)
    (other,) = await eng.accept("01012340001")
    id_ = await running(eng, HEADING + rows(30))
    turns = Campaigns(runtime)
    await turns.turn()
    await eng.run()  # five have left
    await turns.turn()
    await turns.turn()
    async with runtime.database.write() as tx:
        await campaigns.cancel(tx, eng.caller, id_)
    await expand(eng)
    made = [m for m in await messages(eng) if m.campaign_id == id_]
    assert [m.status for m in made] == ["sent"] * 5 + ["cancelled"] * 10
    stored = await campaign(eng, id_)
    assert (stored.state, stored.due_at, stored.accepted) == ("cancelled", None, 15)
    assert (await eng.message(other)).status == "sent", "no message of the campaign"
    assert (await shown(eng, id_))["ends"] == dict.fromkeys(counters.ENDS, 0) | {"cancelled": 10}


async def test_one_that_waits_for_its_time_makes_nothing(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(5), send_at=clock() + timedelta(hours=1))
    await expand(eng)
    assert await messages(eng) == []
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(Campaign).values(due_at=clock()).where(Campaign.id == id_)  # type: ignore[arg-type]
        )
    await expand(eng)
    assert {m.status for m in await messages(eng)} == {"queued"}


async def test_leftovers_are_removed_and_nothing_else(runtime: Runtime) -> None:
    eng = await engine(runtime)
    kept, replaced = await make(eng), await make(eng)
    await fill(eng, kept, HEADING + rows(12) + "1,a,\n")
    await fill(eng, replaced, HEADING + rows(12) + "2,a,\n")
    second = await fill(eng, replaced, HEADING + rows(7) + "3,a,\n")
    ended = await running(eng, HEADING + rows(7))
    await expand(eng)
    assert await expansion.forget(runtime, clock(), limit=2) == 2, "of the ended one"
    assert len(await mistakes(eng)) == 3, "an upload that may go on is left alone"
    assert await expansion.forget(runtime, clock() + timedelta(hours=7), limit=2) == 3
    left = await chunks(eng)
    assert ended not in {c.campaign_id for c in left}
    assert {c.upload for c in left if c.campaign_id == replaced} == {second.id}
    assert sum(c.rows for c in left if c.campaign_id == kept) == 12
    assert len(await mistakes(eng)) == 2


async def test_the_queue_is_measured_by_account(runtime: Runtime) -> None:
    eng, other = await engine(runtime), await engine(runtime)
    await running(eng, HEADING + rows(5))
    async with runtime.database.write() as tx:
        for owner, size in ((other, 90_000), (eng, 49_999)):
            tx.session.add(
                Lot(
                    workspace_id=owner.workspace_id,
                    account_id=owner.account.id,
                    route="alimtalk",
                    size=size,
                )
            )
    await expand(eng)
    assert len(await messages(eng)) == 5


async def test_a_newer_version_does_not_change_what_is_running(runtime: Runtime) -> None:
    """What was started goes on with its own version; what starts then takes the new one."""
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(15))
    turns = Campaigns(runtime)
    await turns.turn()
    new = await second_version(eng, SECOND)
    await expand(eng)
    assert (await campaign(eng, id_)).state == "done"
    assert {m.version_id for m in await messages(eng)} == {eng.version_id}
    await eng.run()
    sent = [message for call in eng.provider.calls for message in call.messages]
    assert len(sent) == 15
    assert {message.template for message in sent} == {"order_test"}
    later = await running(eng, HEADING + rows(5))
    await expand(eng)
    made = [m for m in await messages(eng) if m.campaign_id == later]
    assert {m.version_id for m in made} == {new}


async def test_one_we_stopped_pauses_it(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(5))
    await stop(eng)
    await expand(eng)
    stored = await campaign(eng, id_)
    assert (stored.state, stored.reason) == ("paused", "template_stopped")

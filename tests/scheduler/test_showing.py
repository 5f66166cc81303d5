"""Pictures at dispatch: nothing leaves without its picture, nor with one that has lapsed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, select, update

from app.db.models import Attempt, Event, Picture, PictureUpload
from app.db.models.fields import now as clock
from app.services import picture_uploads, pictures, timeline, workspaces
from app.services.explanations import explain
from app.services.runtime import Runtime
from channels.vocabulary import PictureUse
from scheduler import showing
from scheduler.batches import read_lot
from scheduler.pictures import upload_due
from scheduler.recovery import meet_deadlines
from templates.windows import KST
from tests.carriers import with_mms
from tests.engine import Engine, engine, past_due
from tests.gallery import WEEK, Gallery
from tests.photos import jpeg, png

NUMBER = "01012340000"
SMS = [{"channel": "sms"}]
HIGHLIGHT: dict[str, Any] = {
    "emphasis": "ITEM_LIST",
    "highlight": {"title": "혜택", "description": "안내", "image": "square.png"},
}


@pytest.fixture(autouse=True)
def carried(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mms(monkeypatch, "nhn")


async def mms(runtime: Runtime, **more: Any) -> Engine:
    """An engine whose template's text message shows a picture, stored but given to nobody."""
    eng = await engine(runtime, **{"sms_picture": "photo.jpg", "plan": SMS} | more)
    await store(eng, "photo.jpg", jpeg(640, 480))
    return eng


async def store(eng: Engine, name: str, data: bytes) -> UUID:
    async with eng.runtime.database.write() as tx:
        return (await pictures.store(tx, eng.workspace_id, name, data))[0].id


async def given(eng: Engine, use: PictureUse = PictureUse.MMS, **values: Any) -> None:
    """How every picture of the engine stands at its account."""
    async with eng.runtime.database.write() as tx:
        ids = await tx.session.exec(
            select(Picture.id).where(col(Picture.workspace_id) == eng.workspace_id)
        )
        wanted = {(picture_id, use) for picture_id in ids}
        await picture_uploads.want(tx, eng.workspace_id, eng.account.id, wanted)
        if values:
            await tx.session.exec(
                update(PictureUpload)
                .where(col(PictureUpload.account_id) == eng.account.id)
                .values(values)
            )


async def upload(eng: Engine, gallery: Gallery) -> None:
    """The job's part, whatever is due."""
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(update(PictureUpload).values(due_at=tx.now))
    async with httpx.AsyncClient(trust_env=False) as client:
        await upload_due(eng.runtime, client, lambda *_: gallery)  # type: ignore[arg-type]


async def state(eng: Engine, message_id: UUID) -> tuple[str, str | None]:
    message = await eng.message(message_id)
    return message.status, message.reason


async def events(eng: Engine, kind: str) -> int:
    async with eng.runtime.database.read() as session:
        rows = await session.exec(select(Event.id).where(col(Event.kind) == kind))
        return len(rows.all())


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """Reads of pictures, as the database sees them."""
    seen: list[str] = []
    engine_ = runtime.database._reader.sync_engine

    def note(*given: Any) -> None:
        if "picture" in given[2]:
            seen.append(given[2])

    event.listen(engine_, "before_cursor_execute", note)
    yield seen
    event.remove(engine_, "before_cursor_execute", note)


async def test_an_mms_leaves_with_what_its_provider_calls_the_picture(runtime: Runtime) -> None:
    eng = await mms(runtime)
    await given(eng, provider_name="f1", due_at=None)
    ids = await eng.accept(NUMBER, "01012340001")
    await eng.run()
    assert [await state(eng, id_) for id_ in ids] == [("sent", None)] * 2
    assert {call.route for call in eng.provider.calls} == {"mms"}
    assert {m.picture for call in eng.provider.calls for m in call.messages} == {"f1"}


async def test_it_waits_until_the_provider_has_been_given_it(runtime: Runtime) -> None:
    """Nobody asked for it before: dispatch does, the job gives it, the message leaves."""
    eng = await mms(runtime)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")
    assert explain("picture_awaited", "en").startswith("It waits")
    for _ in range(2):  # looked at again, said once
        await past_due(eng)
        await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")
    assert (eng.provider.calls, await events(eng, "attempt.held")) == ([], 1)
    async with runtime.database.read() as session:
        message = await timeline.find(session, eng.caller, id_)
        (shown,) = await timeline.show(session, runtime, [message])
    assert shown["held_until"] is not None
    await upload(eng, Gallery())
    await past_due(eng)
    await eng.run()
    assert await state(eng, id_) == ("sent", None)
    (attempt,) = await eng.attempts(id_)
    assert (attempt.reason, eng.provider.calls[0].messages[0].picture) == (None, "f1")


async def test_one_that_has_lapsed_is_given_again_before_it_is_used(runtime: Runtime) -> None:
    eng = await mms(runtime)
    await upload(eng, Gallery())
    await given(eng, provider_name="old", due_at=None, expires_at=clock() - timedelta(seconds=1))
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")
    await upload(eng, Gallery(keeps=WEEK))
    await past_due(eng)
    await eng.run()
    assert await state(eng, id_) == ("sent", None)
    assert [m.picture for call in eng.provider.calls for m in call.messages] == ["f1"]


async def test_what_would_wait_in_vain_falls_back(runtime: Runtime) -> None:
    eng = await mms(runtime, plan=[{"channel": "sms"}, {"channel": "alimtalk"}])
    long_ago = clock() - timedelta(days=1, seconds=1)
    for values in (
        {"error_code": "-8000", "error_text": "no"},
        {"error_code": "no_upload"},
        {"error_code": "", "created_at": long_ago},
        {"expires_at": long_ago, "provider_name": "old"},
    ):
        await given(eng, **values)
        (fallen,), (alone,) = await eng.accept(NUMBER), await eng.accept(NUMBER, plan=SMS)
        await eng.run()
        assert await state(eng, fallen) == ("sent", None)
        assert [a.reason for a in await eng.attempts(fallen)] == ["no_picture", None]
        assert await state(eng, alone) == ("failed", "no_picture")
    assert {call.route for call in eng.provider.calls} == {"alimtalk"}


async def test_what_may_still_come_is_waited_for_till_the_message_ends(runtime: Runtime) -> None:
    eng = await mms(runtime)
    ids = []
    for code in ("no_answer", "misconfigured", ""):
        await given(eng, error_code=code)
        ids += await eng.accept(NUMBER, expires_at=clock() + timedelta(hours=2))
        await eng.run()
        assert await state(eng, ids[-1]) == ("held", "picture_awaited")
    with time_machine.travel(clock() + timedelta(hours=3)):
        await meet_deadlines(runtime)
        await eng.run()
    assert {await state(eng, id_) for id_ in ids} == {("expired", "message_expired")}
    assert eng.provider.calls == []


async def test_the_longer_it_is_missing_the_longer_the_wait(runtime: Runtime) -> None:
    eng = await mms(runtime)
    waits = []
    for age in (timedelta(), timedelta(minutes=20), timedelta(hours=20)):
        await given(eng, created_at=clock() - age)
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        async with runtime.database.read() as session:
            message = await timeline.find(session, eng.caller, id_)
            (shown,) = await timeline.show(session, runtime, [message])
        waits.append(round((datetime.fromisoformat(shown["held_until"]) - clock()).total_seconds()))
    assert [abs(wait - told) < 5 for wait, told in zip(waits, (5, 600, 3600), strict=True)] == [
        True
    ] * 3


async def test_a_bubble_shows_the_thumbnail_by_its_provider_s_address(runtime: Runtime) -> None:
    eng = await engine(runtime, **HIGHLIGHT)
    await store(eng, "square.png", png(108, 108))
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")
    await upload(eng, Gallery())
    await past_due(eng)
    await eng.run()
    assert await state(eng, id_) == ("sent", None)
    highlight = eng.provider.calls[0].messages[0].highlight
    assert highlight is not None
    assert (highlight.title, highlight.image) == ("혜택", "http://gallery/1")


async def test_who_shows_no_picture_pays_nothing_for_those_who_do(runtime: Runtime) -> None:
    plain = await engine(runtime)
    await plain.accept(NUMBER)
    with statements(runtime) as seen:
        await plain.run()
    assert (seen, len(plain.provider.calls)) == ([], 1)
    eng = await mms(runtime)
    await given(eng, provider_name="f1")
    ids = await eng.accept(*[f"0101234{n:04}" for n in range(5)])
    lot = (await eng.attempts(ids[0]))[0].lot_id
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(Attempt).where(col(Attempt.message_id).in_(ids)).values(lot_id=lot)
        )
    assert lot is not None
    cargo = await read_lot(runtime, lot, clock())
    with statements(runtime) as seen:
        await showing.show(runtime, cargo, eng.workspace_id, eng.account.id, clock())
    assert (len(seen), len(cargo.ready)) == (1, 5)


async def test_a_picture_of_that_name_elsewhere_is_another(runtime: Runtime) -> None:
    eng = await mms(runtime)
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
        shown, _ = await pictures.store(tx, other, "photo.jpg", jpeg(320, 240))
        await picture_uploads.want(tx, other, eng.account.id, {(shown.id, PictureUse.MMS)})
        await tx.session.exec(update(PictureUpload).values(provider_name="theirs"))
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")
    assert eng.provider.calls == []


async def test_a_repeat_neither_waits_nor_ends_here(runtime: Runtime) -> None:
    """It may have been taken. Without any name of the provider's it names a picture nobody has."""
    eng = await mms(runtime)
    (id_,) = await eng.accept(NUMBER)
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Attempt).values(reason="in_doubt"))
    (attempt,) = await eng.attempts(id_)
    assert attempt.lot_id is not None
    for name, leaves_with in (("f1", "f1"), ("", "photo.jpg")):
        await given(eng, provider_name=name, expires_at=clock() - timedelta(days=2))
        cargo = await read_lot(runtime, attempt.lot_id, clock())
        await showing.show(runtime, cargo, eng.workspace_id, eng.account.id, clock())
        assert [message.picture for _, message in cargo.ready] == [leaves_with]
        assert (cargo.awaiting, cargo.refused) == ([], [])


async def test_what_waited_for_its_hours_then_waits_for_its_picture(runtime: Runtime) -> None:
    evening = datetime(2026, 11, 26, 20, 0, tzinfo=KST)
    with time_machine.travel(evening, tick=False) as moment:
        eng = await mms(runtime, send_window={"from": "09:00", "to": "18:00"})
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        assert await state(eng, id_) == ("held", "outside_window")
        moment.move_to(evening + timedelta(hours=13))
        await eng.run()
        assert await state(eng, id_) == ("held", "picture_awaited")
        await upload(eng, Gallery())
        moment.move_to(evening + timedelta(hours=13, minutes=1))
        await eng.run()
        assert await state(eng, id_) == ("sent", None)

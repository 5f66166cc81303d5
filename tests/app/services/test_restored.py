"""After a restore: what is closed, what is left alone. The whole story is in tests/faults."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from app.db.models import Attempt, Call, Campaign, Event, Lot
from app.db.models.fields import now as clock
from app.services.restored import RESTORED, restored
from app.services.runtime import Runtime
from tests.app.services.talks import talking
from tests.engine import engine

NUMBERS = ["01012340001", "01012340002"]


async def test_lots_are_closed_unless_their_time_is_ahead(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (queued,) = await eng.accept(NUMBERS[0])
    (later,) = await eng.accept(NUMBERS[1], send_at=clock() + timedelta(hours=1))
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE lot SET fence = 7")
    await restored(runtime)
    async with runtime.database.read() as session:
        lots = {lot.id: lot for lot in await session.exec(select(Lot))}
        (one,) = await eng.attempts(queued)
        (two,) = await eng.attempts(later)
        kinds = list(await session.exec(select(Event.kind).where(col(Event.subject_id) == queued)))
    assert one.lot_id is not None
    assert two.lot_id is not None
    assert (lots[one.lot_id].state, lots[one.lot_id].fence) == ("done", 8)
    assert (lots[two.lot_id].state, lots[two.lot_id].fence) == ("waiting", 7)
    assert (two.status, (await eng.message(later)).status) == ("queued", "scheduled")
    assert {"attempt.unknown", "message.steps_dropped"} <= set(kinds)


async def test_an_attempt_is_asked_about_by_its_own_reference(runtime: Runtime) -> None:
    """The call it left with last may not be in the backup."""
    eng = await engine(runtime)
    await eng.accept(NUMBERS[0])
    await eng.run()
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET status = 'sending'")
        await tx.conn.exec_driver_sql("UPDATE call SET ended_at = NULL")
    await restored(runtime)
    async with runtime.database.read() as session:
        attempt = (await session.exec(select(Attempt))).one()
        call = (await session.exec(select(Call))).one()
    assert (attempt.status, attempt.call_id) == ("unknown", None)
    assert attempt.sent_at is not None
    assert call.ended_at is not None


async def test_what_the_provider_has_is_left_alone(runtime: Runtime) -> None:
    """It waits for its receipt; only its later steps do not begin again."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBERS[0])
    await eng.run()
    done = await restored(runtime)
    assert (done.in_doubt, done.steps_dropped) == (0, 1)
    assert (await eng.message(id_)).status == "sent"


async def test_a_campaign_that_ran_pauses(runtime: Runtime) -> None:
    """Its next rows may have become messages after the backup."""
    eng = await engine(runtime)
    async with runtime.database.write() as tx:
        for state in ("running", "ready", "paused"):
            made = Campaign(
                workspace_id=eng.workspace_id, mode="sandbox", name=state, template="t",
                state=state, due_at=tx.now if state == "running" else None,
            )  # fmt: skip
            tx.session.add(made)
    assert (await restored(runtime)).campaigns == 1
    async with runtime.database.read() as session:
        found = {one.name: one for one in await session.exec(select(Campaign))}
    assert {name: one.state for name, one in found.items()} == {
        "running": "paused", "ready": "ready", "paused": "paused",
    }  # fmt: skip
    assert (found["running"].reason, found["running"].due_at) == (RESTORED, None)


async def test_lines_of_staff_are_never_sent_again_by_themselves(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.hear()
        await talk.post("네, 오늘 출발해요")
        assert (await restored(talk.runtime)).lines == 1
        assert await talk.send() == 0
        assert talk.sent() == []
        assert [line.status for line in await talk.lines() if line.author_kind == "agent"] == [
            "unknown"
        ]

"""Many at once: a lot is held as one, released as one, and cut where the night begins."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func
from sqlmodel import col, select

from app.config import Settings
from app.db.models import Event, Message
from app.db.models.fields import now as clock
from app.services import batch
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage
from app.services.runtime import Runtime, open_runtime
from scheduler.pace import Pace
from templates.windows import KST
from tests import stores
from tests.engine import FORM, Engine, Provider, engine


async def accept(eng: Engine, count: int) -> None:
    """Equal texts to many people: one lot for every thousand, full calls."""
    new = [NewMessage(FORM["code"], f"0101{i:07d}", {"주문번호": "1"}) for i in range(count)]
    await batch.accept(eng.runtime, Catalogue(eng.runtime), eng.caller, new, clock())


async def advertising(runtime: Runtime, batch: int) -> Engine:
    return await engine(runtime, Provider(batch=batch), purpose="ad", plan=[{"channel": "sms"}])


async def states(eng: Engine) -> dict[tuple[str, str | None], int]:
    async with eng.runtime.database.read() as session:
        every = await session.exec(select(Message.status, Message.reason))
        return dict(Counter((status, reason) for status, reason in every))


async def held_and_released(runtime: Runtime, count: int) -> None:
    """A batch by night: all of it held, all of it sent once in the morning."""
    evening = datetime(2026, 11, 26, 21, 30, tzinfo=KST)
    with time_machine.travel(evening, tick=False) as moment:
        eng = await advertising(runtime, batch=1000)
        await accept(eng, count)
        await eng.run()
        assert await states(eng) == {("held", "outside_window"): count}
        async with runtime.database.read() as session:
            told = select(func.count()).where(col(Event.kind) == "attempt.held")
            assert await session.scalar(told) == count
        moment.shift(timedelta(hours=10, minutes=30))
        await eng.run()
        assert (len(eng.provider.people), set(eng.provider.people.values())) == (count, {1})


async def test_a_batch_is_held_and_released_on_postgresql_too(
    app_settings: Settings, postgres: str
) -> None:
    settings = app_settings.model_copy(update={"database_url": postgres})
    async with open_runtime(settings) as runtime:
        await stores.migrate(runtime.database)
        await held_and_released(runtime, 300)


@pytest.mark.long
async def test_ten_thousand_are_held_and_released(runtime: Runtime) -> None:
    await held_and_released(runtime, 10_000)


@pytest.mark.long
async def test_a_lot_read_before_the_night_and_paced_into_it_does_not_leave(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2026, 11, 26, 20, 58, 59, tzinfo=KST)
    with time_machine.travel(evening, tick=False) as moment:
        eng = await advertising(runtime, batch=10)
        await accept(eng, 300)  # one lot, more calls than are opened at once
        waited = 0

        async def take(*_: object, **__: object) -> bool:
            """What is opened first leaves at once; the rest only after nine."""
            nonlocal waited
            waited += 1
            if waited == 2:
                moment.move_to(datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC))
            return True

        monkeypatch.setattr(Pace, "take", take)
        await eng.run()
        assert waited > 1
        left = sum(eng.provider.people.values())
        assert await states(eng) == {("sent", None): left, ("held", "outside_window"): 300 - left}
        assert 0 < left < 300
        monkeypatch.undo()
        moment.move_to(datetime(2026, 11, 26, 23, 0, tzinfo=UTC))
        await eng.run()
        assert await states(eng) == {("sent", None): 300}
        assert set(eng.provider.people.values()) == {1}

"""Cases put off: by whom, until when, and who comes first."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.db.models import Case
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.services import snoozes
from app.services.cases import Agent, Place
from tests.app.services.desks import Desk, desk, stand

ME = Agent("김나루")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        await made.talk.hear()
        yield made


async def snooze(here: Desk, until: datetime, epoch: int | None = None) -> Case:
    case_id = (await here.case()).id
    async with here.talk.runtime.database.write() as tx:
        return await snoozes.snooze(tx, here.talk.caller(), case_id, until, epoch)


async def test_its_owner_stays_and_the_customer_wakes_it(here: Desk) -> None:
    await here.take(ME)
    assert stand(await snooze(here, clock() + HOUR, 2)) == ("snoozed", "agent", "김나루", 2)
    later = clock() + 2 * HOUR
    assert (await snooze(here, later)).snooze_until == later
    assert stand(await here.take(ME)) == ("assigned", "agent", "김나루", 2)
    await snooze(here, later)
    await here.answer(ME)
    assert (await here.case()).snooze_until is None
    await snooze(here, later)
    await here.talk.hear("여보세요")
    case = await here.case()
    assert stand(case) == ("assigned", "agent", "김나루", 2)
    assert case.snooze_until is None
    place = Place(case.workspace_id, case.thread_id, case.id)
    async with here.talk.runtime.database.write() as tx:
        assert not await snoozes.end(tx, place)  # the customer was faster


@pytest.mark.parametrize("ends", ["taken", "resolved"])
async def test_a_snooze_ends_with_what_is_done(here: Desk, ends: str) -> None:
    await here.take(ME)
    await snooze(here, clock() + HOUR)
    found = await (here.take(Agent("이나루")) if ends == "taken" else here.resolve())
    assert found.snooze_until is None


LIMITS = [
    (timedelta(0), False),
    (MINUTE - timedelta(seconds=1), False),
    (MINUTE + timedelta(seconds=5), True),
    (timedelta(days=90) - MINUTE, True),
    (timedelta(days=90) + MINUTE, False),
    (-HOUR, False),
]


async def test_from_one_minute_to_ninety_days(here: Desk) -> None:
    await here.take(ME)
    for after, allowed in LIMITS:
        if allowed:
            assert (await snooze(here, clock() + after)).state == "snoozed"
            continue
        with pytest.raises(GatewayError) as refused:
            await snooze(here, clock() + after)
        assert (refused.value.code, refused.value.field) == ("bad_time", "until")


async def test_what_cannot_be_put_off(here: Desk) -> None:
    for state in ("queued", "bot", "resolved"):
        await here.talk.change(Case, state=state)
        with pytest.raises(GatewayError) as refused:
            await snooze(here, clock() + HOUR)
        assert refused.value.code == "not_owned"
    await here.talk.change(Case, state="assigned", owner_kind="agent", owner="김나루")
    with pytest.raises(GatewayError) as stale:
        await snooze(here, clock() + HOUR, epoch=9)
    assert stale.value.code == "stale_epoch"
    naive = (clock() + HOUR).replace(tzinfo=None)
    with pytest.raises(GatewayError) as zone:
        await snooze(here, naive)
    assert zone.value.code == "bad_time"

"""The database goes back in time: the provider knows more than we do, and is asked."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.config import Settings
from app.db.models import Attempt, Installation, Message, Worker
from app.db.models.fields import now as clock
from app.errors import Refused
from app.ids import new_id
from app.services.accept import Acceptor
from app.services.restored import BEAT_S, Restored, restored
from app.services.runtime import Runtime, open_runtime
from channels.contract import Outcome
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.dispatch import Lane
from scheduler.recovery import look_up_unknown
from tests.engine import Engine, Provider, engine, past_due
from tests.needs import fresh_database

WAITS = "01012340000"  # never sent before the restore
QUEUED = "01012340001"  # queued in the backup, sent after it
OPEN = "01012340002"  # its call was open in the backup
UNKNOWN = "01012340003"  # its answer was lost before the backup
NOBODY = "01012340004"  # refused at the messenger after the backup: an SMS followed
LATER = "01012340005"  # planned for a time that is still ahead
EVERYBODY = (WAITS, QUEUED, OPEN, UNKNOWN, NOBODY, LATER)


class Story:
    """One installation, its backup, and the provider that remembers everything."""

    def __init__(self, settings: Settings, kind: IdempotencyClass) -> None:
        self.settings = settings
        self.provider = Provider(kind, batch=1, answer=self.answer)
        self.loses = False
        self.ids: dict[str, UUID] = {}
        self.eng: Engine

    def answer(self, ref: str, to: str) -> Outcome:
        """A provider where one number is not at the messenger."""
        if to == NOBODY and self.provider.calls[-1].route == "alimtalk":
            return Outcome(ref, Verdict.REJECTED, Reason.NOT_REACHABLE, "3018")
        if self.loses:
            return Outcome(ref, Verdict.UNKNOWN, Reason.NO_ANSWER)
        return Outcome(ref, Verdict.ACCEPTED)

    async def accept(self, runtime: Runtime) -> None:
        """Everything up to the moment of the backup."""
        self.eng = eng = await engine(runtime, self.provider)
        (self.ids[UNKNOWN],) = await eng.accept(UNKNOWN)
        self.loses = True
        await eng.run()
        self.loses = False
        for number in (WAITS, QUEUED, NOBODY, OPEN):
            (self.ids[number],) = await eng.accept(number)
        (self.ids[LATER],) = await eng.accept(LATER, send_at=clock() + timedelta(hours=1))
        async with runtime.database.write() as tx:
            await tx.session.exec(
                update(Attempt)
                .where(col(Attempt.message_id) == self.ids[OPEN])
                .values(status="sending", sent_at=tx.now)
            )

    async def go_on(self, runtime: Runtime) -> None:
        """What happens after the backup, and is not in it."""
        eng = self.again(runtime)
        async with runtime.database.write() as tx:
            await tx.session.exec(
                update(Attempt)
                .where(col(Attempt.message_id) == self.ids[OPEN])
                .values(status="queued")
            )
            await tx.session.exec(
                update(Attempt)
                .where(col(Attempt.message_id) == self.ids[WAITS])
                .values(status="cancelled")
            )
        await eng.run()
        wanted = Counter({QUEUED: 1, OPEN: 1, UNKNOWN: 1, NOBODY: 1})
        assert self.provider.people == wanted, "the story is not as told"

    def again(self, runtime: Runtime) -> Engine:
        """The same engine on another state of the store, without leases and memories."""
        lane = Lane(runtime, self.eng.account, self.provider, new_id())
        self.eng = replace(self.eng, runtime=runtime, lane=lane, acceptor=Acceptor(runtime))
        return self.eng

    async def settle(self) -> None:
        """Windows pass, what is unknown is asked about, what queues leaves."""
        for _ in range(3):
            async with self.eng.runtime.database.write() as tx:
                await tx.conn.exec_driver_sql(
                    "UPDATE attempt SET due_at = 1 WHERE status = 'unknown'"
                )
            await look_up_unknown(self.eng.runtime, self.eng.lanes)
            await self.eng.run()

    async def status(self, number: str) -> str:
        return (await self.eng.message(self.ids[number])).status


@asynccontextmanager
async def told(settings: Settings, kind: IdempotencyClass) -> AsyncIterator[tuple[Story, Runtime]]:
    """The story up to the restored store, opened."""
    story = Story(settings, kind)
    async with open_runtime(settings) as runtime:
        await story.accept(runtime)
    if settings.database_url:
        with fresh_database(settings.database_url.rpartition("/")[2]) as backup:
            async with open_runtime(settings) as runtime:
                await story.go_on(runtime)
            async with open_runtime(settings.model_copy(update={"database_url": backup})) as back:
                story.again(back)
                yield story, back
        return
    file = settings.data / "naru.db"
    shutil.copy(file, settings.data / "backup.db")
    async with open_runtime(settings) as runtime:
        await story.go_on(runtime)
    for old in settings.data.glob("naru.db*"):
        old.unlink()
    (settings.data / "backup.db").rename(file)
    async with open_runtime(settings) as back:
        story.again(back)
        yield story, back


@pytest.mark.parametrize("kind", [IdempotencyClass.LOOK_UP, IdempotencyClass.DEDUPE])
async def test_what_left_after_the_backup_does_not_leave_again(
    app_settings: Settings, kind: IdempotencyClass
) -> None:
    """B05: asked first (R4), same references (R2), no second fallback (R7); nothing is lost."""
    async with told(app_settings, kind) as (story, runtime):
        calls = len(story.provider.calls)
        done = await restored(runtime)
        assert (done.epoch, done.in_doubt, done.steps_dropped) == (2, 5, 5)
        await story.eng.run()
        assert len(story.provider.calls) == calls, "nothing leaves before anybody was asked"
        await story.settle()
        once = Counter(dict.fromkeys(set(EVERYBODY) - {LATER}, 1))
        assert story.provider.people == once
        assert max(story.provider.taken.values()) == 1
        assert await story.status(NOBODY) == "failed", "visible; a person may send it again"
        assert {await story.status(n) for n in (WAITS, QUEUED, OPEN, UNKNOWN)} == {"sent"}
        assert await story.status(LATER) == "scheduled"
        await past_due(story.eng)
        async with runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
        await story.eng.run()
        assert story.provider.people[LATER] == 1


async def test_without_it_they_leave_twice(app_settings: Settings) -> None:
    """B05: what the command is for; should this fail, the story above tests nothing."""
    async with told(app_settings, IdempotencyClass.LOOK_UP) as (story, _):
        await story.eng.run()
        assert story.provider.people[QUEUED] == 2


async def test_what_nobody_can_be_asked_about_waits_for_a_person(app_settings: Settings) -> None:
    """B05: Blind, `when_unknown` is hold (R8); nothing leaves again, all of it is visible."""
    async with told(app_settings, IdempotencyClass.BLIND) as (story, runtime):
        calls = len(story.provider.calls)
        await restored(runtime)
        await story.settle()
        assert len(story.provider.calls) == calls
        states = {await story.status(n) for n in set(EVERYBODY) - {LATER}}
        assert states == {"unknown"}


async def test_both_may_arrive_when_the_operator_says_so(app_settings: Settings) -> None:
    """B05: the later steps are kept, and the SMS goes out once more."""
    async with told(app_settings, IdempotencyClass.LOOK_UP) as (story, runtime):
        assert (await restored(runtime, both_may_arrive=True)).steps_dropped == 0
        await story.settle()
        assert story.provider.people[NOBODY] == 2
        assert await story.status(NOBODY) == "sent"


async def test_only_while_nobody_works_and_as_often_as_one_likes(runtime: Runtime) -> None:
    """B05: refused beside a living scheduler; a second time changes nothing but the epoch."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(QUEUED)
    async with runtime.database.write() as tx:
        tx.session.add(Worker(host="h", pid=1))
    with pytest.raises(Refused, match="Stop Naru"):
        await restored(runtime)
    assert (await eng.message(id_)).status == "queued"
    async with runtime.database.write() as tx:
        beat = tx.now - timedelta(seconds=BEAT_S)
        await tx.session.exec(update(Worker).values(beat_at=beat))
    assert await restored(runtime) == Restored(2, 1, 1)
    assert await restored(runtime) == Restored(3, 1, 0)
    async with runtime.database.read() as session:
        installation = await session.get(Installation, 1)
        message = await session.get(Message, id_)
    assert installation is not None
    assert installation.restored_at is not None
    assert message is not None
    assert message.status == "unknown"

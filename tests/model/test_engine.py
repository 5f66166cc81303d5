"""The model's steps driven against the real engine, on a real store, by Hypothesis.

Accept, send with every kind of answer, be killed at every point, let leases lapse, look up, get
receipts early, late and twice: whatever the order, a customer gets a notice at most once on the
messenger, never on messenger and SMS both, and in the end exactly one way.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import sampled_from

from app.config import Settings
from app.services import audit, counters, receipts
from app.services.recovery import lapse_leases
from app.services.runtime import Runtime, open_runtime
from channels.contract import Outcome, Receipt
from channels.vocabulary import IdempotencyClass, Reason, Result, Verdict
from scheduler.dispatch import Lane
from scheduler.recovery import look_up_unknown
from tests.engine import TTL_S, Engine, Provider, engine, past_due
from tests.model.dying import DiesAfter, Killed

WORDS = {
    "accepts": Outcome("", Verdict.ACCEPTED),
    "refuses": Outcome("", Verdict.REJECTED, Reason.NOT_REACHABLE, "3018"),
    "is busy": Outcome("", Verdict.DEFERRED, Reason.THROTTLED),
    "takes it, answer lost": Outcome("", Verdict.UNKNOWN, Reason.NO_ANSWER),
    "never sees it": Outcome("", Verdict.UNKNOWN, Reason.NO_ANSWER),
}
POINTS = ("claimed", "opened", "sent")


class Town(RuleBasedStateMachine):
    """One engine; every rule is one thing that may happen next."""

    folder: Path
    kind = IdempotencyClass.LOOK_UP

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.ids: list[UUID] = []
        self.numbers: list[str] = []  # of each message; equal ones have equal texts too
        self.delivered: set[str] = set()  # references a receipt has called delivered
        self.opened: Any = None
        self.eng: Engine

    def do(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def start(self) -> None:
        self.opened = open_runtime(Settings(data=self.folder, database_url=""))
        runtime: Runtime = self.do(self.opened.__aenter__())
        self.eng = self.do(engine(runtime, Provider(self.kind, batch=3)))
        self.take("01010000000")
        self.take("01010000001")

    def take(self, number: str) -> None:
        self.ids += self.do(self.eng.accept(number))
        self.numbers.append(number)

    def teardown(self) -> None:
        if self.opened is not None:
            if hasattr(self, "eng"):
                self.do(self.end_well())
            self.do(self.opened.__aexit__(None, None, None))
        self.loop.close()

    @rule()
    @precondition(lambda self: len(self.ids) < 6)
    def accept(self) -> None:
        self.take(f"0101000{len(self.ids):04d}")

    @rule()
    @precondition(lambda self: self.kind is IdempotencyClass.WINDOW_LOOK_UP and len(self.ids) < 6)
    def accept_the_same(self) -> None:
        """The same text to the same number once more: it must arrive twice, and no more."""
        self.take("01010000000")

    @rule()
    @precondition(lambda self: self.kind is IdempotencyClass.WINDOW_LOOK_UP)
    def an_hour_passes(self) -> None:
        self.do(self.hour())

    async def hour(self) -> None:
        """What was sent is long ago, in our books and in the provider's."""
        ago = 3_600_000_000
        async with self.eng.runtime.database.write() as tx:
            await tx.conn.exec_driver_sql(f"UPDATE attempt SET sent_at = sent_at - {ago}")
        book = self.eng.provider.book
        book[:] = [(what, at - timedelta(microseconds=ago)) for what, at in book]

    @rule(word=sampled_from([*WORDS]))
    def send(self, word: str) -> None:
        """The lane takes a turn and the provider answers like this."""
        self.script(word)
        self.do(past_due(self.eng))
        self.do(self.eng.lane.turn())

    @rule(word=sampled_from([*WORDS]), point=sampled_from(POINTS))
    def die(self, word: str, point: str) -> None:
        """The lane takes a turn and its process is killed at this point; another takes over."""
        self.script(word)
        self.do(past_due(self.eng))
        dying = self.eng.lane
        self.patch(dying, point)
        with contextlib.suppress(Killed, BaseExceptionGroup):
            self.do(dying.turn())
        eng = self.eng
        eng.lane = Lane(eng.runtime, eng.account, eng.provider, dying._worker_id)

    def patch(self, lane: Lane, point: str) -> None:
        """Raise where SIGKILL would strike: after the claim, the open call, or the send."""

        async def killed(*_: Any) -> Any:
            raise Killed

        if point == "claimed":
            lane._work = killed  # type: ignore[method-assign, assignment]
        elif point == "opened":
            lane._send = killed  # type: ignore[method-assign, assignment]
        else:
            lane.adapter = DiesAfter(self.eng.provider)  # type: ignore[assignment]

    @rule()
    def leases_lapse(self) -> None:
        async def lapse() -> None:
            await past_due(self.eng)
            async with self.eng.runtime.database.write() as tx:
                await lapse_leases(tx, {})

        self.do(lapse())

    @rule()
    def ask(self) -> None:
        """Every settle window is over, the provider is asked."""
        self.do(past_due(self.eng))
        self.do(look_up_unknown(self.eng.runtime, self.eng.lanes))

    @rule()
    @precondition(lambda self: self.kind is IdempotencyClass.DEDUPE)
    def memory_fades(self) -> None:
        """More time passes than the provider remembers a reference."""

        async def fade() -> None:
            ago = int(2 * TTL_S * 1_000_000)
            async with self.eng.runtime.database.write() as tx:
                await tx.conn.exec_driver_sql(f"UPDATE attempt SET created_at = created_at - {ago}")

        self.do(fade())
        self.eng.provider.memory.clear()

    @rule(fails=sampled_from([True, False]))
    def report(self, fails: bool) -> None:
        """The provider reports what it took, all of it, again and again."""
        self.do(self.reports(fails=fails))

    async def reports(self, *, fails: bool) -> None:
        eng, made = self.eng, []
        for ref in eng.provider.taken:
            if fails and ref not in self.delivered and ref not in eng.provider.refused:
                eng.provider.refused.add(ref)  # definitely not on the phone
                eng.provider.people[self.number_of(ref)] -= 1
            if ref in eng.provider.refused:
                made.append(
                    Receipt(Result.UNDELIVERED, ref=ref, reason=Reason.NOT_REACHABLE, code="3018")
                )
            else:
                self.delivered.add(ref)
                made.append(Receipt(Result.DELIVERED, ref=ref, code="1000"))
        async with eng.runtime.database.write() as tx:
            await receipts.apply(tx, eng.runtime, eng.workspace_id, eng.account.id, made * 2)

    def number_of(self, ref: str) -> str:
        return next(m.to for call in self.eng.provider.calls for m in call.messages if m.ref == ref)

    def script(self, word: str) -> None:
        provider = self.eng.provider
        provider.takes_unknown = word != "never sees it"
        provider.answer = lambda ref, to: WORDS[word]

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        if hasattr(self, "eng"):
            provider = self.eng.provider
            assert all(count <= 1 for count in provider.taken.values()), "one reference, once"
            wanted = Counter(self.numbers)
            assert provider.people <= wanted, "one way only"

    @invariant()
    def counters_tell_the_truth(self) -> None:
        """After every step they say what the tables hold."""

        async def look() -> None:
            async with self.eng.runtime.database.read() as session:
                for day in {counters.day_of(id_) for id_ in self.ids}:
                    day_ = date.fromisoformat(day)
                    assert await audit.compare(session, self.eng.workspace_id, day_) == []

        if hasattr(self, "eng"):
            self.do(look())

    async def end_well(self) -> None:
        """The storm is over: everything accepted must reach an end, delivered once or failed."""
        self.script("accepts")
        eng = self.eng
        for _ in range(12):
            await self.hour()
            await past_due(eng)
            async with eng.runtime.database.write() as tx:
                await tx.conn.exec_driver_sql("UPDATE message SET expires_at = NULL")
                await lapse_leases(tx, {})
            await look_up_unknown(eng.runtime, eng.lanes)
            await eng.run()
            await self.reports(fails=False)
        self.nobody_gets_it_twice()
        arrived: Counter[str] = Counter()
        for number, id_ in zip(self.numbers, self.ids, strict=True):
            status = (await eng.message(id_)).status
            if self.kind is IdempotencyClass.BLIND and status == "unknown":
                assert eng.provider.people[number] == 0, "reported, and still unknown"
                continue  # held, and visible: only a person can decide about it
            assert status in ("delivered", "failed"), f"lost: {status}"
            arrived[number] += status == "delivered"
        assert arrived == +eng.provider.people, "said and done are the same"


def machine(folder: Path, asked: IdempotencyClass) -> type[RuleBasedStateMachine]:
    """The machine on a store of its own, copied from a migrated one for every run."""
    seen = 0

    class Fresh(Town):
        kind = asked

        def __init__(self) -> None:
            nonlocal seen
            seen += 1
            super().__init__()
            self.folder = folder / f"run{seen}"
            self.folder.mkdir()
            (self.folder / "naru.db").write_bytes((folder / "naru.db").read_bytes())

    return Fresh


def run(folder: Path, kind: IdempotencyClass, examples: int, steps: int) -> None:
    """Explore; prints the shortest failing story."""
    case = machine(folder, kind).TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.generate],  # add Phase.shrink for a shorter story; it takes minutes
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()


KINDS = {
    IdempotencyClass.LOOK_UP: 4,
    IdempotencyClass.DEDUPE: 4,
    IdempotencyClass.WINDOW_LOOK_UP: 4,
    IdempotencyClass.BLIND: 3,
}


@pytest.mark.parametrize(("kind", "examples"), KINDS.items())
@pytest.mark.timeout(600)
def test_whatever_happens_exactly_one_arrives(
    tmp_path: Path, migrated: Path, kind: IdempotencyClass, examples: int
) -> None:
    (tmp_path / "naru.db").write_bytes(migrated.read_bytes())
    run(tmp_path, kind, examples=examples, steps=15)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(600)
def test_for_longer(tmp_path: Path, migrated: Path, kind: IdempotencyClass) -> None:
    (tmp_path / "naru.db").write_bytes(migrated.read_bytes())
    run(tmp_path, kind, examples=15, steps=30)

"""T02, G18: seven virtual days; advertising queued around the clock never leaves by night."""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from app.db.models import Message
from app.services.runtime import Runtime
from channels.contract import Outcome
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from templates.windows import KST, Window, ad_hours, opens_at, parse
from tests.engine import Engine, Provider, engine

STEP_MIN = int(os.environ.get("NARU_TEST_STEP_MIN", "407"))
MONDAY = datetime(2026, 12, 28, 0, 0, tzinfo=KST)  # over the year's end
WEEK = timedelta(days=7)
SMS = [{"channel": "sms"}]
FALLS_BACK = [{"channel": "alimtalk"}, {"channel": "sms"}]
OFFICE = {"from": "09:00", "to": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
NIGHT = {"from": "22:30", "to": "04:00"}
EVENING = {"from": "17:00", "to": "23:00", "days": ["tue", "sat"]}
# what the calls of each workspace ask for: (window, plan)
ADS: list[tuple[Any, Any]] = [(None, SMS), (EVENING, SMS), ({"from": "00:00", "to": "24:00"}, SMS)]
NOTICES: list[tuple[Any, Any]] = [("any", FALLS_BACK), (OFFICE, FALLS_BACK), (NIGHT, FALLS_BACK)]


@dataclass
class Witness(Provider):
    """A provider that notes when each number was written to, and fails now and then."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))
    seen: list[tuple[str, datetime, bool]] = field(default_factory=list)  # True: a repeat
    refs: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.answer = self._answer

    def _answer(self, ref: str, to: str) -> Outcome:
        self.seen.append((to, datetime.now(UTC), ref in self.refs))
        self.refs.add(ref)
        kind, reason = self.chance.choices(
            (
                (Verdict.ACCEPTED, None),
                (Verdict.DEFERRED, Reason.THROTTLED),
                (Verdict.UNKNOWN, Reason.NO_ANSWER),
                (Verdict.REJECTED, Reason.NOT_REACHABLE),
            ),
            (80, 10, 5, 5),
        )[0]
        self.takes_unknown = self.chance.random() < 0.5
        return Outcome(ref, kind, reason)


class Week:
    """Two workspaces, one of advertising and one of notices, and a clock that is stepped."""

    def __init__(self, moment: time_machine.Traveller, seed: int) -> None:
        self.moment, self.chance = moment, random.Random(seed)
        self.windows: dict[str, list[Window]] = {}
        self.count = 0

    async def ask(self, eng: Engine, kinds: list[tuple[Any, Any]], *, is_ad: bool) -> None:
        """One message of each kind, some of them for later."""
        for window, plan in kinds:
            self.count += 1
            number = f"0102{self.count:07d}"
            law = [ad_hours(0)] if is_ad else []
            self.windows[number] = law + ([parse(window)] if isinstance(window, dict) else [])
            later = timedelta(minutes=self.chance.choice((0, 0, 7, 90, 600)))
            at = datetime.now(UTC) + later if later else None
            await eng.accept(number, send_window=window, plan=plan, send_at=at)

    async def live(self, engines: list[Engine], step: timedelta) -> None:
        """What the scheduler does, a while later."""
        self.moment.shift(step)
        for eng in engines:
            await eng.run()
            await meet_deadlines(eng.runtime)
            await look_up_unknown(eng.runtime, eng.lanes)


async def seven_days(runtime: Runtime, kind: IdempotencyClass, minutes: int, seed: int) -> None:
    with time_machine.travel(MONDAY, tick=False) as moment:
        week = Week(moment, seed)
        ads = await engine(runtime, Witness(kind), purpose="ad", plan=SMS)
        notices = await engine(runtime, Witness(kind))
        while datetime.now(UTC) < MONDAY + WEEK:
            await week.ask(ads, ADS, is_ad=True)
            await week.ask(notices, NOTICES, is_ad=False)
            for part in (
                0.02,
                0.49,
                0.49,
            ):  # no window is stepped over, and a retry is seen at once
                await week.live([ads, notices], timedelta(minutes=minutes * part))
        for _ in range(36):
            await week.live([ads, notices], timedelta(hours=2, minutes=1))
        left: Counter[str] = Counter()
        for eng in (ads, notices):
            assert isinstance(eng.provider, Witness)
            for number, at, is_repeat in eng.provider.seen:
                left[number] += 1
                if is_repeat and eng is notices and kind is IdempotencyClass.DEDUPE:
                    continue  # in doubt: it may have left already, so it waits for no window
                for window in week.windows[number]:
                    assert opens_at(window, at) is None, (number, at.astimezone(KST), window)
        async with runtime.database.read() as session:
            ends = Counter(message.status for message in await session.exec(select(Message)))
        assert ends.keys() <= {"sent", "failed", "expired", "no_report"}, ends
        assert ends.total() == week.count
        assert ends["expired"] <= 0.02 * week.count, ends
        assert len(left) + ends["expired"] >= week.count
        assert max((ads.provider.people + notices.provider.people).values()) == 1


@pytest.mark.long
async def test_seven_days(runtime: Runtime) -> None:
    """``NARU_TEST_STEP_MIN=53`` looks nearly every hour; the clock goes on by so many minutes."""
    await seven_days(runtime, IdempotencyClass.LOOK_UP, STEP_MIN, 1)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_seven_days_of_repeats(runtime: Runtime) -> None:
    await seven_days(runtime, IdempotencyClass.DEDUPE, STEP_MIN, 2)

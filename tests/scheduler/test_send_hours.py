"""Send windows and the hours of advertising, where they count: when a call is opened."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine

from app.services import timeline
from app.services.runtime import Runtime
from channels.vocabulary import IdempotencyClass, Reason, Verdict
from scheduler.recovery import look_up_unknown, meet_deadlines
from templates.windows import KST
from tests.engine import Engine, Provider, engine, past_due, verdict

NUMBER = "01012345678"
OFFICE = {"from": "09:00", "to": "18:00"}
AD: dict[str, Any] = {"purpose": "ad", "plan": [{"channel": "sms"}]}
LOST = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER)
REFUSED = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)


def korea(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def at(text: str) -> time_machine.travel:
    """The clock stands still there: how long a test takes must not matter."""
    return time_machine.travel(korea(text), tick=False)


async def state(eng: Engine, message_id: UUID) -> tuple[str, str | None]:
    message = await eng.message(message_id)
    return message.status, message.reason


async def until(eng: Engine, message_id: UUID) -> str | None:
    """What the API says of when it leaves."""
    async with eng.runtime.database.read() as session:
        message = await timeline.find(session, eng.caller, message_id)
        shown: str | None = (await timeline.show(session, eng.runtime, [message]))[0]["held_until"]
        return shown and datetime.fromisoformat(shown).astimezone(KST).isoformat()[:16]


async def test_a_held_message_leaves_once_when_its_window_opens(runtime: Runtime) -> None:
    with at("2026-11-26 18:00") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        ids = [*await eng.accept(NUMBER), *await eng.accept(NUMBER, send_window="any")]
        await eng.run()
        assert [await state(eng, i) for i in ids] == [("held", "outside_window"), ("sent", None)]
        assert await until(eng, ids[0]) == "2026-11-27T09:00"
        moment.move_to(korea("2026-11-27 08:59:58"))
        await eng.run()
        assert len(eng.provider.calls) == 1
        moment.move_to(korea("2026-11-27 09:00"))
        await eng.run()
        assert await state(eng, ids[0]) == ("sent", None)
        assert (await eng.attempts(ids[0]))[0].reason is None
        assert await until(eng, ids[0]) is None
        assert eng.provider.people[NUMBER] == 2


async def test_a_reservation_inside_a_closed_window_leaves_at_the_opening(
    runtime: Runtime,
) -> None:
    with at("2026-11-26 12:00") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        (id_,) = await eng.accept(NUMBER, send_at=korea("2026-11-26 22:00"))
        moment.move_to(korea("2026-11-26 22:00:01"))
        assert (await eng.message(id_)).status == "scheduled"
        await eng.run()
        assert await state(eng, id_) == ("held", "outside_window")
        moment.move_to(korea("2026-11-27 09:00:01"))
        await eng.run()
        assert await state(eng, id_) == ("sent", None)
        async with runtime.database.read() as session:
            for lang, words in (
                ("en", "Alimtalk waits until 2026-11-27 09:00 (Seoul)"),
                ("ko", "알림톡 11월 27일 09:00까지 기다림"),
            ):
                told = await timeline.timeline(session, eng.workspace_id, id_, lang)
                assert [e["title"] for e in told if e["kind"] == "attempt.held"] == [words]


async def test_the_fallback_obeys_the_same_window(runtime: Runtime) -> None:
    with at("2026-11-26 17:59:59") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        eng.provider.answer = REFUSED
        (id_,) = await eng.accept(NUMBER)
        await eng.lane.turn()
        moment.move_to(korea("2026-11-26 18:00"))
        eng.provider.answer = Provider().answer
        await eng.run()
        first, second = await eng.attempts(id_)
        assert (first.status, second.status, second.reason) == (
            "rejected",
            "queued",
            "outside_window",
        )
        assert (await eng.message(id_)).status == "held"
        moment.move_to(korea("2026-11-27 09:00"))
        await eng.run()
        assert await state(eng, id_) == ("sent", None)
        assert [call.route for call in eng.provider.calls] == ["alimtalk", "sms"]


@pytest.mark.parametrize(
    ("more", "ends"),
    [
        ({"expires_at": korea("2026-11-26 20:00")}, ("expired", "message_expired")),
        ({"plan": [{"channel": "sms", "within_s": 60}]}, ("failed", "step_deadline")),
    ],
)
async def test_what_ends_before_the_opening_is_not_held_in_vain(
    runtime: Runtime, more: dict[str, Any], ends: tuple[str, str]
) -> None:
    with at("2026-11-26 18:30") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        (id_,) = await eng.accept(NUMBER, **more)
        await eng.run()
        assert await state(eng, id_) == ("held", "outside_window")
        moment.move_to(korea("2026-11-26 20:00"))
        await meet_deadlines(runtime)
        assert await state(eng, id_) == ends
        moment.move_to(korea("2026-11-27 09:00"))
        await eng.run()
        assert eng.provider.calls == []


@pytest.mark.parametrize(
    ("hour", "leaves"),
    [
        ("07:59:59", False),
        ("08:00:00", True),
        ("20:58:59", True),
        ("20:59:00", False),  # a minute before: it would arrive by night
        ("21:00:00", False),
        ("02:00:00", False),
    ],
)
async def test_advertising_does_not_leave_by_night(
    runtime: Runtime, hour: str, leaves: bool
) -> None:
    with at(f"2026-11-26 {hour}"):
        eng = await engine(runtime, **AD)
        (id_,) = await eng.accept(NUMBER, send_window={"from": "00:00", "to": "24:00"})
        await eng.run()
        assert (await state(eng, id_))[0] == ("sent" if leaves else "held")
        assert len(eng.provider.calls) == leaves
        if not leaves:
            day = 26 if hour < "08" else 27
            assert await until(eng, id_) == f"2026-11-{day}T08:00"


async def test_the_margin_covers_a_whole_lease(runtime: Runtime) -> None:
    """What leaves under a lease may arrive as late as the lease ends."""
    eng = await engine(runtime, **AD)
    runtime.settings.ad_margin_s = 0.0
    assert eng.lane.ad_margin_s() > 10
    runtime.settings.ad_margin_s = 900.0
    assert eng.lane.ad_margin_s() == 900


async def test_a_repeat_does_not_wait_for_a_window(runtime: Runtime) -> None:
    """It may have left already; the sooner it is known the better."""
    with at("2026-11-26 17:59") as moment:
        eng = await engine(runtime, Provider(IdempotencyClass.DEDUPE), send_window=OFFICE)
        eng.provider.answer = LOST
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        moment.move_to(korea("2026-11-26 18:01"))
        await look_up_unknown(runtime, eng.lanes)
        eng.provider.answer = verdict(Verdict.ACCEPTED)
        await eng.run()
        assert await state(eng, id_) == ("sent", None)
        assert (len(eng.provider.calls), eng.provider.people[NUMBER]) == (2, 1)


@pytest.mark.parametrize("taken", [True, False])
async def test_advertising_in_doubt_is_asked_about_by_night_and_never_repeated(
    runtime: Runtime, taken: bool
) -> None:
    with at("2026-11-26 20:58:30") as moment:
        eng = await engine(runtime, Provider(IdempotencyClass.DEDUPE, takes_unknown=taken), **AD)
        eng.provider.answer = LOST
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        moment.move_to(korea("2026-11-26 20:58:40"))
        await look_up_unknown(runtime, eng.lanes)  # queued to be repeated
        assert (await eng.attempts(id_))[0].reason == "in_doubt"
        moment.move_to(korea("2026-11-26 21:00"))
        eng.provider.answer = Provider().answer
        for _ in range(3):
            await eng.run()
            await past_due_unknown(eng)
            await look_up_unknown(runtime, eng.lanes)
        assert len(eng.provider.calls) == 1
        assert (await state(eng, id_))[0] == ("sent" if taken else "held")
        moment.move_to(korea("2026-11-27 08:00"))
        await eng.run()
        assert (await state(eng, id_), eng.provider.people[NUMBER]) == (("sent", None), 1)


async def past_due_unknown(eng: Engine) -> None:
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET due_at = 1 WHERE status = 'unknown'")


async def test_what_the_provider_has_taken_is_not_touched(runtime: Runtime) -> None:
    with at("2026-11-26 17:59") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        moment.move_to(korea("2026-11-26 18:00"))
        await eng.run()
        assert await state(eng, id_) == ("sent", None)


async def test_what_was_refused_for_a_moment_waits_when_the_window_has_closed(
    runtime: Runtime,
) -> None:
    with at("2026-11-26 17:59:59") as moment:
        eng = await engine(runtime, send_window=OFFICE)
        eng.provider.answer = verdict(Verdict.DEFERRED, Reason.THROTTLED)
        (id_,) = await eng.accept(NUMBER)
        await eng.run()
        assert await state(eng, id_) == ("queued", "throttled")
        moment.move_to(korea("2026-11-26 18:00:01"))
        await eng.run()
        assert await state(eng, id_) == ("held", "outside_window")
        eng.provider.answer = Provider().answer
        await past_due(eng)
        moment.move_to(korea("2026-11-27 10:00"))
        await eng.run()
        assert (await state(eng, id_), len(eng.provider.calls)) == (("sent", None), 2)

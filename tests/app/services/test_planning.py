"""Plans before and after accept: several channels at once, other people, conditions, levels."""

from typing import Any

import pytest

from app.db.models import Message
from app.db.models.fields import now as clock
from app.errors import Forbidden, GatewayError
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage, prepare
from app.services.planning import MOST_CONTACTS
from app.services.runtime import Runtime
from channels.contract import Outcome
from channels.vocabulary import Reason, Result, Verdict
from scheduler.recovery import meet_deadlines
from tests.carriers import with_mms, without_mms
from tests.engine import FORM, Engine, engine, past_due, verdict

NUMBER, BOSS = "01012340001", "01012349999"
BOTH: list[dict[str, Any]] = [{"channels": ["alimtalk", "sms"]}]
ESCALATES: list[dict[str, Any]] = [
    {"channel": "alimtalk", "until": "acknowledged", "within_s": 60},
    {"channel": "sms", "to": "boss"},
]


async def start(eng: Engine, plan: list[dict[str, Any]], **more: Any) -> Message:
    """A message whose first step has left."""
    [id_] = await eng.accept(NUMBER, plan=plan, **more)
    await eng.run()
    return await eng.message(id_)


async def later(eng: Engine) -> None:
    """The step's time is over."""
    async with eng.runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET created_at = created_at - 61000000")
    await past_due(eng)
    await meet_deadlines(eng.runtime)
    await eng.run()


def sent_to(eng: Engine) -> list[tuple[str, str]]:
    """(route, number) of everything the provider was asked to carry."""
    return [(call.route, m.to) for call in eng.provider.calls for m in call.messages]


async def test_channels_of_one_step_leave_at_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await start(eng, BOTH)
    assert sorted(sent_to(eng)) == [("alimtalk", NUMBER), ("sms", NUMBER)]
    tries = await eng.attempts(message.id)
    assert [(a.step, a.branch, a.channel) for a in tries] == [(0, 0, "alimtalk"), (0, 1, "sms")]
    for attempt in tries:
        await eng.report(attempt, Result.DELIVERED)
    shown = await eng.message(message.id)
    assert (shown.status, shown.duplicate_delivery) == ("delivered", False), "the plan asked so"


async def test_one_of_them_is_enough(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await start(eng, [*BOTH, {"channel": "sms", "to": "boss"}], contacts={"boss": BOSS})
    chat, sms = await eng.attempts(message.id)
    await eng.report(chat, Result.UNDELIVERED, Reason.NOT_REACHABLE)
    assert (await eng.message(message.id)).status == "sent", "the other may still arrive"
    await eng.report(sms, Result.DELIVERED)
    shown = await eng.message(message.id)
    assert shown.status == "delivered"
    assert shown.closed_at is not None
    assert len(await eng.attempts(message.id)) == 2


async def test_the_next_step_waits_for_all_of_them(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await start(eng, [*BOTH, {"channel": "sms", "to": "boss"}], contacts={"boss": BOSS})
    chat, sms = await eng.attempts(message.id)
    await eng.report(chat, Result.UNDELIVERED, Reason.NOT_REACHABLE)
    await eng.report(sms, Result.UNDELIVERED, Reason.PHONE_OFF)
    await eng.run()
    assert sent_to(eng)[-1] == ("sms", BOSS)
    assert [a.to_name for a in await eng.attempts(message.id)] == ["", "", "boss"]


async def test_a_branch_in_doubt_holds_the_next_step_back(runtime: Runtime) -> None:
    eng = await engine(runtime)

    def answer(ref: str, to: str) -> Outcome:
        lost = eng.provider.calls[-1].route == "alimtalk"
        kind = (Verdict.UNKNOWN, Reason.NO_ANSWER) if lost else (Verdict.REJECTED, Reason.PHONE_OFF)
        return Outcome(ref, *kind)

    eng.provider.answer = answer
    message = await start(eng, [*BOTH, {"channel": "sms", "to": "boss"}], contacts={"boss": BOSS})
    assert message.status == "unknown"
    assert len(await eng.attempts(message.id)) == 2


async def test_a_wrong_number_falls_back_to_somebody_else_only(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS)
    alone = await start(eng, [{"channel": "alimtalk"}, {"channel": "sms"}])
    assert alone.status == "failed"
    assert len(await eng.attempts(alone.id)) == 1
    plan: list[dict[str, Any]] = [{"channel": "alimtalk"}, {"channel": "sms", "to": "boss"}]
    other = await start(eng, plan, contacts={"boss": BOSS})
    assert sent_to(eng)[-1] == ("sms", BOSS)
    assert len(await eng.attempts(other.id)) == 2


@pytest.mark.parametrize(
    ("reason", "expected"),
    [(Reason.PHONE_OFF, ["sms"]), (Reason.CONTENT_REFUSED, ["alimtalk"]), (Reason.QUOTA, [])],
)
async def test_a_step_starts_for_its_reasons_only(
    runtime: Runtime, reason: Reason, expected: list[str]
) -> None:
    """Whatever the table of reasons says; a step that does not fit is passed over."""
    eng = await engine(runtime)
    eng.provider.answer = verdict(Verdict.REJECTED, reason)
    plan: list[dict[str, Any]] = [
        {"channel": "alimtalk"},
        {"channel": "sms", "if_reason": ["phone_off"]},
        {"channel": "alimtalk", "if_reason": ["content_refused"]},
    ]
    message = await start(eng, plan)
    following = [a.channel for a in await eng.attempts(message.id)][1:2]
    assert following == expected


async def test_not_acknowledged_in_time_goes_to_the_supervisor(runtime: Runtime) -> None:
    eng = await engine(runtime, level="acknowledged")
    message = await start(eng, ESCALATES, contacts={"boss": BOSS})
    [first] = await eng.attempts(message.id)
    await eng.report(first, Result.DELIVERED)
    shown = await eng.message(message.id)
    assert (shown.status, shown.closed_at) == ("delivered", None), "the plan waits for more"
    await later(eng)
    assert sent_to(eng) == [("alimtalk", NUMBER), ("sms", BOSS)]
    _, second = await eng.attempts(message.id)
    await eng.report(second, Result.DELIVERED)
    shown = await eng.message(message.id)
    assert (shown.duplicate_delivery, shown.fallback_used) == (False, True)
    assert shown.closed_at is not None


@pytest.mark.parametrize("result", [Result.READ, Result.ACKNOWLEDGED])
async def test_acknowledged_in_time_ends_the_plan(runtime: Runtime, result: Result) -> None:
    """Read is not enough; it says that it was delivered, too."""
    eng = await engine(runtime, level="acknowledged")
    message = await start(eng, ESCALATES, contacts={"boss": BOSS})
    [first] = await eng.attempts(message.id)
    await eng.report(first, result)
    await eng.report(first, result)
    shown = await eng.message(message.id)
    assert shown.status == "delivered"
    assert (shown.closed_at is not None) == (result is Result.ACKNOWLEDGED)
    await later(eng)
    assert len(await eng.attempts(message.id)) == (2 if result is Result.READ else 1)


async def test_a_late_success_is_kept_and_flagged(runtime: Runtime) -> None:
    eng = await engine(runtime)
    message = await start(eng, [{"channel": "alimtalk"}])
    [attempt] = await eng.attempts(message.id)
    await eng.report(attempt, Result.UNDELIVERED, Reason.PHONE_OFF)
    assert (await eng.message(message.id)).status == "failed"
    await eng.report(attempt, Result.DELIVERED)
    shown = await eng.message(message.id)
    assert (shown.status, shown.late_delivery) == ("delivered", True)


@pytest.mark.parametrize(
    ("plan", "contacts", "code"),
    [
        (BOTH, {f"n{i}": BOSS for i in range(MOST_CONTACTS + 1)}, "too_many_contacts"),
        (BOTH, {"boss": BOSS}, "unused_contact"),
        ([{"channel": "sms", "to": "boss"}], {}, "unknown_contact"),
        ([{"channel": "sms", "to": "boss"}], {"boss": "12"}, "bad_number"),
        ([{"channel": "sms", "until": "read"}], {}, "level_unavailable"),
        ([{"channels": ["sms", "push"]}], {}, "no_sandbox_account"),
        ([{"channel": "fax"}], {}, "bad_plan"),
    ],
)
async def test_refused(
    runtime: Runtime, plan: list[dict[str, Any]], contacts: dict[str, str], code: str
) -> None:
    eng = await engine(runtime)
    with pytest.raises(GatewayError) as caught:
        await eng.accept(NUMBER, plan=plan, contacts=contacts)
    assert caught.value.code == code
    assert BOSS not in str(caught.value.data)


async def test_a_team_key_reaches_no_stranger_as_a_contact(runtime: Runtime) -> None:
    eng = await engine(runtime)
    team = Caller(eng.workspace_id, eng.caller.key_id, "team", eng.caller.scopes)
    plan = [{"channel": "sms", "to": "boss"}]
    new = NewMessage(FORM["code"], NUMBER, {"주문번호": "1"}, plan=plan, contacts={"boss": BOSS})
    with pytest.raises(Forbidden):
        await prepare(runtime, Catalogue(runtime), team, new, clock())


async def test_a_picture_needs_somebody_who_carries_it(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known when the message is given to us, not when it is to leave."""
    eng = await engine(runtime, sms_picture="photo.jpg", plan=[{"channel": "sms"}])
    without_mms(monkeypatch, "nhn")
    with pytest.raises(GatewayError) as refused:
        await eng.accept(NUMBER)
    assert (refused.value.code, refused.value.field) == ("no_mms_route", "plan[0].channel")
    assert "'scripted'" in refused.value.detail
    with_mms(monkeypatch, "nhn")
    eng = await engine(runtime, sms_picture="photo.jpg", plan=[{"channel": "sms"}])
    (id_,) = await eng.accept(NUMBER)
    assert [(a.channel, a.route) for a in await eng.attempts(id_)] == [("sms", "mms")]


async def test_a_later_step_s_picture_goes_where_it_is_carried(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_mms(monkeypatch, "nhn")
    eng = await engine(runtime, sms_picture="photo.jpg")
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE)
    (id_,) = await eng.accept(NUMBER)
    without_mms(monkeypatch, "nhn")
    await eng.run()
    assert [a.route for a in await eng.attempts(id_)] == ["alimtalk"]
    assert (await eng.message(id_)).status == "failed"

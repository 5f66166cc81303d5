"""Resend: the same content reaches the provider again, under a reference and tokens of its own."""

from datetime import datetime

import time_machine
from sqlmodel import col, select

from app.db.models import ReplyToken
from app.db.models.fields import now as clock
from app.services import resend
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
from templates.windows import KST
from tests.editions import second_version
from tests.engine import Engine, engine, verdict

NUMBER = "01012340001"
BUTTON = {"kind": "BC", "name": "상담원과 이야기"}


async def failed(runtime: Runtime) -> Engine:
    eng = await engine(runtime, buttons=[BUTTON])
    eng.provider.answer = verdict(Verdict.REJECTED, Reason.BAD_ADDRESS, code="-5000")
    return eng


async def test_it_reaches_the_provider(runtime: Runtime) -> None:
    eng = await failed(runtime)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    message = await eng.message(id_)
    assert message.status == "failed"
    resend.check(message, both_may_arrive=False)
    made = await resend.prepare(runtime, Catalogue(runtime), eng.caller, message, clock())
    await eng.acceptor.accept(made)
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await eng.run()
    first, second = (call.messages[0] for call in eng.provider.calls)
    assert (first.to, first.text) == (second.to, second.text)
    assert first.ref != second.ref
    assert first.buttons[0].token != second.buttons[0].token
    assert (await eng.message(id_)).status == "failed", "the old one keeps its end"
    shown = await eng.message(made.message_id)
    assert (shown.status, shown.resend_of) == ("sent", id_)
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(ReplyToken.token).where(col(ReplyToken.message_id) == made.message_id)
        )
        assert list(rows) == [second.buttons[0].token]


async def test_it_keeps_its_window_and_has_time_from_its_opening(runtime: Runtime) -> None:
    evening = datetime(2026, 11, 27, 17, 59, tzinfo=KST)  # a Friday
    window = {"from": "09:00", "to": "18:00", "days": ["mon", "fri"]}
    with time_machine.travel(evening, tick=False) as moment:
        eng = await failed(runtime)
        (id_,) = await eng.accept(NUMBER, send_window=window)
        await eng.run()
        message = await eng.message(id_)
        moment.shift(60)
        made = await resend.prepare(runtime, Catalogue(runtime), eng.caller, message, clock())
        await eng.acceptor.accept(made)
        await eng.run()
        again = await eng.message(made.message_id)
    assert (again.status, again.send_window) == ("held", message.send_window)
    assert again.expires_at == datetime(2026, 12, 1, 9, tzinfo=KST)


async def test_it_is_sent_as_the_version_it_was_accepted_with(runtime: Runtime) -> None:
    eng = await failed(runtime)
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    await second_version(eng)
    message = await eng.message(id_)
    made = await resend.prepare(runtime, Catalogue(runtime), eng.caller, message, clock())
    await eng.acceptor.accept(made)
    eng.provider.answer = verdict(Verdict.ACCEPTED)
    await eng.run()
    sent = eng.provider.calls[-1].messages[0]
    assert (sent.template, sent.text) == (
        "order_test",
        eng.provider.calls[0].messages[0].text,
    )

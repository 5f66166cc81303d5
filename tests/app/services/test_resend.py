"""Resend: the same content reaches the provider again, under a reference and tokens of its own."""

from sqlmodel import col, select

from app.db.models import ReplyToken
from app.db.models.fields import now as clock
from app.services import resend
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
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

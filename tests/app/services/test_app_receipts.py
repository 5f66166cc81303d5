"""What apps report: only of pushes of ours, durable, and harmless when it is untrue."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.db.models import ReceiptInbox
from app.db.models.fields import now as clock
from app.ids import new_id, to_ref
from app.services import app_receipts
from app.services.app_receipts import Told
from app.services.callbacks import reopen
from app.services.runtime import Runtime
from channels.push import parse_app
from tests.pushing import pushing

PLAN = [{"channel": "push"}, {"channel": "sms"}]


async def kept(runtime: Runtime) -> list[ReceiptInbox]:
    async with runtime.database.read() as session:
        return list(await session.exec(select(ReceiptInbox)))


async def test_a_token_names_one_attempt_and_cannot_be_made(runtime: Runtime) -> None:
    attempt = new_id()
    good = app_receipts.token(runtime.sealer, to_ref(attempt))
    assert app_receipts.attempt_of(runtime.sealer, good) == attempt
    assert good.isalnum()
    other = app_receipts.token(runtime.sealer, to_ref(new_id()))
    for bad in (
        good[:-1],
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:26] + other[26:],
        good[:26],
        "",
        "가" * 52,
        good + "A",
    ):
        assert app_receipts.attempt_of(runtime.sealer, bad) is None


async def test_only_pushes_are_reported_on(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "010-1234-5678", "fid-1")
    push = await one.accept(person="hana", plan=PLAN)
    text = await one.accept(to="010-1234-5678", plan=[{"channel": "sms"}])
    await one.run()
    tokens = [
        app_receipts.token(runtime.sealer, to_ref((await one.eng.attempts(id_))[0].id))
        for id_ in (push, text)
    ]
    told = [Told(tokens[1], "read"), Told(tokens[0], "danced"), Told(tokens[0], "read")]
    assert await app_receipts.keep(runtime, told, clock()) == [0, 1]
    (row,) = await kept(runtime)
    (receipt,) = parse_app(reopen(runtime.sealer, row))
    assert (row.kind, receipt.code) == ("app", "read")
    assert await app_receipts.keep(runtime, [Told("x" * 52, "read")], clock()) == [0]
    assert len(await kept(runtime)) == 1


@pytest.mark.parametrize(("ahead_s", "is_believed"), [(-3600, True), (60, True), (3600, False)])
async def test_a_clock_that_is_fast_is_not_believed(
    runtime: Runtime, ahead_s: float, is_believed: bool
) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    message_id = await one.accept(person="hana", plan=[{"channel": "push"}])
    await one.run()
    (attempt,) = await one.eng.attempts(message_id)
    now = clock()
    at = now + timedelta(seconds=ahead_s)
    token = app_receipts.token(runtime.sealer, to_ref(attempt.id))
    await app_receipts.keep(runtime, [Told(token, "received", at)], now)
    (row,) = await kept(runtime)
    (receipt,) = parse_app(reopen(runtime.sealer, row))
    assert receipt.at == (at if is_believed else now)


async def test_the_device_was_seen(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (device,) = await one.person("hana", "", "fid-1")
    message_id = await one.accept(person="hana", plan=[{"channel": "push"}])
    await one.run()
    assert (await one.device(device)).seen_at is None
    await one.told(message_id, 0, "received", "read")
    assert (await one.device(device)).seen_at is not None
    (attempt,) = await one.eng.attempts(message_id)
    assert (attempt.status, attempt.read_at is not None) == ("delivered", True)

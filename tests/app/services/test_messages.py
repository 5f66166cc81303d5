"""What a message freezes at accept; the table of refusals is in tests/app/api/test_messages.py."""

from datetime import timedelta

import pytest

from app.db.models.fields import now as clock
from app.errors import Refused
from app.services import content
from app.services.catalogue import Catalogue
from app.services.messages import MESSAGE_COLUMNS, NewMessage, prepare
from app.services.runtime import Runtime
from tests.engine import FORM, engine

VALUES = {"주문번호": "A-1"}


async def test_the_text_is_frozen_and_sealed(runtime: Runtime) -> None:
    """Number, variables and every step's text are in one blob; nothing of it is readable."""
    eng = await engine(runtime)
    new = NewMessage(FORM["code"], "010-1234-5678", VALUES, reference="R")
    made = await prepare(runtime, Catalogue(runtime), eng.caller, new, clock())
    row = dict(zip(MESSAGE_COLUMNS, made.message, strict=True))
    assert b"01012345678" not in row["sealed"]
    frozen = runtime.sealer.open(content.TABLE, eng.workspace_id, made.message_id, row["sealed"])
    assert (frozen["to"], frozen["variables"]) == ("01012345678", VALUES)
    assert frozen["alimtalk"]["text"] == "[나루상점] 주문번호 A-1 상품이 출발했습니다."
    assert frozen["sms"]["route"] == "sms"
    assert row["number_hash"] == runtime.sealer.number_hash(eng.workspace_id, "01012345678")
    assert "5678" not in repr(made)


async def test_an_lms_without_a_subject_takes_the_name(runtime: Runtime) -> None:
    """Providers refuse an LMS without a title."""
    eng = await engine(runtime, sms="주문번호 #{주문번호} " + "출발했습니다. " * 12)
    new = NewMessage(FORM["code"], "01012345678", VALUES)
    made = await prepare(runtime, Catalogue(runtime), eng.caller, new, clock())
    row = dict(zip(MESSAGE_COLUMNS, made.message, strict=True))
    frozen = runtime.sealer.open(content.TABLE, eng.workspace_id, made.message_id, row["sealed"])
    assert (frozen["sms"]["route"], frozen["sms"]["title"]) == ("lms", FORM["name"])


async def test_a_time_ahead_schedules(runtime: Runtime) -> None:
    eng = await engine(runtime)
    later = clock() + timedelta(hours=1)
    new = NewMessage(FORM["code"], "01012345678", VALUES, send_at=later)
    made = await prepare(runtime, Catalogue(runtime), eng.caller, new, clock())
    assert made.response["status"] == "scheduled"
    assert made.attempts[0].place.due_at == later
    row = dict(zip(MESSAGE_COLUMNS, made.message, strict=True))
    assert row["expires_at"] == later + timedelta(hours=runtime.settings.expire_h)


async def test_equal_requests_have_equal_digests() -> None:
    """Whatever the order of their variables; any other value changes it."""
    one = NewMessage("t", "010", {"a": "1", "b": "2"})
    assert one.digest() == NewMessage("t", "010", {"b": "2", "a": "1"}).digest()
    assert one.digest() != NewMessage("t", "010", {"a": "1", "b": "3"}).digest()
    assert one.digest() != NewMessage("t", "010", {"a": "1", "b": "2"}, priority="high").digest()


async def test_no_sender_for_a_step(runtime: Runtime) -> None:
    """The default plan ends with SMS: without a caller number it is refused, not cut short."""
    eng = await engine(runtime)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE sender SET state = 'blocked' WHERE kind = 'sms'")
    new = NewMessage(FORM["code"], "01012345678", VALUES)
    with pytest.raises(Refused) as refused:
        await prepare(runtime, Catalogue(runtime), eng.caller, new, clock())
    assert (refused.value.code, refused.value.field) == ("no_sandbox_account", "plan[1].channel")

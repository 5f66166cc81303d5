"""A message opened for a person: what was frozen, and an honest word when its key is gone."""

from typing import Any

import pytest
from sqlmodel import col, update

from app.db.models import Message
from app.errors import NotFound, Refused
from app.services import notices
from app.services.runtime import Runtime
from tests.engine import FORM, engine

RICH: dict[str, Any] = {
    "emphasis": "TEXT",
    "title": "출발 #{주문번호}",
    "subtitle": "주문 배송",
    "message_type": "MI",
    "extra": "* 부가 정보",
    "buttons": [{"kind": "AC", "name": "채널 추가"}, {"kind": "DS", "name": "배송 조회"}],
    "sms": "[나루상점] 주문번호 #{주문번호} 상품이 출발했습니다. " + "가" * 60,
}


async def test_what_was_frozen_is_shown(runtime: Runtime) -> None:
    eng = await engine(runtime, **RICH)
    (id_,) = await eng.accept("01012344821")
    message = await eng.message(id_)
    async with runtime.database.read() as session:
        one = await notices.read(session, runtime.sealer, message, "ko")
    assert (one.code, one.version, one.to) == (FORM["code"], 1, "010-****-4821")
    assert one.values == {"주문번호": "A-0"}
    assert one.bubble is not None
    assert one.text is not None
    assert (one.bubble["title"], one.bubble["subtitle"]) == ("출발 A-0", "주문 배송")
    assert one.bubble["text"] == "[나루상점] 주문번호 A-0 상품이 출발했습니다."
    assert one.bubble["extra"] == "* 부가 정보"
    assert [button["name"] for button in one.bubble["buttons"]] == ["채널 추가", "배송 조회"]
    assert one.text["route"] == "lms"
    assert one.text["bytes"] == 165
    assert notices.number_of(runtime.sealer, message) == "01012344821"


async def test_a_key_that_is_gone_is_told(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept("01012344821")
    async with runtime.database.write() as tx:
        await tx.session.exec(update(Message).where(col(Message.id) == id_).values(sealed=b"x"))
    message = await eng.message(id_)
    async with runtime.database.read() as session:
        one = await notices.read(session, runtime.sealer, message, "ko")
    assert (one.is_open, one.to, one.bubble) == (False, "", None)
    with pytest.raises(Refused, match="key is gone"):
        notices.number_of(runtime.sealer, message)
    with pytest.raises(NotFound):
        notices.read_id("x")

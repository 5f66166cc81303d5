"""Calls of each provider in words, by the real emulation."""

from typing import Any

import httpx
import pytest

from sandbox.callers import PROVIDERS as CALLED
from sandbox.inspector import PROVIDERS, QUICK_BYTES, code_of, meaning_of, unknown_of
from sandbox.meaning import Meaning
from sandbox.nhn.meaning_words import ALIMTALK_CODES, SMS_CODES
from sandbox.nhn.words import ALIMTALK, SMS
from sandbox.outbound import open_session
from sandbox.relay_wire import Refusal
from sandbox.solapi.meaning_words import ERRORS, STATUS
from sandbox.solapi.words import ERRORS as SOLAPI_ERRORS
from tests.sandbox import relays, solapi_shop
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK as BIZ,
)
from tests.sandbox.shop import CLIENT_SECRET, HANA, KEY, SECRET, notice, send, send_text


def read(running: Running) -> Meaning:
    return meaning_of(running.store, running.store.exchanges[-1])


def test_every_provider_and_every_code_of_theirs_has_words() -> None:
    assert tuple(PROVIDERS) == CALLED
    assert ALIMTALK.keys() - {0} <= ALIMTALK_CODES.keys()
    assert SMS.keys() - {0} <= SMS_CODES.keys()
    assert SOLAPI_ERRORS.keys() == ERRORS.keys()
    assert [code for code, words in STATUS.items() if words.ko == words.en] == []


async def test_nhn_in_words(quiet: Running) -> None:
    client = quiet.client
    body = {**notice(HANA), "requestDate": "2099-01-01 10:00"}
    await send(client, body)
    assert read(quiet).asks.ko == ("알림톡 1건, 2099-01-01 10:00에 예약, 대체 문자는 콘솔 설정대로")
    assert read(quiet).says.ko == "거절 -2026: 너무 먼 날에 예약했어요"
    body = notice(HANA)
    body["recipientList"][0]["resendParameter"] = {"isResend": True}
    await send(client, body)
    assert read(quiet).asks.en == "1 × Alimtalk, with NHN's own fallback"
    await send_text(client, "가" * 46, HANA)
    assert read(quiet).says.en == "Refused, -2015: the text or the title is too long"
    assert read(quiet).promise.ko.startswith("참조로 찾기. 멱등 키가 없어서")
    await send_text(client, "가" * 46, HANA, title="제목")
    assert (read(quiet).asks.ko, read(quiet).says.ko) == ("긴 문자(LMS) 1건", "1건 접수")
    await client.get(f"{BIZ}/senders/{KEY}/templates/ORDER_SHIPPED", headers=SECRET)
    found = read(quiet)
    assert (found.asks.ko, found.says.ko) == ("템플릿 하나 보기", "성공")
    assert found.template == "ORDER_SHIPPED"
    await client.delete("/nhn/alimtalk/v9")
    assert read(quiet).asks.ko == "규격에 없는 요청"


async def test_solapi_in_words(quiet: Running) -> None:
    solapi_shop.settle_in(quiet.store)
    caller = solapi_shop.Caller(quiet.client, quiet.store)
    await caller.send(solapi_shop.notice(disableSms=True), solapi_shop.text([HANA, HANA]))
    found = read(quiet)
    assert found.asks.ko == "알림톡 3건, 대체 문자 켬"
    assert found.says.ko == "1건 접수, 2건 거절 (1026: 중복된 수신번호입니다)"
    assert (found.sender, found.template) == (solapi_shop.CHANNEL, solapi_shop.TEMPLATE)
    await caller.send(solapi_shop.notice(disableSms=True), allowDuplicates=True)
    assert read(quiet).asks.en.endswith("own fallback off, repeated numbers allowed")
    status, _ = await caller.ask("POST", "/messages/v4/send", {"message": solapi_shop.text("x")})
    assert (status, read(quiet).says.en) == (
        200,
        "0 taken, 1 refused (1011: a field is written wrongly)",
    )
    await caller.ask("POST", "/messages/v4/groups", {})
    assert (read(quiet).asks.ko, read(quiet).says.ko) == ("그룹 만들기", "답했어요")
    await caller.ask("GET", "/kakao/v2/channels/categories", page="1")
    assert read(quiet).says.ko == "답했어요"
    assert [one.name for one in unknown_of(quiet.store.exchanges[-1])] == ["page"]
    await quiet.client.get("/solapi/cash/v1/balance")
    assert read(quiet).says.ko == "거절 InvalidAPIKey: 모르는 API 키예요"


async def test_the_relay_in_words(quiet: Running) -> None:
    relays.account(quiet.store, "dedupe")
    row = {"ref": "R1", "to": HANA, "sender": relays.SENDER, "text": "글"}
    for _ in range(2):
        asked = {"key": "call-1", "route": "sms", "messages": [row]}
        await relays.ask(quiet.client, "POST", "/messages", asked)
    found = read(quiet)
    assert (found.asks.ko, found.key) == ("문자(SMS) 1건", "call-1")
    assert found.says.ko.startswith("0건 접수, 1건 거절 (duplicate: 이미 접수한 참조예요")
    assert found.promise.en.startswith("dedupe: a reference that was taken is known for 600 s")
    await relays.ask(quiet.client, "POST", "/templates/actions", {"action": "stop"})
    assert read(quiet).asks.ko == "템플릿에: stop"
    assert read(quiet).says.ko.startswith("거절 sender_state")
    await quiet.client.get("/relay/results")
    assert read(quiet).promise.ko == "모르는 계정이에요"
    assert Refusal(401, "misconfigured", "").code == code_of(quiet.store.exchanges[-1])


async def test_consultation_in_words(quiet: Running) -> None:
    session = open_session(quiet.store, HANA, KEY)

    async def write(client: httpx.AsyncClient, **more: Any) -> None:
        body = {"user_key": session.user_key, "sender_key": KEY, "serial_number": "s-1", **more}
        await client.post("/consult/v1/chat/write", json=body, headers=CLIENT_SECRET)

    await write(quiet.client, message_type="TX", message="네")
    found = read(quiet)
    assert (found.asks.ko, found.says.ko) == ("상담 말 보내기: 글", "성공")
    assert [one.number for one in found.people] == [HANA]
    await write(quiet.client, message_type="TX", message="네")
    assert read(quiet).says.ko == "거절 -409: 이미 쓴 serial_number예요"
    body = {"user_key": "nobody", "sender_key": KEY}
    await quiet.client.post("/consult/v1/chat/end", json=body, headers=CLIENT_SECRET)
    assert read(quiet).says.en == "Refused, -599: no chat is open"


@pytest.mark.parametrize("size", [10, 100_000])
async def test_a_large_call_is_not_read_for_a_list(quiet: Running, size: int) -> None:
    body = notice(HANA)
    body["extra"] = "x" * size
    await send(quiet.client, body)
    page = (await quiet.client.get("/desk")).text
    assert ("모르는 칸 1개" in page) is (size == 10)
    page = (await quiet.client.get("/desk?request=1")).text
    assert "모르는 칸 1개" in page


async def test_a_long_answer_says_at_its_head_that_all_were_refused(quiet: Running) -> None:
    body = notice(*["010"] * 600)
    await send(quiet.client, body)
    one = quiet.store.exchanges[-1]
    assert len(one.answered) > QUICK_BYTES
    assert code_of(one) == -1031
    await send(quiet.client, notice(*[f"0101{n:07d}" for n in range(4_000, 4_600)]))
    assert code_of(quiet.store.exchanges[-1]) == 0

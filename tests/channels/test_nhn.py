"""NHN Cloud: sending. Payloads after docs.nhncloud.com, Bizmessage v2.3 and SMS v3.0."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from channels.adapters.nhn import Config, Nhn
from channels.adapters.nhn.account import products
from channels.adapters.nhn.codes import KAKAO_API, SMS_API
from channels.adapters.nhn.sending import outcomes
from channels.bubble import Button
from channels.contract import Call, Callback, CanLookUp, CanPoll, Outgoing
from channels.management import CanCheck, CanReview
from channels.transport import Reply
from channels.vocabulary import Reason, Verdict
from tests.channels.conformance import Case, Conformance, call, outgoing
from tests.channels.wire import any_json, plain_client, recorded

CONFIG = Config("AK1", "kakao-secret", "SMSAK", "sms-secret", "signed by NHN")
SECRETS = ("AK1", "kakao-secret", "SMSAK", "sms-secret", "signed by NHN")
KAKAO = "https://kakaotalk-bizmessage.api.nhncloudservice.com/alimtalk/v2.3/appkeys/AK1"
SMS = "https://sms.api.nhncloudservice.com/sms/v3.0/appKeys/SMSAK"
SIGNED = {"x-toast-webhook-signature": "signed by NHN"}
OK = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}


def hook(body: Any, headers: Mapping[str, str] = SIGNED) -> Callback:
    return Callback("", headers, orjson.dumps(body))


def result(place: int, message: Outgoing) -> dict[str, Any]:
    return {
        "recipientSeq": place,
        "recipientNo": message.to,
        "resultCode": 0,
        "resultMessage": "SUCCESS",
        "recipientGroupingKey": message.ref,
    }


def accepts_notices(asked: Call) -> dict[str, Any]:
    results = [result(n, m) for n, m in enumerate(asked.messages, 1)]
    return {"header": OK, "message": {"requestId": "R1", "sendResults": results}}


def accepts_texts(asked: Call) -> dict[str, Any]:
    results = [result(n, m) for n, m in enumerate(asked.messages, 1)]
    return {"header": OK, "body": {"data": {"requestId": "R1", "sendResultList": results}}}


def refuses(code: str) -> dict[str, Any]:
    return {"header": {"resultCode": int(code), "resultMessage": "no", "isSuccessful": False}}


STRANGE = (
    hook(recorded("nhn/alimtalk_webhook"), {}),
    hook(recorded("nhn/alimtalk_webhook"), {"x-toast-webhook-signature": "서명"}),
    hook([]),
    hook({"event": "MESSAGE_RESULT_UPDATE"}),
    hook({"event": "MESSAGE_RESULT_UPDATE", "hooks": ["?"]}),
    hook({"event": "MESSAGE_RESULT_UPDATE", "hooks": [{"requestId": "R", "resultCode": "1000"}]}),
    hook({"event": "MESSAGE_RESULT_UPDATE", "hooks": [{"senderType": "S", "resultCode": "1000"}]}),
    hook({"event": "MESSAGE_RESULT_UPDATE", "hooks": [{"senderType": "S", "requestId": "R"}]}),
    Callback("", SIGNED, b"\xff"),
)

ALIMTALK = Case(
    build=lambda client: Nhn(CONFIG, client),
    route="alimtalk",
    accepts=accepts_notices,
    refuses=refuses,
    rows=("message", "sendResults"),
    codes={str(code): ruling for code, ruling in KAKAO_API.items()},
    callback=hook(recorded("nhn/alimtalk_webhook")),
    strange=STRANGE,
    secrets=SECRETS,
    headers={"X-Secret-Key": "kakao-secret", "X-NC-API-IDEMPOTENCY-KEY": "call-17"},
)
TEXT = replace(
    ALIMTALK,
    route="sms",
    accepts=accepts_texts,
    rows=("body", "data", "sendResultList"),
    codes={str(code): ruling for code, ruling in SMS_API.items()},
    callback=hook(recorded("nhn/sms_webhook")),
    headers={"X-Secret-Key": "sms-secret"},
)


class TestAlimtalk(Conformance):
    case = ALIMTALK


class TestSms(Conformance):
    case = TEXT


class TestLms(Conformance):
    case = replace(TEXT, route="lms")


class TestMms(Conformance):
    case = replace(TEXT, route="mms")


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(CONFIG, client)


BUTTONS = (
    Button("DS", "배송조회"),
    Button(
        "WL",
        "주문 보기",
        url_mobile="https://shop.example/o/1",
        url_pc="https://shop.example/pc/1",
    ),
    Button("AL", "앱에서 보기", scheme_ios="shop://o/1", scheme_android="shop://o/1"),
    Button("BC", "상담하기", token="0f" * 16),
    Button("BT", "챗봇", token="1f1f", event="delivery"),
)


async def test_the_documented_alimtalk(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{KAKAO}/raw-messages")
    route.respond(200, json=recorded("nhn/alimtalk_answer"))
    one, two = outgoing(1), outgoing(2)
    one = replace(
        one, text="김하나님, 상품이 출발했습니다.\n한진택배 123456789012", buttons=BUTTONS
    )
    text = "이두리님, 상품이 출발했습니다.\n한진택배 210987654321"
    two = replace(two, to="01033334444", title="", text=text)
    answer = await nhn.send(replace(call("alimtalk"), messages=(one, two)))
    assert orjson.loads(route.calls.last.request.content) == recorded("nhn/alimtalk_request")
    accepted, refused = answer.outcomes
    assert (accepted.verdict, accepted.code) == (Verdict.ACCEPTED, "0")
    assert accepted.provider_id == "20261122101500aB3dE5fG7h0:1"
    assert (refused.verdict, refused.reason) == (Verdict.REJECTED, Reason.TEMPLATE_MISMATCH)
    assert (refused.code, refused.provider_id) == ("-3010", "")
    assert answer.request_id == "20261122101500aB3dE5fG7h0"


async def test_the_documented_lms(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{SMS}/sender/mms")
    route.respond(200, json=recorded("nhn/lms_answer"))
    text = "[예시몰] 상품이 출발했습니다. 한진택배 123456789012"
    messages = tuple(
        replace(outgoing(n), to=to, sender="0212345678", text=text)
        for n, to in ((1, "01011112222"), (2, "01033334444"))
    )
    answer = await nhn.send(replace(call("lms"), messages=messages))
    assert orjson.loads(route.calls.last.request.content) == recorded("nhn/lms_request")
    assert "X-NC-API-IDEMPOTENCY-KEY" not in route.calls.last.request.headers
    accepted, refused = answer.outcomes
    assert accepted.provider_id == "20261122101530kL9mN1pQ3r0:1"
    assert (refused.verdict, refused.reason) == (Verdict.REJECTED, Reason.BAD_ADDRESS)


async def test_an_sms_has_no_title(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{SMS}/sender/sms").respond(200, json={})
    await nhn.send(call("sms"))
    assert "title" not in orjson.loads(route.calls.last.request.content)


async def test_a_base_url_stands_in_for_both_hosts(respx_mock: respx.MockRouter) -> None:
    here = "http://127.0.0.1:8001/nhn"
    notices = respx_mock.post(f"{here}/alimtalk/v2.3/appkeys/AK1/raw-messages").respond(500)
    texts = respx_mock.post(f"{here}/sms/v3.0/appKeys/SMSAK/sender/sms").respond(500)
    async with plain_client() as client:
        sandbox = Nhn(replace(CONFIG, base_url=f"{here}/"), client)
        await sandbox.send(call("alimtalk"))
        await sandbox.send(call("sms"))
    assert (notices.call_count, texts.call_count) == (1, 1)


async def test_different_texts_never_share_a_request(nhn: Nhn) -> None:
    other = replace(outgoing(2), text="다른 사람의 글")
    with pytest.raises(ValueError, match="differ in"):
        await nhn.send(replace(call("sms"), messages=(outgoing(1), other)))


def judged(body: object, route: str = "alimtalk", count: int = 2) -> list[tuple[str, str]]:
    product = products(CONFIG)[0 if route == "alimtalk" else 1]
    answer = outcomes(call(route, count), product, Reply(200, orjson.dumps(body)))
    return [(o.verdict, o.code) for o in answer.outcomes]


def test_all_failed_is_read_person_by_person() -> None:
    row = {**result(1, outgoing(1)), "resultCode": -5000}
    body = refuses("-1031") | {"message": {"requestId": None, "sendResults": [row]}}
    assert judged(body) == [("rejected", "-5000"), ("rejected", "-1031")]
    assert judged(refuses("-1031") | {"message": None}) == [("rejected", "-1031")] * 2


def test_without_our_keys_only_a_complete_numbering_counts() -> None:
    asked = call("alimtalk", 2)
    body = accepts_notices(asked)
    results = body["message"]["sendResults"]
    for row in results:
        del row["recipientGroupingKey"]
    results[1]["resultCode"] = -5000
    results.reverse()
    assert judged(body) == [("accepted", "0"), ("rejected", "-5000")]
    results[0]["recipientSeq"] = 7
    assert judged(body) == [("unknown", "")] * 2
    results[0]["recipientSeq"] = 2
    results[0]["recipientNo"] = "01099998888"
    assert judged(body) == [("unknown", "")] * 2
    assert judged({**body, "message": {"sendResults": results[:1]}}) == [("unknown", "")] * 2


def test_two_words_about_one_person_are_none() -> None:
    body = accepts_notices(call("alimtalk", 2))
    rows = body["message"]["sendResults"]
    rows.append({**rows[0], "resultCode": -5000})
    assert judged(body) == [("unknown", ""), ("accepted", "0")]


@pytest.mark.parametrize(
    "head", [{"resultCode": 0, "isSuccessful": False}, {"resultCode": True}, {"resultCode": "?"}]
)
def test_a_header_that_contradicts_itself_is_unreadable(head: dict[str, Any]) -> None:
    assert (
        judged(accepts_notices(call("alimtalk", 2)) | {"header": head})
        == [("unknown", "HTTP 200")] * 2
    )


JSON = any_json(
    "header resultCode isSuccessful message sendResults body data requestId sendResultList"
    " recipientSeq recipientGroupingKey"
)


@given(body=JSON, route=st.sampled_from(["alimtalk", "sms"]))
def test_no_json_raises(body: object, route: str) -> None:
    assert len(judged({"header": OK, "message": body, "body": body}, route)) == 2
    assert len(judged(body, route)) == 2


def test_it_is_what_it_says(nhn: Nhn) -> None:
    assert isinstance(nhn, CanLookUp)
    assert isinstance(nhn, CanPoll)
    assert isinstance(nhn, CanCheck)
    assert isinstance(nhn, CanReview)

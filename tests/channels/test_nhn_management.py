"""NHN Cloud: checking an account, registering and reviewing templates."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.nhn import Config, Nhn
from channels.bubble import Button
from channels.management import Comment, ProviderRefused, ProviderSilent, Review, TemplateForm
from channels.vocabulary import CommentKind, Inspection, Reason
from tests.channels.wire import plain_client, recorded

KAKAO = "https://kakaotalk-bizmessage.api.nhncloudservice.com/alimtalk/v2.3/appkeys/AK1"
SMS = "https://sms.api.nhncloudservice.com/sms/v3.0/appKeys/SMSAK"
SENDER = "0123456789abcdef0123456789abcdef01234567"
TEMPLATES = f"{KAKAO}/senders/{SENDER}/templates"
FORM = TemplateForm(
    "ORDER_SHIPPED",
    "출고 안내",
    "#{이름}님, 상품이 출발했습니다.\n한진택배 #{송장번호}",
    category="006001",
    buttons=(Button("DS", "배송조회"),),
)
OK = {"header": {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}}


def refused(code: int, text: str = "no") -> dict[str, Any]:
    return {"header": {"resultCode": code, "resultMessage": text, "isSuccessful": False}}


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(Config("AK1", "k", "SMSAK", "s"), client)


async def test_a_healthy_account(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{KAKAO}/senders").respond(json=recorded("nhn/senders"))
    respx_mock.get(f"{SMS}/sendNos").respond(json=recorded("nhn/send_numbers"))
    health = await nhn.check()
    assert (health.ok, health.problems) == (True, ())
    notes = {"own_fallback_on": "@shop"}  # harmless: every request of ours switches it off
    assert health.details == {"senders": "1", "send_numbers": "1"} | notes


async def test_what_is_wrong_is_said_in_words(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    profiles = recorded("nhn/senders")
    profiles["senders"][0] |= {"block": True, "dormant": True}
    numbers = recorded("nhn/send_numbers")
    numbers["body"]["data"][0]["blockYn"] = "Y"
    kakao = respx_mock.get(f"{KAKAO}/senders").respond(json=profiles)
    sms = respx_mock.get(f"{SMS}/sendNos").respond(json=numbers)
    assert (await nhn.check()).problems == (
        "발신 프로필 @shop: 차단되었습니다.",
        "발신 프로필 @shop: 휴면 상태입니다.",
        "발신 번호 0212345678: 차단되었습니다.",
    )
    kakao.respond(json=OK | {"senders": []})
    sms.respond(json=OK | {"body": {"data": []}})
    assert [one[:11] for one in (await nhn.check()).problems] == [
        "등록된 발신 프로필이",
        "등록된 발신 번호가 ",
    ]
    kakao.respond(json=refused(-1001, "Invalid secretKey."))
    sms.respond(403)
    assert (await nhn.check()).problems == (
        "알림톡 앱 키 또는 비밀 키를 NHN Cloud가 받아들이지 않습니다 (-1001 Invalid secretKey.).",
        "문자(SMS) 앱 키 또는 비밀 키를 NHN Cloud가 받아들이지 않습니다 (HTTP 403).",
    )
    kakao.side_effect = httpx.ConnectError("no")
    sms.respond(json=refused(-1005))
    health = await nhn.check()
    assert health.problems == (
        "알림톡 서버에서 읽을 수 있는 응답이 없습니다 (ConnectError).",
        "문자(SMS) 조회를 NHN Cloud가 거절했습니다 (-1005 no).",
    )
    assert not health.ok


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "YSC02", "kakaoStatus": None}, "토큰 인증을 기다립니다."),
        ({"kakaoStatus": "S"}, "차단되었습니다."),
        ({"block": True, "kakaoStatus": "S", "kakaoProfileStatus": "B"}, "차단되었습니다."),
        ({"kakaoProfileStatus": "C"}, "카카오톡 채널이 비활성화 상태입니다."),
        ({"profileSpamLevel": "경고제한"}, "카카오톡이 스팸으로 제한했습니다 (경고제한)."),
        ({"alimtalk": {"dailyMaxCount": 1000, "sentCount": 1000}}, "오늘 보낼 수 있는 1,000건을"),
        ({"alimtalk": {"dailyMaxCount": 0, "sentCount": 5}}, None),
        ({"profileSpamLevel": None, "profileMessageSpamLevel": "정상"}, None),
        ({"initialUserRestriction": True}, None),
    ],
)
async def test_what_is_wrong_with_a_profile(
    nhn: Nhn, respx_mock: respx.MockRouter, change: dict[str, Any], expected: str | None
) -> None:
    profiles = recorded("nhn/senders")
    profiles["senders"][0] |= change
    respx_mock.get(f"{KAKAO}/senders").respond(json=profiles)
    respx_mock.get(f"{SMS}/sendNos").respond(json=recorded("nhn/send_numbers"))
    health = await nhn.check()
    assert health.ok is (expected is None)
    assert ("@shop" in health.details.get("first_time_senders", "")) is (
        "initialUserRestriction" in change
    )
    if expected:
        (problem,) = health.problems
        assert problem.startswith(f"발신 프로필 @shop: {expected}")


async def test_a_caller_that_is_not_in_use(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    numbers = recorded("nhn/send_numbers")
    numbers["body"]["data"][0]["useYn"] = "N"
    respx_mock.get(f"{KAKAO}/senders").respond(json=recorded("nhn/senders"))
    respx_mock.get(f"{SMS}/sendNos").respond(json=numbers)
    assert (await nhn.check()).problems == (
        "발신 번호 0212345678: 사용하지 않음으로 설정되었습니다.",
    )


async def test_registering_submits(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(TEMPLATES).respond(json=OK)
    assert await nhn.submit(SENDER, FORM) == Review(Inspection.REGISTERED)
    assert orjson.loads(route.calls.last.request.content) == recorded("nhn/template_request")


async def test_the_documented_review(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{TEMPLATES}/ORDER_SHIPPED").respond(json=recorded("nhn/template"))
    assert await nhn.review(SENDER, "ORDER_SHIPPED") == Review(
        Inspection.REJECTED,
        provider_code="ab12",
        dormant=True,
        comments=(
            Comment(
                "광고성 문구 제거 요청",
                CommentKind.REJECTED,
                "검수자",
                datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("status", "inspection"),
    [
        ("TSC01", Inspection.REGISTERED),
        ("TSC02", Inspection.IN_REVIEW),
        ("TSC03", Inspection.APPROVED),
        ("TSC04", Inspection.REJECTED),
    ],
)
async def test_statuses(
    nhn: Nhn, respx_mock: respx.MockRouter, status: str, inspection: Inspection
) -> None:
    body = OK | {"templates": {"status": status, "block": True}}
    respx_mock.get(f"{TEMPLATES}/A%2FB").respond(json=body)
    assert await nhn.review(SENDER, "A/B") == Review(inspection, blocked=True)


async def test_submitting_again_is_harmless(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    respx_mock.post(TEMPLATES).respond(json=refused(-3001))
    one = respx_mock.get(f"{TEMPLATES}/ORDER_SHIPPED").respond(json=recorded("nhn/template"))
    assert (await nhn.submit(SENDER, FORM)).inspection is Inspection.REJECTED
    one.respond(json=refused(-3003))  # the code is free: the name is taken
    with pytest.raises(ProviderRefused) as taken:
        await nhn.submit(SENDER, FORM)
    assert taken.value.code == "-3001"


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        (httpx.Response(200, json=refused(-3051)), Reason.REQUEST_REFUSED, "-3051"),
        (httpx.Response(400, json=refused(-1027)), Reason.SENDER_STATE, "-1027"),
        (httpx.Response(200, json=refused(-6666)), Reason.UNMAPPED, "-6666"),
        (httpx.Response(401), Reason.MISCONFIGURED, "HTTP 401"),
    ],
)
async def test_refusals(
    nhn: Nhn, respx_mock: respx.MockRouter, answer: httpx.Response, reason: Reason, code: str
) -> None:
    respx_mock.post(TEMPLATES).mock(return_value=answer)
    with pytest.raises(ProviderRefused) as caught:
        await nhn.submit(SENDER, FORM)
    assert (caught.value.reason, caught.value.code) == (reason, code)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(429),
        httpx.Response(200, json=refused(-9999)),
        httpx.Response(200, json=OK),
        httpx.Response(200, json=OK | {"templates": [{"status": "TSC03"}]}),
    ],
)
async def test_silence(nhn: Nhn, respx_mock: respx.MockRouter, answer: httpx.Response) -> None:
    respx_mock.get(f"{TEMPLATES}/ORDER_SHIPPED").mock(return_value=answer)
    with pytest.raises(ProviderSilent):
        await nhn.review(SENDER, "ORDER_SHIPPED")

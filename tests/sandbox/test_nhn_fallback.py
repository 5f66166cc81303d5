"""NHN's own fallback: set up, wanted, sent in place of a notice that failed, and told of."""

from typing import Any

import pytest

from sandbox.accounts import NhnKeys, put_nhn
from sandbox.delivery import HELD_MS, deliver_due
from sandbox.inbox import list_received
from sandbox.nhn.wire import SECOND, seoul
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    APP,
    CALLER,
    HANA,
    KEY,
    NO_KAKAO,
    OFF,
    SECRET,
    SMS,
    SMS_APP,
    SMS_SECRET,
    TEXT,
    notice,
    send,
)

DEFAULT = {"senderKey": KEY, "isResend": True, "resendSendNo": CALLER}


@pytest.fixture
async def shop(quiet: Running, clock: Clock) -> Running:
    """Linked with its own SMS product; its clock stands still."""
    quiet.store.now = clock
    assert await post(quiet, "/failback/appkey", {"resendAppKey": SMS_APP}) == 0
    return quiet


async def post(shop: Running, path: str, body: dict[str, Any]) -> int:
    answer = await shop.client.post(ALIMTALK + path, json=body, headers=SECRET)
    return int(answer.json()["header"]["resultCode"])


async def sent(shop: Running, number: str, **parameter: Any) -> str:
    body = notice(number)
    body["recipientList"][0]["resendParameter"] = parameter
    answer = await send(shop.client, body)
    assert answer["header"]["resultCode"] == 0
    return str(answer["message"]["requestId"])


async def one(shop: Running, request_id: str) -> dict[str, Any]:
    answer = await shop.client.get(f"{ALIMTALK}/messages/{request_id}/1", headers=SECRET)
    found: dict[str, Any] = answer.json()["message"]
    return found


def deliver(shop: Running, clock: Clock) -> None:
    clock.pass_s(1)
    deliver_due(shop.store)


async def test_a_notice_that_fails_is_sent_as_a_text(shop: Running, clock: Clock) -> None:
    request_id = await sent(
        shop, NO_KAKAO, isResend=True, resendSendNo=CALLER, resendContent="대신"
    )
    assert (await one(shop, request_id))["resendStatus"] == "RSC02"
    deliver(shop, clock)
    under_way = await one(shop, request_id)
    assert (under_way["resultCode"], under_way["resendStatus"]) == ("3019", "RSC03")
    deliver(shop, clock)
    (text,) = list_received(shop.store)
    assert (text.kind, text.number, text.text, text.sender) == ("sms", NO_KAKAO, "대신", CALLER)
    done = await one(shop, request_id)
    assert (done["resendStatus"], done["resendResultCode"]) == ("RSC04", "1000")
    assert (done["resendStatusName"], done["messageStatus"]) == ("대체 발송 성공", "FAILED")
    asked = {"requestId": done["resendRequestId"]}
    listed = await shop.client.get(f"{SMS}/sender/sms", params=asked, headers=SMS_SECRET)
    (row,) = listed.json()["body"]["data"]
    assert (row["senderGroupingKey"], row["recipientGroupingKey"]) == (
        "batch-17",
        f"ref-{NO_KAKAO}",
    )


async def test_the_text_is_made_of_the_notice(shop: Running, clock: Clock) -> None:
    await sent(shop, NO_KAKAO, isResend=True, resendSendNo=CALLER)
    for _ in range(2):
        deliver(shop, clock)
    (text,) = list_received(shop.store)
    assert (text.kind, text.title) == ("sms", "")
    assert text.text == f"{TEXT}\n주문 보기 - https://shop.example/o/1"


async def test_a_long_one_is_an_lms_named_after_the_channel(shop: Running, clock: Clock) -> None:
    await sent(shop, NO_KAKAO, isResend=True, resendSendNo=CALLER, resendContent="가" * 46)
    for _ in range(2):
        deliver(shop, clock)
    (text,) = list_received(shop.store)
    assert (text.kind, text.title) == ("lms", "@shop")


async def test_nothing_is_sent_without_need(shop: Running, clock: Clock) -> None:
    delivered = await sent(shop, HANA, isResend=True, resendSendNo=CALLER)
    unwanted = await sent(shop, NO_KAKAO, isResend=False)
    waiting = await sent(shop, OFF, isResend=True, resendSendNo=CALLER)
    for _ in range(2):
        deliver(shop, clock)
    assert [text.kind for text in list_received(shop.store)] == ["alimtalk"]
    found = [(await one(shop, name))["resendStatus"] for name in (delivered, unwanted, waiting)]
    assert found == ["RSC02", "RSC01", "RSC02"]
    clock.pass_s(HELD_MS["alimtalk"] / 1000)  # 3005 for good
    deliver(shop, clock)
    assert (await one(shop, waiting))["resendStatus"] == "RSC03"


async def test_a_text_that_cannot_be_sent(shop: Running, clock: Clock) -> None:
    stranger = await sent(shop, NO_KAKAO, isResend=True, resendSendNo="0299999999")
    emoji = await sent(shop, NO_KAKAO, isResend=True, resendSendNo=CALLER, resendContent="😀")
    deliver(shop, clock)
    found = [await one(shop, name) for name in (stranger, emoji)]
    assert [item["resendStatus"] for item in found] == ["RSC05", "RSC05"]
    assert [item["resendResultCode"] for item in found] == ["-2312", "-2023"]
    day = {"from": seoul(clock() - 60_000, SECOND), "to": seoul(clock() + 60_000, SECOND)}
    answer = await shop.client.get(
        f"/nhn/common/v2.2/appkeys/{APP}/stats/total",
        params={"statsType": "NORMAL", **day},
        headers=SECRET,
    )
    total = answer.json()["total"]
    assert (total["SENT_FAILED"], total["RESENT"], total["RESENT_FAILED"]) == (2, 0, 2)


async def test_what_is_too_long_is_cut(shop: Running, clock: Clock) -> None:
    long = "가" * 46
    await sent(
        shop, NO_KAKAO, isResend=True, resendSendNo=CALLER, resendContent=long, resendType="SMS"
    )
    for _ in range(2):
        deliver(shop, clock)
    assert [text.text for text in list_received(shop.store)] == ["가" * 45]


async def test_the_default_of_a_profile(shop: Running) -> None:
    assert await post(shop, "/failback", DEFAULT) == 0
    assert (await one(shop, await sent(shop, NO_KAKAO)))["resendStatus"] == "RSC02"
    unwanted = await sent(shop, NO_KAKAO, isResend=False)
    assert (await one(shop, unwanted))["resendStatus"] == "RSC01"
    answer = await shop.client.get(f"{ALIMTALK}/senders/{KEY}", headers=SECRET)
    said = answer.json()["sender"]["alimtalk"]
    assert (said["resendAppKey"], said["isResend"], said["resendSendNo"]) == (SMS_APP, True, CALLER)
    put_nhn(shop.store, NhnKeys("AK2", "x", "OTHER", "y"), [], [])
    assert await post(shop, "/failback/appkey", {"resendAppKey": "OTHER"}) == 0
    assert (await one(shop, await sent(shop, NO_KAKAO)))["resendStatus"] == "RSC01"


REFUSALS_OF_THE_SET_UP: list[Any] = [
    ("/failback/appkey", {"resendAppKey": "NONE"}, -1002),
    ("/failback/appkey", {}, -2002),
    ("/failback", {**DEFAULT, "resendSendNo": "0299999999"}, -1003),
    ("/failback", {**DEFAULT, "senderKey": "f" * 40}, -2017),
    ("/failback", {**DEFAULT, "isResend": "true"}, 4),
    ("/failback", {**DEFAULT, "isResend": None}, -2002),
]


async def test_refusals_of_the_set_up(shop: Running) -> None:
    found = [(path, body, await post(shop, path, body)) for path, body, _ in REFUSALS_OF_THE_SET_UP]
    assert found == REFUSALS_OF_THE_SET_UP


REFUSALS_OF_A_SEND: list[Any] = [
    ({"isResend": True}, -2502),  # no number, and no default
    ({"isResend": "yes"}, 4),
    ([], 0),
    ("x", 4),
    ({"isResend": True, "resendSendNo": CALLER, "resendType": "MMS"}, -4200),
    ({"isResend": True, "resendSendNo": CALLER, "resendContent": 1}, -4200),
]


async def test_refusals_of_a_send(shop: Running) -> None:
    body = notice(HANA)
    for parameter, expected in REFUSALS_OF_A_SEND:
        body["recipientList"][0]["resendParameter"] = parameter
        answer = await send(shop.client, body)
        assert answer["header"]["resultCode"] == expected, parameter


async def test_without_a_link_nothing_can_be_set_up(quiet: Running) -> None:
    assert await post(quiet, "/failback", DEFAULT) == -2502

"""Reservations of both products: listed, cancelled, and what can no longer be."""

from typing import Any

import pytest

from sandbox.delivery import deliver_due
from sandbox.inbox import list_received
from sandbox.nhn.wire import MINUTE, seoul
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    CALLER,
    HANA,
    NO_KAKAO,
    SECRET,
    SMS,
    SMS_SECRET,
    notice,
    send,
)

HOUR_S = 3_600


@pytest.fixture
def shop(quiet: Running, clock: Clock) -> Running:
    """Whose clock stands still."""
    quiet.store.now = clock
    return quiet


def later(shop: Running) -> str:
    return seoul(shop.store.now() + HOUR_S * 1000, MINUTE)


async def reserve(shop: Running, *numbers: str, auth: bool = False) -> str:
    body = {**notice(*numbers), "requestDate": later(shop)}
    if auth:
        body["recipientList"] = [
            {
                "recipientNo": one,
                "templateParameter": {"이름": "인증", "송장번호": "1", "주문": "1"},
            }
            for one in numbers
        ]
    answer = await send(shop.client, body, path="/auth/messages" if auth else "/raw-messages")
    assert answer["header"]["resultCode"] == 0
    return str(answer["message"]["requestId"])


async def cancel(shop: Running, request_id: str, query: str = "") -> int:
    path = f"{ALIMTALK}/messages/{request_id}{query}"
    answer = await shop.client.delete(path, headers=SECRET)
    return int(answer.json()["header"]["resultCode"])


async def states(shop: Running, request_id: str, **query: str) -> dict[str, str]:
    """Status by number."""
    asked = {"requestId": request_id, **query}
    answer = await shop.client.get(f"{ALIMTALK}/messages", params=asked, headers=SECRET)
    rows = answer.json()["messageSearchResultResponse"]["messages"]
    return {row["recipientNo"]: row["messageStatus"] for row in rows}


async def test_a_reserved_notice_is_cancelled_and_never_arrives(
    shop: Running, clock: Clock
) -> None:
    kept, request_id = await reserve(shop, HANA), await reserve(shop, HANA, NO_KAKAO)
    assert await cancel(shop, request_id, "?recipientSeq=1,9") == 0
    assert await states(shop, request_id) == {HANA: "CANCEL", NO_KAKAO: "READY"}
    assert await states(shop, request_id, messageStatus="CANCEL") == {HANA: "CANCEL"}
    assert await cancel(shop, request_id, "?recipientSeq=1") == -2029
    assert await cancel(shop, request_id) == 0
    assert await cancel(shop, request_id) == -2029
    clock.pass_s(2 * HOUR_S)
    while deliver_due(shop.store):
        pass
    assert [one.request_id for one in list_received(shop.store)] == [kept]
    assert await states(shop, request_id) == {HANA: "CANCEL", NO_KAKAO: "CANCEL"}
    assert await states(shop, request_id, resultCode="MRC02") == {}
    assert await cancel(shop, kept) == -2029  # it has left


async def test_what_cannot_be_cancelled(shop: Running) -> None:
    sent = await send(shop.client, notice(HANA))  # at once: it waits for its result only
    assert await cancel(shop, sent["message"]["requestId"]) == -2029
    assert await cancel(shop, "2026112210150" * 2) == -2028
    assert await cancel(shop, "R" * 25) == -2029
    for query in ("x", "1,", "", "9" * 30):
        assert await cancel(shop, await reserve(shop, HANA), f"?recipientSeq={query}") == 4
    others = f"{ALIMTALK.replace('AK1', 'AK2')}/messages/{'R' * 25}"
    answer = await shop.client.delete(others, headers=SECRET)
    assert answer.json()["header"]["resultCode"] == -1000


async def test_both_lanes_are_cancelled_by_one_call(shop: Running) -> None:
    request_id = await reserve(shop, HANA, auth=True)
    assert await states(shop, request_id) == {}
    assert await cancel(shop, request_id) == 0
    place = f"{ALIMTALK}/auth/messages/{request_id}/1"
    one = (await shop.client.get(place, headers=SECRET)).json()["message"]
    assert (one["messageStatus"], one["resultCode"], one["receiveDate"]) == ("CANCEL", None, None)


async def test_results_tell_of_a_cancelled_notice(shop: Running) -> None:
    await cancel(shop, await reserve(shop, HANA))
    now = shop.store.now()
    span = {"startUpdateDate": seoul(now, MINUTE), "endUpdateDate": seoul(now + 60_000, MINUTE)}
    answer = await shop.client.get(f"{ALIMTALK}/message-results", params=span, headers=SECRET)
    (row,) = answer.json()["messages"]
    assert (row["messageStatus"], row["resultCode"]) == ("CANCEL", None)


async def texts(shop: Running, path: str = "sms", date: str | None = "") -> str:
    body = {"body": "인증 1", "sendNo": CALLER, "recipientList": [{"recipientNo": HANA}]}
    body |= {"title": "제목"} if path == "mms" else {}
    body |= {} if date is None else {"requestDate": later(shop)}
    answer = await shop.client.post(f"{SMS}/sender/{path}", json=body, headers=SMS_SECRET)
    return str(answer.json()["body"]["data"]["requestId"])


async def reserved(shop: Running, **query: str) -> list[tuple[str, str]]:
    """Type and status of what the list of reservations has."""
    answer = await shop.client.get(f"{SMS}/reservations", params=query, headers=SMS_SECRET)
    return [(one["messageType"], one["messageStatus"]) for one in answer.json()["body"]["data"]]


async def put(shop: Running, body: Any) -> Any:
    answer = await shop.client.put(f"{SMS}/reservations/cancel", json=body, headers=SMS_SECRET)
    return answer.json().get("body", {}).get("data") or answer.json()["header"]["resultCode"]


async def test_reserved_texts(shop: Running, clock: Clock) -> None:
    first, second = await texts(shop), await texts(shop, "mms")
    third, _ = await texts(shop, "auth/sms"), await texts(shop, date=None)
    assert sorted(await reserved(shop)) == [
        ("AUTH", "RESERVED"), ("LMS", "RESERVED"), ("SMS", "RESERVED"),
    ]  # fmt: skip
    wanted = [{"requestId": one, "recipientSeq": 1} for one in (first, third, "R", first)]
    done = {"requestedCount": 4, "canceledCount": 2}
    assert await put(shop, {"reservationList": wanted, "updateUser": "gw"}) == done
    assert await reserved(shop, requestId=first, messageStatus="CANCEL") == [("SMS", "CANCEL")]
    assert await reserved(shop, sendType="2") == [("AUTH", "CANCEL")]
    listed = await shop.client.get(
        f"{SMS}/sender/sms", params={"requestId": first}, headers=SMS_SECRET
    )
    (row,) = listed.json()["body"]["data"]
    assert (row["msgStatus"], row["msgStatusName"], row["resultCode"]) == ("4", "예약 취소", None)
    clock.pass_s(2 * HOUR_S)
    while deliver_due(shop.store):
        pass
    assert await reserved(shop, requestId=second) == [("LMS", "COMPLETED")]
    assert sorted(one.kind for one in list_received(shop.store)) == ["lms", "sms"]
    for body in ({}, {"reservationList": wanted}, {"reservationList": [], "updateUser": "gw"},
                 {"reservationList": [{"requestId": first}], "updateUser": "gw"}):  # fmt: skip
        assert await put(shop, body) == -9997
    missing = await shop.client.get(f"{SMS}/reservations/{first}/2", headers=SMS_SECRET)
    assert missing.json()["header"]["resultCode"] == -2008

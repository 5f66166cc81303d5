"""SMS v3.0: sending, codes, lists, results."""

from typing import Any

import pytest

from sandbox.clock import clock_ms
from sandbox.inbox import list_received
from sandbox.nhn.wire import SECOND, seoul
from tests.sandbox.server import Running
from tests.sandbox.shop import CALLER, HANA, SMS, SMS_APP, SMS_SECRET, send_text


async def post(running: Running, body: dict[str, Any], path: str = "sms") -> int:
    answer = await running.client.post(f"{SMS}/sender/{path}", json=body, headers=SMS_SECRET)
    code = answer.json()["header"]["resultCode"]
    assert isinstance(code, int)
    return code


async def test_a_text_arrives_and_is_listed(running: Running) -> None:
    sent = await send_text(running.client, "안녕하세요", HANA)
    request_id = sent["body"]["data"]["requestId"]
    await running.until(lambda: list_received(running.store))
    listed = await running.client.get(
        f"{SMS}/sender/sms", params={"requestId": request_id}, headers=SMS_SECRET
    )
    item = listed.json()["body"]["data"][0]
    assert (item["msgStatus"], item["resultCode"], item["sendNo"]) == ("3", "1000", CALLER)
    single = await running.client.get(
        f"{SMS}/sender/sms/{request_id}", params={"recipientSeq": 1}, headers=SMS_SECRET
    )
    assert single.json()["body"]["data"]["recipientGroupingKey"] == f"sms-{HANA}"
    start, end = (seoul(clock_ms() + step, SECOND) for step in (-60_000, 60_000))
    results = await running.client.get(
        f"{SMS}/message-results",
        params={"startUpdateDate": start, "endUpdateDate": end, "messageType": "SMS"},
        headers=SMS_SECRET,
    )
    assert [one["resultCode"] for one in results.json()["body"]["data"]] == ["1000"]


@pytest.mark.parametrize(
    ("path", "change", "expected"),
    [
        ("sms", {"sendNo": "0299999999"}, -2312),
        ("sms", {"body": "가" * 46}, -2015),
        ("sms", {"body": "똠" * 45}, 0),
        ("sms", {"body": "안녕 😀"}, -2023),
        ("sms", {"body": "₩1,000"}, -2023),
        ("sms", {"body": ""}, -2014),
        ("sms", {"recipientList": []}, -2001),
        ("sms", {"recipientList": [{"recipientNo": HANA}] * 1_001}, -2016),
        ("sms", {"requestDate": "2020-01-01 00:00"}, -2022),
        ("sms", {"requestDate": "soon"}, -2000),
        ("sms", {"templateId": "T"}, -2110),
        ("sms", {"userId": "가" * 101}, -9997),
        ("sms", {"statsId": 1}, -9997),
        ("sms", {"recipientList": [{"internationalRecipientNo": "821000001001"}]}, 0),
        ("mms", {"title": "가" * 21}, -2015),
        ("mms", {"title": "안내", "body": "가" * 1_001}, -2015),
        ("mms", {"title": "안내", "body": "가" * 1_000}, 0),
        ("mms", {}, -2014),
    ],
)
async def test_refusals(quiet: Running, path: str, change: dict[str, Any], expected: int) -> None:
    body = {"body": "안녕하세요", "sendNo": CALLER, "recipientList": [{"recipientNo": HANA}]}
    assert await post(quiet, {**body, **change}, path) == expected


async def test_a_wrong_number_is_told_per_recipient(running: Running) -> None:
    answer = await send_text(running.client, "안녕하세요", HANA, "12")
    found = answer["body"]["data"]["sendResultList"]
    assert [one["resultCode"] for one in found] == [0, -2019]


async def test_keys_have_their_own_codes(running: Running) -> None:
    async def code(url: str, headers: dict[str, str]) -> int:
        answer = await running.client.get(url, headers=headers)
        return int(answer.json()["header"]["resultCode"])

    assert await code(f"{SMS}/sendNos".replace(SMS_APP, "none"), SMS_SECRET) == -1001
    assert await code(f"{SMS}/sendNos", {"X-Secret-Key": "wrong"}) == -1000
    assert await code(f"{SMS}/sendNos", SMS_SECRET) == 0


async def test_caller_numbers(running: Running) -> None:
    answer = await running.client.get(f"{SMS}/sendNos", headers=SMS_SECRET)
    assert [one["sendNo"] for one in answer.json()["body"]["data"]] == [CALLER]


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("sender/sms", {}, -2011),
        ("sender/sms/none", {"recipientSeq": "1"}, -2008),
        ("message-results", {}, -1005),
        (
            "message-results",
            {"startUpdateDate": "2026-11-01 00:00:00", "endUpdateDate": "2026-11-03 00:00:00"},
            -4000,
        ),
    ],
)
async def test_list_conditions(
    quiet: Running, path: str, params: dict[str, str], expected: int
) -> None:
    answer = await quiet.client.get(f"{SMS}/{path}", params=params, headers=SMS_SECRET)
    assert answer.json()["header"]["resultCode"] == expected

"""Alimtalk v2.3: sending, codes, idempotency, lists, results."""

from typing import Any

import httpx
import pytest

from sandbox.clock import clock_ms
from sandbox.inbox import list_received
from sandbox.nhn.wire import MINUTE, seoul
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    APP,
    BUTTONS,
    HANA,
    LOST,
    NO_KAKAO,
    SECRET,
    notice,
    recipient,
    send,
)


def code(answer: dict[str, Any]) -> int:
    found = answer["header"]["resultCode"]
    assert isinstance(found, int)
    return found


def codes(answer: dict[str, Any]) -> list[int]:
    return [one["resultCode"] for one in answer["message"]["sendResults"]]


async def arrived(running: Running, count: int) -> None:
    await running.until(lambda: len(list_received(running.store)) >= count)


async def test_a_send_with_parameters(quiet: Running) -> None:
    values = {"이름": "김하나", "송장번호": "123456789012", "주문": "1"}
    one = {"recipientNo": HANA, "templateParameter": values, "recipientGroupingKey": "msg-9001"}
    body = {**notice(), "recipientList": [one]}
    answer = await send(quiet.client, body, path="/messages")
    (result,) = answer["message"]["sendResults"]
    assert (result["resultCode"], result["recipientGroupingKey"]) == (0, "msg-9001")
    assert answer["message"]["senderGroupingKey"] == "batch-17"
    assert len(answer["message"]["requestId"]) == 25


async def test_full_text_arrives_and_is_listed_with_result_1000(running: Running) -> None:
    sent = await send(running.client, notice(HANA))
    await arrived(running, 1)
    request_id = sent["message"]["requestId"]
    listed = await running.client.get(
        f"{ALIMTALK}/messages", params={"requestId": request_id}, headers=SECRET
    )
    found = listed.json()["messageSearchResultResponse"]
    assert found["totalCount"] == 1
    item = found["messages"][0]
    assert (item["messageStatus"], item["resultCode"]) == ("COMPLETED", "1000")
    assert (item["recipientGroupingKey"], item["plusFriendId"]) == (f"ref-{HANA}", "@shop")
    single = await running.client.get(f"{ALIMTALK}/messages/{request_id}/1", headers=SECRET)
    assert single.json()["message"]["buttons"] == BUTTONS
    missing = await running.client.get(f"{ALIMTALK}/messages/{request_id}/2", headers=SECRET)
    assert code(missing.json()) == -1016


async def test_results_by_update_time(running: Running) -> None:
    await send(running.client, notice(HANA, NO_KAKAO))
    await arrived(running, 1)
    params = {"startUpdateDate": "2020-01-01 00:00", "endUpdateDate": "2020-01-02 00:00"}
    empty = await running.client.get(f"{ALIMTALK}/message-results", params=params, headers=SECRET)
    assert empty.json()["messages"] == []
    window = now_window()
    found = await running.client.get(f"{ALIMTALK}/message-results", params=window, headers=SECRET)
    assert sorted(one["resultCode"] for one in found.json()["messages"]) == ["1000", "3019"]
    counted = await running.client.get(
        f"{ALIMTALK}/message-results/count", params=window, headers=SECRET
    )
    assert counted.json()["totalCount"] == 2


def now_window() -> dict[str, str]:
    """Ten minutes before and after now."""
    start, end = (seoul(clock_ms() + step, MINUTE) for step in (-600_000, 600_000))
    return {"startUpdateDate": start, "endUpdateDate": end}


async def test_mixed_results_under_a_header_of_success(running: Running) -> None:
    body = notice(HANA, "12", "01011112222")
    body["recipientList"][2]["content"] = "다른 글"
    answer = await send(running.client, body)
    assert code(answer) == 0
    assert codes(answer) == [0, -5000, -3010]
    listed = await running.client.get(
        f"{ALIMTALK}/messages",
        params={"requestId": answer["message"]["requestId"]},
        headers=SECRET,
    )
    assert listed.json()["messageSearchResultResponse"]["totalCount"] == 1


async def test_all_failed(running: Running) -> None:
    answer = await send(running.client, notice("12", "34"))
    assert code(answer) == -1031
    assert codes(answer) == [-5000, -5000]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"content": "하" * 1_301}, -2019),
        ({"content": "틀린 글"}, -3010),
        ({"content": None}, -2002),
        ({"buttons": BUTTONS[:1]}, -3011),
        ({"buttons": [{**BUTTONS[0], "name": "배송 조회"}, *BUTTONS[1:]]}, -3011),
        ({"buttons": [BUTTONS[0], {**BUTTONS[1], "linkMo": "https://x/"}, *BUTTONS[2:]]}, -3011),
        ({"templateTitle": "가" * 51}, -2032),
        ({"templateHeader": "머리말"}, -3042),
        ({"templateItem": {"list": [{"title": "가", "description": "나"}]}}, -3043),
        ({"templateRepresentLink": {"linkMo": "https://x/"}}, -3046),
        ({"recipientNo": "0101234567890123"}, -5000),
    ],
)
async def test_what_is_wrong_with_a_recipient(
    quiet: Running, change: dict[str, Any], expected: int
) -> None:
    body = notice(HANA)
    body["recipientList"] = [{**recipient(HANA), **change}]
    assert codes(await send(quiet.client, body)) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"senderKey": "f" * 40}, -2017),
        ({"senderKey": None}, -2002),
        ({"senderKey": ""}, -2001),
        ({"templateCode": "NOPE"}, -3003),
        ({"recipientList": []}, -2001),
        ({"recipientList": "x"}, 4),
        ({"recipientList": [recipient(HANA)] * 1_001}, -2000),
        ({"requestDate": "2020-01-01 00:00"}, -2025),
        ({"requestDate": "2099-01-01 00:00"}, -2026),
        ({"requestDate": "tomorrow"}, -2027),
        ({"recipientList": [{**recipient(HANA), "resendParameter": {"isResend": True}}]}, -2502),
    ],
)
async def test_what_refuses_a_whole_request(
    quiet: Running, change: dict[str, Any], expected: int
) -> None:
    assert code(await send(quiet.client, {**notice(HANA), **change})) == expected
    assert list_received(quiet.store) == []


async def test_wrong_keys_and_bodies(running: Running) -> None:
    url, client = f"{ALIMTALK}/raw-messages", running.client
    other = url.replace(APP, "AK9")
    assert code((await client.post(other, json={}, headers=SECRET)).json()) == -1000
    assert code((await client.post(url, json={})).json()) == -1001
    plain = {**SECRET, "Content-Type": "text/plain"}
    assert code((await client.post(url, content="{}", headers=plain)).json()) == -9996
    json = {**SECRET, "Content-Type": "application/json"}
    assert code((await client.post(url, content="{", headers=json)).json()) == -3002
    assert code((await client.post("/nhn/alimtalk/v2.3/none")).json()) == -9998


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [("status", "TSC02", -3005), ("block", 1, -3005), ("dormant", 1, -3005)],
)
async def test_only_an_approved_template_leaves(
    quiet: Running, column: str, value: str | int, expected: int
) -> None:
    quiet.store.run(f"UPDATE template SET {column} = ?", (value,))
    assert code(await send(quiet.client, notice(HANA))) == expected


async def test_a_blocked_profile(running: Running) -> None:
    running.store.run("UPDATE sender SET blocked = 1")
    assert code(await send(running.client, notice(HANA))) == -1027


async def test_a_repeated_key_is_refused_without_replay(running: Running) -> None:
    assert code(await send(running.client, notice(HANA), key="k1")) == 0
    again = await send(running.client, notice(HANA), key="k1")
    assert code(again) == -1005
    assert "message" not in again
    running.store.run("UPDATE idempotency SET at = at - 600000")
    assert code(await send(running.client, notice(HANA), key="k1")) == 0


async def test_a_refused_request_does_not_burn_its_key(running: Running) -> None:
    assert code(await send(running.client, notice("12"), key="k2")) == -1031
    assert code(await send(running.client, notice(HANA), key="k2")) == 0


async def test_a_lost_answer_was_accepted_whole(running: Running) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await send(running.client, notice(HANA, LOST), key="k3")
    await arrived(running, 2)
    assert code(await send(running.client, notice(HANA, LOST), key="k3")) == -1005
    assert code(await send(running.client, notice(HANA, LOST), key="k4")) == 0
    assert running.store.counters()["answers lost"] == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"이름": "하나", "송장번호": "1"}, -3004),
        ({"이름": "하나", "송장번호": "1", "주문": "2", "더": "3"}, -3049),
        ({"이름": "하" * 1_301, "송장번호": "1", "주문": "2"}, -3048),
        ({"이름": "하나", "송장번호": "1", "주문": "2"}, 0),
    ],
)
async def test_template_parameters(quiet: Running, values: dict[str, str], expected: int) -> None:
    body = notice(HANA)
    body["recipientList"] = [{"recipientNo": HANA, "templateParameter": values}]
    assert codes(await send(quiet.client, body, path="/messages")) == [expected]


async def test_a_bad_token_fails_at_delivery(running: Running) -> None:
    body = notice(HANA)
    extra = [*BUTTONS[:2], {**BUTTONS[2], "chatExtra": "a-b"}, *BUTTONS[3:]]
    body["recipientList"] = [{**recipient(HANA), "buttons": extra}]
    assert codes(await send(running.client, body)) == [0]
    settled = "SELECT 1 FROM message WHERE result_at IS NOT NULL"
    await running.until(lambda: running.store.one(settled))
    row = running.store.one("SELECT result, state FROM message")
    assert row
    assert tuple(row) == ("3026", "done")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, -4103),
        ({"startCreateDate": "2026-01-01 00:00", "endCreateDate": "2026-03-01 00:00"}, -4003),
        ({"startCreateDate": "yesterday", "endCreateDate": "2026-03-01 00:00"}, -4103),
        ({"requestId": "x", "pageSize": "1001"}, -4103),
    ],
)
async def test_list_conditions(quiet: Running, params: dict[str, str], expected: int) -> None:
    answer = await quiet.client.get(f"{ALIMTALK}/messages", params=params, headers=SECRET)
    assert code(answer.json()) == expected


async def test_lookup_by_grouping_keys_and_list_lag(running: Running) -> None:
    await send(running.client, notice(HANA, batch="b-1"))
    await send(running.client, notice("01011112222", batch="b-2"))
    window = now_window()
    params = {
        "startCreateDate": window["startUpdateDate"],
        "endCreateDate": window["endUpdateDate"],
    }

    async def listed(**more: str) -> list[str]:
        answer = await running.client.get(
            f"{ALIMTALK}/messages", params={**params, **more}, headers=SECRET
        )
        found = answer.json()["messageSearchResultResponse"]["messages"]
        return [one["recipientNo"] for one in found]

    assert await listed(senderGroupingKey="b-1") == [HANA]
    assert await listed(recipientGroupingKey="ref-01011112222") == ["01011112222"]
    assert await listed(senderKey="f" * 40) == []
    assert await listed(messageStatus="CANCEL") == []
    assert len(await listed(pageSize="1")) == 1
    running.store.change_settings({"list_lag_s": 60})
    assert await listed() == []

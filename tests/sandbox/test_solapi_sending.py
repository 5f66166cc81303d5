"""POST send, send-many and send-many/detail: answers, limits, what the phones show."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from sandbox.accounts import SolapiKeys, put_solapi
from sandbox.chaos.rules import Rule
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.solapi_shop import (
    CALLER,
    CHANNEL,
    HANA,
    LOST,
    TEXT,
    VALUES,
    Caller,
    arrived,
    notice,
    text,
)

DETAIL = "/messages/v4/send-many/detail"
ID = re.compile(r"\d{14}[0-9A-Z]{15}")
# SDKs refuse a group without any of these (PyPI solapi 5.0.3, npm solapi 6.0.1)
GROUP = (
    "count countForCharge balance point app log status allowDuplicates isRefunded accountId"
    " masterAccountId apiVersion groupId price dateCreated dateUpdated"
)
COUNTS = (
    "total sentTotal sentFailed sentSuccess sentPending sentReplacement refund registeredFailed"
    " registeredSuccess"
)


async def test_the_answer_has_all_that_both_sdks_insist_on(solapi: Caller) -> None:
    said = await solapi.send(text(customFields={"ref": "o-1"}), text("01012345678", type="SMS"))
    group = said["groupInfo"]
    assert set(GROUP.split()) <= group.keys()
    assert set(COUNTS.split()) <= group["count"].keys()
    assert group["masterAccountId"] is None
    assert group["price"]["82"]["sms"] == 20
    assert set(group["app"]["profit"]) == set(group["countForCharge"])
    assert group["countForCharge"]["sms"] == {"82": 2}
    assert group["groupId"].startswith("G4V")
    assert ID.fullmatch(group["groupId"][3:])
    assert said["failedMessageList"] == []
    first, second = said["messageList"]
    assert first["messageId"].startswith("M4V")
    assert ID.fullmatch(first["messageId"][3:])
    assert first == {
        "messageId": first["messageId"],
        "statusCode": "2000",
        "statusMessage": "정상 접수",
        "customFields": {"ref": "o-1"},
    }
    assert "customFields" not in second


async def test_ids_have_the_time_of_seoul(solapi: Caller, clock: Clock) -> None:
    clock.ms = int(datetime(2026, 11, 27, 18, 30, 5, tzinfo=UTC).timestamp() * 1000)
    said = await solapi.send(text())
    assert said["groupInfo"]["groupId"].startswith("G4V20261128033005")


async def test_without_showMessageList_there_is_no_list(solapi: Caller) -> None:
    status, said = await solapi.ask("POST", DETAIL, {"messages": [text()]})
    assert (status, set(said)) == (200, {"failedMessageList", "groupInfo"})


async def test_all_refused_is_still_200(solapi: Caller) -> None:
    said = await solapi.send(text(**{"from": "0299999999"}), text(type="X"))
    count = said["groupInfo"]["count"]
    assert (count["total"], count["registeredFailed"], count["sentTotal"]) == (2, 2, 0)
    assert said["groupInfo"]["status"] == "COMPLETE"
    (first, second) = said["failedMessageList"]
    assert first == {
        "to": HANA,
        "from": "0299999999",
        "type": "SMS",
        "country": "82",
        "messageId": said["messageList"][0]["messageId"],
        "statusCode": "1062",
        "statusMessage": "등록되지 않은 발신번호입니다",
        "accountId": said["groupInfo"]["accountId"],
    }
    assert second["statusCode"] == "1025"
    # the SDKs read no type they do not know
    assert (await solapi.stored(second["messageId"]))["type"] is None


async def test_a_notice_is_filled_and_shown(solapi: Caller, store: Store) -> None:
    await solapi.send(notice(customFields={"ref": "o-1", "b": "2"}))
    solapi.deliver()
    row = store.one("SELECT * FROM message WHERE provider = 'solapi'")
    assert row
    assert (row["text"], row["title"], row["app"], row["sender"]) == (
        TEXT, "9,000원", "chat", CHANNEL,
    )  # fmt: skip
    assert row["ref"] == "o-1"
    payload = orjson.loads(row["payload"])
    assert payload["templateSubtitle"] == "결제 금액"
    assert payload["buttons"][0]["linkMo"] == "https://shop.example/17"


async def test_a_list_of_numbers_is_as_many_messages(solapi: Caller, store: Store) -> None:
    said = await solapi.send(text(["01000001001", "01000001002"]))
    assert said["groupInfo"]["count"]["total"] == 2
    solapi.deliver()
    assert [number for number, _, _ in arrived(store)] == ["01000001001", "01000001002"]


async def test_a_number_comes_once_unless_it_may_come_twice(solapi: Caller) -> None:
    said = await solapi.send(text(), text("010-0000-1001"), text("01000001002"))
    assert [one["statusCode"] for one in said["messageList"]] == ["2000", "1026", "2000"]
    said = await solapi.send(text(), text(), allowDuplicates=True)
    assert said["failedMessageList"] == []
    said = await solapi.send(text(**{"from": "0299999999"}), text())
    assert [one["statusCode"] for one in said["messageList"]] == ["1062", "2000"]


async def test_send_many_answers_the_bare_group(solapi: Caller) -> None:
    status, said = await solapi.ask("POST", "/messages/v4/send-many", {"messages": [text()]})
    assert (status, said["status"], said["count"]["total"]) == (200, "SENDING", 1)


async def test_a_single_send(solapi: Caller) -> None:
    status, said = await solapi.ask("POST", "/messages/v4/send", {"message": text()})
    assert status == 200
    assert (said["statusCode"], said["to"], said["from"]) == ("2000", HANA, CALLER)
    assert (said["type"], said["country"]) == ("SMS", "82")
    assert said["groupId"].startswith("G4V")
    bad = text(**{"from": "0299999999"})
    status, said = await solapi.ask("POST", "/messages/v4/send", {"message": bad})
    assert (status, said["statusCode"]) == (200, "1062")  # 200 is no success
    status, said = await solapi.ask("POST", "/messages/v4/send", {"message": bad, "strict": True})
    assert (status, said["errorCode"]) == (400, "InvalidStatusCode")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "ValidationError"),
        ({}, "ValidationError"),
        ({"messages": "x"}, "ValidationError"),
        ({"messages": ["x"]}, "ValidationError"),
        ({"messages": []}, "ValidationError"),
        ({"messages": [text()], "scheduledDate": "soon"}, "InvalidScheduledDate"),
        ({"messages": [text()], "scheduledDate": "2020-01-01T00:00:00Z"}, "InvalidScheduledDate"),
        ({"messages": [text()], "scheduledDate": "2027-07-01T00:00:00Z"}, "InvalidScheduledDate"),
    ],
)
async def test_a_request_that_is_refused(solapi: Caller, body: Any, code: str) -> None:
    status, said = await solapi.ask("POST", DETAIL, body)
    assert (status, said["errorCode"]) == (400, code)
    assert solapi.store.number("SELECT count(*) FROM solapi_group") == 0


async def test_no_more_than_ten_thousand(solapi: Caller, store: Store) -> None:
    numbers = [f"010{n:08}" for n in range(10_001)]
    status, said = await solapi.ask("POST", DETAIL, {"messages": [text(numbers)]})
    assert (status, said["errorCode"]) == (413, "RecipientsTooMany")
    assert store.number("SELECT count(*) FROM solapi_message") == 0


async def test_no_more_than_15_mb(solapi: Caller) -> None:
    content = b'{"messages": "' + b"x" * (15 * 1024 * 1024) + b'"}'
    answer = await solapi.client.post(f"/solapi{DETAIL}", content=content, headers=solapi.header())
    assert (answer.status_code, answer.json()["errorCode"]) == (413, "PayloadTooLarge")


async def test_what_cannot_be_paid_is_not_taken(solapi: Caller, store: Store) -> None:
    store.run("UPDATE solapi_account SET balance = 39")
    status, said = await solapi.ask("POST", DETAIL, {"messages": [text(), text("01000001002")]})
    assert (status, said["errorCode"]) == (402, "NotEnoughBalance")
    assert store.number("SELECT count(*) FROM solapi_message") == 0
    # what is refused anyway costs nothing
    await solapi.send(text(), text())
    assert (await solapi.ask("GET", "/cash/v1/balance"))[1]["balance"] == 19


async def test_phones_that_lose_answers_do_so_once_a_reference(solapi: Caller) -> None:
    message = text(LOST, customFields={"ref": "r-1"})
    with pytest.raises(ConnectionAbortedError):
        await solapi.send(message)
    assert len((await solapi.send(message))["messageList"]) == 1


@pytest.mark.parametrize(
    ("rule", "status", "code", "taken"),
    [
        ({"effect": "error_code", "code": "NotEnoughBalance"}, 402, "NotEnoughBalance", 0),
        ({"effect": "error_code", "code": "Strange"}, 400, "Strange", 0),
        ({"effect": "http_status", "status": 503}, 503, None, 0),
        ({"effect": "http_status", "status": 503, "accepted": True}, 503, None, 1),
        ({"effect": "throttle"}, 429, None, 0),
        ({"effect": "http_status", "status": 500, "route": "alimtalk"}, 200, None, 1),
        ({"effect": "http_status", "status": 500, "account": "NCSKEY"}, 500, None, 0),
        ({"effect": "http_status", "status": 500, "number": "1001"}, 500, None, 0),
        ({"effect": "http_status", "status": 500, "number": "1002"}, 200, None, 1),
        ({"effect": "http_status", "status": 500, "provider": "nhn"}, 200, None, 1),
    ],
)
async def test_the_chaos_dial(
    solapi: Caller, store: Store, rule: dict[str, Any], status: int, code: str | None, taken: int
) -> None:
    store.chaos.arm([Rule.model_validate({"provider": "solapi", **rule})], 0)
    answer = await solapi.client.post(
        f"/solapi{DETAIL}", json={"messages": [text()]}, headers=solapi.header()
    )
    assert answer.status_code == status
    if code:
        assert answer.json()["errorCode"] == code
    assert store.number("SELECT count(*) FROM message WHERE provider = 'solapi'") == taken


@pytest.mark.parametrize("path", ["/iam/v1/black", "/messages/v3/list", "/x"])
async def test_paths_that_are_not_there(solapi: Caller, path: str) -> None:
    status, said = await solapi.ask("GET", path)
    assert (status, said["errorCode"]) == (404, "ResourceNotFound")


async def test_the_values_of_a_notice_are_kept(solapi: Caller) -> None:
    said = await solapi.send(notice())
    stored = await solapi.stored(said["messageList"][0]["messageId"])
    options = stored["kakaoOptions"]
    assert (options["pfId"], options["disableSms"], options["variables"]) == (
        CHANNEL, False, VALUES,
    )  # fmt: skip


async def test_another_account_sees_nothing(solapi: Caller, store: Store) -> None:
    said = await solapi.send(text())
    other = Caller(solapi.client, store, key="OTHER", secret="OTHERS")
    put_solapi(store, SolapiKeys("OTHER", "OTHERS"), [], [])
    group_id = said["groupInfo"]["groupId"]
    status, refused = await other.ask("GET", f"/messages/v4/groups/{group_id}")
    assert (status, refused["errorCode"]) == (404, "ResourceNotFound")
    assert (await other.ask("GET", "/messages/v4/list"))[1]["messageList"] == {}
    assert (await other.send(notice()))["failedMessageList"][0]["statusCode"] == "1041"

"""GET list and list-old, and the statistics: filters, pages, what cannot be read."""

from typing import Any

import pytest

from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.solapi_shop import CALLER, HANA, NO_KAKAO, Caller, notice, text

LIST = "/messages/v4/list"


@pytest.fixture
async def ids(solapi: Caller, clock: Clock) -> list[str]:
    """A minute apart: a notice, a failed one, a text, a refused one."""
    found = []
    for message in (
        notice(),
        notice(NO_KAKAO, disableSms=True),
        text("01000001002"),
        text(**{"from": "0299999999"}),
    ):
        said = await solapi.send(message)
        solapi.deliver()
        found.append(str(said["messageList"][0]["messageId"]))
        clock.pass_s(60)
    return found


QUERIES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [3, 2, 1, 0]),
    ({"limit": 2}, [3, 2]),
    ({"type": "ATA"}, [1, 0]),
    ({"type": "ATA", "statusCode": "4000"}, [0]),
    ({"statusCode": ["4000", "3104"]}, [2, 1, 0]),
    ({"statusCode": "4000,3104"}, [2, 1, 0]),
    ({"to": HANA}, [3, 0]),
    ({"to": "010-0000-1001", "from": CALLER}, [0]),
    ({"startDate": "2026-11-18T11:07:40Z"}, [3, 2, 1]),
    ({"startDate": "2026-11-18T20:07:40+09:00"}, [3, 2, 1]),
    ({"endDate": "2026-11-18T11:07:39.999Z", "dateType": "CREATED"}, [0]),
    ({"criteria": "type,statusCode", "cond": "eq,ne", "value": "ATA,4000"}, [1]),
    ({"criteria": "dateCreated", "cond": "gte", "value": "2026-11-18T11:08:40Z"}, [3, 2]),
    ({"statusCode[ne]": "4000"}, [3, 1]),
    ({"statusCode[lt]": "2000"}, [3]),
    ({"statusCode[in]": "1062,3104"}, [3, 1]),
    ({"to[like]": "1001"}, [3, 0]),
    ({"dateCreated[lt]": "2026-11-18T11:07:40Z"}, [0]),
    ({"messageIds": "['M4V1', 'M4V2']"}, []),  # as the Python SDK writes it
    ({"messageId": "M4V1"}, []),
    ({"startKey": "M4V1"}, []),
    ({"fruit": "apple", "fruit[x]": "y"}, [3, 2, 1, 0]),
]


async def test_filters(solapi: Caller, ids: list[str]) -> None:
    for query, found in QUERIES:
        status, said = await solapi.ask("GET", LIST, **query)
        assert (status, set(said)) == (200, {"startKey", "nextKey", "limit", "messageList"})
        assert list(said["messageList"]) == [ids[place] for place in found], query


async def test_list_old_is_the_same(solapi: Caller, ids: list[str]) -> None:
    asked = {"limit": "20", "dateType": "CREATED"}
    assert await solapi.ask("GET", f"{LIST}-old", **asked) == await solapi.ask("GET", LIST, **asked)


async def test_by_ids_and_page_by_page(solapi: Caller, ids: list[str]) -> None:
    _, said = await solapi.ask("GET", LIST, messageIds=ids[:2])
    assert set(said["messageList"]) == set(ids[:2])
    _, said = await solapi.ask("GET", LIST, limit=3)
    assert said["nextKey"] == ids[0]
    _, said = await solapi.ask("GET", LIST, limit=3, startKey=said["nextKey"])
    assert (list(said["messageList"]), said["nextKey"]) == ([ids[0]], None)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "x"},
        {"startDate": "yesterday"},
        {"dateCreated[gte]": "x"},
        {"type[near]": "ATA"},
        {"criteria": "fruit", "cond": "eq", "value": "apple"},
        {"criteria": "type", "cond": "near", "value": "ATA"},
        {"criteria": "type,to", "cond": "eq", "value": "ATA"},
        {"criteria": "type"},
    ],
)
async def test_what_cannot_be_read(solapi: Caller, query: dict[str, str]) -> None:
    status, said = await solapi.ask("GET", LIST, **query)
    assert (status, said["errorCode"]) == (400, "ValidationError")


async def test_a_stored_message(solapi: Caller, ids: list[str]) -> None:
    delivered, refused = await solapi.stored(ids[0]), await solapi.stored(ids[3])
    assert delivered["status"] == "COMPLETE"
    assert delivered["networkName"] == "KAKAO"
    times = ("dateCreated", "dateUpdated", "dateProcessed", "dateReported", "dateReceived")
    assert all(delivered[name] == "2026-11-18T11:06:40.000Z" for name in times)
    assert (refused["status"], refused["reason"]) == ("FAILED", "등록되지 않은 발신번호입니다")
    assert (refused["dateProcessed"], refused["dateReceived"]) == (None, None)


async def test_lists_lag(solapi: Caller, ids: list[str], store: Store) -> None:
    store.change_settings({"list_lag_s": 90})
    _, said = await solapi.ask("GET", LIST)
    assert list(said["messageList"]) == ids[:3][::-1]


async def test_statistics(solapi: Caller, ids: list[str], clock: Clock) -> None:
    clock.pass_s(24 * 3600)
    await solapi.send(text("01000001002"))
    _, said = await solapi.ask("GET", "/messages/v4/statistics")
    assert (said["total"]["total"], said["total"]["ata"], said["total"]["sms"]) == (4, 2, 2)
    assert (said["successed"]["total"], said["failed"]["ata"]) == (2, 1)
    assert said["balance"] == 13 + 20 + 20  # the failed one was given back
    (month,) = said["monthPeriod"]
    assert month["date"] == "2026-11"
    first, second = month["dayPeriod"]
    assert (first["date"], second["date"]) == ("2026-11-18", "2026-11-19")
    assert first["statusCode"] == {"3104": {"ata": 1}, "4000": {"ata": 1, "sms": 1}}
    assert first["refund"]["balance"] == 13
    _, said = await solapi.ask("GET", "/messages/v4/statistics", startDate="2027-01-01")
    assert (said["total"]["total"], said["monthPeriod"]) == (0, [])

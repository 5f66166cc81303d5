"""NHN Cloud: the whole list of a span of time, over both products, days and pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from channels.adapters.nhn import Config, Nhn
from channels.contract import Listed
from channels.management import ProviderRefused, ProviderSilent
from channels.vocabulary import Reason, Standing
from tests.channels.listing import ListConformance, Lists
from tests.channels.test_nhn_lists import KAKAO, NOW, OK, R1, R2, R3, SMS
from tests.channels.wire import plain_client, recorded

DAY = timedelta(days=1)


def build(client: httpx.AsyncClient) -> Nhn:
    return Nhn(Config("AK1", "k", "SMSAK", "s"), client)


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield build(client)


def texts(rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"header": OK, "body": {"pageNum": 1, "pageSize": 15, "totalCount": total, "data": rows}}


def notices(rows: list[dict[str, Any]] | None, total: int) -> dict[str, Any]:
    found = {"messages": rows, "totalCount": total}
    return {"header": OK, "messageSearchResultResponse": found}


LMS = {
    "requestId": "R",
    "recipientSeq": 7,
    "requestDate": "2026-11-22 10:15:30.0",
    "resultDate": "2026-11-22 10:15:40.0",
    "msgStatus": "0",
    "resultCode": "2003",
    "body": "김하나님, 상품이 출발했습니다.",
    "recipientNo": "01011112222",
    "recipientGroupingKey": R3,
}

MMS = LMS | {"recipientSeq": 8, "messageType": "MMS", "msgStatus": "1", "resultCode": None}


def answers(request: httpx.Request) -> dict[str, Any]:
    path = request.url.path
    if path.endswith("/sender/sms"):
        listed: dict[str, Any] = recorded("nhn/sms_list")
    elif path.endswith("/sender/mms"):
        listed = texts([LMS, MMS], 2)
    else:
        listed = recorded("nhn/alimtalk_list")
    return listed


def kst(second: int) -> datetime:
    return datetime(2026, 11, 22, 1, 15, second, tzinfo=UTC)


KAKAO_ID, SMS_ID = "20261122101500aB3dE5fG7h0", "20261122101530kL9mN1pQ3r0"
TAKEN = (
    Listed(
        "alimtalk", f"{KAKAO_ID}:1", Standing.DELIVERED, R1, None, "1000", kst(0), kst(2)
    ),
    Listed("alimtalk", f"{KAKAO_ID}:2", Standing.ACCEPTED, R2, at=kst(0)),
    Listed("sms", f"{SMS_ID}:1", Standing.DELIVERED, R1, None, "1000", kst(30), kst(33)),
    Listed("sms", f"{SMS_ID}:2", Standing.ACCEPTED, R2, at=kst(30)),
    Listed(
        "lms", "R:7", Standing.UNDELIVERED, R3, Reason.PHONE_OFF, "2003", kst(30), kst(40)
    ),
    Listed("mms", "R:8", Standing.ACCEPTED, R3, at=kst(30)),
)  # fmt: skip
ROW = {"requestId": "R", "recipientSeq": 1}


class TestLists(ListConformance):
    lists = Lists(
        build=build,
        answers=answers,
        entries=TAKEN,
        broken=(
            {"header": OK},
            {"header": {**OK, "resultCode": -4017, "isSuccessful": False}},
            notices([ROW], 2),
            notices([{"recipientGroupingKey": R1}], 1),
            notices([ROW] * 999, 1_001),
        ),
        secrets=("AK1", "SMSAK", "k" * 3),
    )


async def test_each_list_is_asked_by_creation(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    """No filter but the time: what somebody else did with the account is seen too."""
    routes = [
        respx_mock.get(f"{KAKAO}/messages").respond(json=notices(None, 0)),
        respx_mock.get(f"{SMS}/sender/sms").respond(json=texts([], 0)),
        respx_mock.get(f"{SMS}/sender/mms").respond(json=texts([], 0)),
    ]
    cursor: str | None = None
    for _ in routes:
        page = await nhn.listed(NOW - timedelta(minutes=2, seconds=20), NOW, cursor)
        cursor = page.cursor
    assert cursor is None
    pages = {"pageSize": "1000", "pageNum": "1"}
    spans = [
        {"startCreateDate": "2026-11-22 10:15", "endCreateDate": "2026-11-22 10:18"},
        {"startCreateDate": "2026-11-22 10:15:10", "endCreateDate": "2026-11-22 10:17:31"},
        {"startCreateDate": "2026-11-22 10:15:10", "endCreateDate": "2026-11-22 10:17:31"},
    ]
    for route, span in zip(routes, spans, strict=True):
        assert dict(route.calls.last.request.url.params) == {**span, **pages}


async def test_pages_and_days(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    """At most a day in one question: NHN allows 30, and shorter lists have fewer pages."""
    full = [{"requestId": "R", "recipientSeq": n} for n in range(1_000)]
    rest = [{"requestId": "R", "recipientSeq": n} for n in range(1_000, 1_200)]
    asked = respx_mock.get(f"{KAKAO}/messages")
    asked.side_effect = [
        httpx.Response(200, json=notices(rows, total))
        for rows, total in ((full, 1_200), (rest, 1_200), ([], 0))
    ]
    cursor, sizes = None, []
    while cursor is None or cursor.startswith("0:"):
        page = await nhn.listed(NOW - DAY - timedelta(hours=1), NOW, cursor)
        sizes.append(len(page.entries))
        cursor = page.cursor
    assert sizes == [1_000, 200, 0]
    starts = [call.request.url.params["startCreateDate"] for call in asked.calls]
    assert starts == ["2026-11-21 09:17", "2026-11-21 09:17", "2026-11-22 09:17"]


async def test_a_day_that_is_too_old_is_refused(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    head = {"resultCode": -4017, "resultMessage": "Over 90 days.", "isSuccessful": False}
    respx_mock.get(f"{KAKAO}/messages").respond(json={"header": head})
    with pytest.raises(ProviderRefused) as error:
        await nhn.listed(NOW - DAY, NOW, None)
    assert error.value.code == "-4017"


@pytest.mark.parametrize(("rows", "total"), [([ROW], 2), ([ROW] * 999, 1_001), ([], 1)])
async def test_a_page_with_fewer_rows_than_it_must_have(
    nhn: Nhn, respx_mock: respx.MockRouter, rows: list[dict[str, Any]], total: int
) -> None:
    respx_mock.get(f"{KAKAO}/messages").respond(json=notices(rows, total))
    with pytest.raises(ProviderSilent):
        await nhn.listed(NOW - timedelta(hours=1), NOW, None)

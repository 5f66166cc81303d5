"""NHN Cloud: looking up our own reference, and polling."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings

from channels.adapters.nhn import Config, Nhn
from channels.adapters.nhn.lists import MOST_ALONE
from channels.contract import Found, Receipt, Tried
from channels.management import ProviderRefused, ProviderSilent
from channels.vocabulary import Lookup, Reason, Result
from tests.channels.wire import any_json, plain_client, recorded

KAKAO = "https://kakaotalk-bizmessage.api.nhncloudservice.com/alimtalk/v2.3/appkeys/AK1"
SMS = "https://sms.api.nhncloudservice.com/sms/v3.0/appKeys/SMSAK"
NOW = datetime(2026, 11, 22, 1, 17, 30, tzinfo=UTC)
SENT = datetime(2026, 11, 22, 1, 15, 20, tzinfo=UTC)
R1, R2, R3 = (f"01JDREF{n:019d}" for n in (1, 2, 3))
OK = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(Config("AK1", "k", "SMSAK", "s"), client)


def tried(ref: str, route: str = "alimtalk", key: str = "call-17") -> Tried:
    return Tried(ref, route, key, SENT)


def listing(rows: list[dict[str, Any]], total: int | None) -> dict[str, Any]:
    body = {"messages": rows, "totalCount": total}
    return {"header": OK, "messageSearchResultResponse": body}


async def test_listed_and_absent(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{KAKAO}/messages").respond(json=recorded("nhn/alimtalk_list"))
    found = await nhn.look_up([tried(R3), tried(R1), tried(R2)], NOW)
    assert dict(route.calls.last.request.url.params) == {
        "startCreateDate": "2026-11-15 10:15",
        "endCreateDate": "2026-11-29 10:18",
        "senderGroupingKey": "call-17",
        "pageSize": "1000",
        "pageNum": "1",
    }
    assert route.calls.last.request.headers["X-Secret-Key"] == "k"
    final = Receipt(
        Result.DELIVERED,
        ref=R1,
        provider_id="20261122101500aB3dE5fG7h0:1",
        code="1000",
        text="성공",
        at=datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC),
    )
    assert found == [
        Found(R3, Lookup.ABSENT),
        Found(R1, Lookup.ACCEPTED, "20261122101500aB3dE5fG7h0:1", receipt=final),
        Found(R2, Lookup.ACCEPTED, "20261122101500aB3dE5fG7h0:2"),
    ]


@pytest.mark.parametrize(("route", "path"), [("sms", "sms"), ("lms", "mms"), ("mms", "mms")])
async def test_texts_are_asked_to_the_second(
    nhn: Nhn, respx_mock: respx.MockRouter, route: str, path: str
) -> None:
    asked = respx_mock.get(f"{SMS}/sender/{path}").respond(json=recorded("nhn/sms_list"))
    found = await nhn.look_up([tried(R1, route), tried(R2, route), tried(R3, route)], NOW)
    params = asked.calls.last.request.url.params
    assert params["startCreateDate"] == "2026-11-15 10:15:20"
    assert params["endCreateDate"] == "2026-11-29 10:17:30"
    assert [one.state for one in found] == [Lookup.ACCEPTED, Lookup.ACCEPTED, Lookup.ABSENT]
    assert [one.receipt and one.receipt.result for one in found] == [Result.DELIVERED, None, None]


@pytest.mark.parametrize("route", ["alimtalk", "sms"])
@pytest.mark.parametrize("off_h", [-26, -1, 0, 1, 26, 80])
async def test_a_clock_that_is_off_hides_nothing_that_was_taken(
    nhn: Nhn, respx_mock: respx.MockRouter, route: str, off_h: int
) -> None:
    """T01: NHN's clock or ours; believed absent it would be sent again."""
    form = "%Y-%m-%d %H:%M" if route == "alimtalk" else "%Y-%m-%d %H:%M:%S"
    made_at = (SENT + timedelta(hours=9 + off_h)).replace(tzinfo=None)

    def shown(request: httpx.Request) -> httpx.Response:
        dates = [request.url.params[name] for name in ("startCreateDate", "endCreateDate")]
        start, end = (datetime.strptime(date, form) for date in dates)  # noqa: DTZ007 - NHN's own
        assert end - start <= timedelta(days=30), "the longest span NHN takes"
        row = {"requestId": "r", "recipientSeq": 1, "recipientGroupingKey": R1}
        there = [row] if start <= made_at <= end else []
        texts = {"header": OK, "body": {"data": there, "totalCount": len(there)}}
        return httpx.Response(
            200, json=listing(there, len(there)) if route == "alimtalk" else texts
        )

    address = f"{KAKAO}/messages" if route == "alimtalk" else f"{SMS}/sender/sms"
    respx_mock.get(address).mock(side_effect=shown)
    for later in (timedelta(0), timedelta(hours=-2), timedelta(days=20)):
        (found,) = await nhn.look_up([tried(R1, route)], NOW + later)
        assert found.state is Lookup.ACCEPTED


async def test_one_question_per_call(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    notices = respx_mock.get(f"{KAKAO}/messages").respond(json=listing([], 0))
    texts = respx_mock.get(f"{SMS}/sender/sms").respond(503)
    asked = [tried(R1), tried(R2, key="call-18"), tried(R3), tried(R1, "sms", "call-19")]
    found = await nhn.look_up(asked, NOW)
    assert [one.state for one in found] == [Lookup.ABSENT] * 3 + [Lookup.UNCLEAR]
    assert (notices.call_count, texts.call_count) == (2, 1)


async def test_without_its_call_each_is_asked_for_by_its_own_reference(
    nhn: Nhn, respx_mock: respx.MockRouter
) -> None:
    """After a restore the key of its last call may not be known any more."""
    body = listing([{"requestId": "R", "recipientSeq": 1, "recipientGroupingKey": R1}], 1)
    route = respx_mock.get(f"{KAKAO}/messages").respond(json=body)
    found = await nhn.look_up([tried(R1, key=""), tried(R2, key="")], NOW)
    assert [one.state for one in found] == [Lookup.ACCEPTED, Lookup.ABSENT]
    asked = [call.request.url.params for call in route.calls]
    assert [params["recipientGroupingKey"] for params in asked] == [R1, R2]
    assert all("senderGroupingKey" not in params for params in asked)
    many = await nhn.look_up([tried(f"R{n}", key="") for n in range(MOST_ALONE + 2)], NOW)
    assert [one.state for one in many].count(Lookup.UNCLEAR) == 2, "in another round"


async def test_all_pages_are_read(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    first = [{"requestId": "R", "recipientSeq": n, "recipientGroupingKey": f"x{n}"} for n in (1, 2)]
    last = [{"requestId": "R", "recipientSeq": 3, "recipientGroupingKey": R1}]
    route = respx_mock.get(f"{KAKAO}/messages")
    route.side_effect = [
        httpx.Response(200, json=listing(first, 3)),
        httpx.Response(200, json=listing(last, 3)),
    ]
    found = await nhn.look_up([tried(R1), tried(R2)], NOW)
    assert [one.state for one in found] == [Lookup.ACCEPTED, Lookup.ABSENT]
    assert [call.request.url.params["pageNum"] for call in route.calls] == ["1", "2"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(401),
        httpx.Response(200, html="busy"),
        httpx.Response(200, json={"header": OK}),
        httpx.Response(200, json=listing([], None)),
        httpx.Response(200, json=listing([], 3)),
        httpx.Response(200, json={"header": {**OK, "resultCode": -4003, "isSuccessful": False}}),
        httpx.ReadTimeout("lost"),
        httpx.ConnectError("down"),
    ],
)
async def test_any_trouble_is_unclear(
    nhn: Nhn, respx_mock: respx.MockRouter, answer: httpx.Response | Exception
) -> None:
    route = respx_mock.get(f"{KAKAO}/messages")
    if isinstance(answer, Exception):
        route.side_effect = answer
    else:
        route.return_value = answer
    assert await nhn.look_up([tried(R1)], NOW) == [Found(R1, Lookup.UNCLEAR)]


async def test_a_filter_that_is_ignored_does_not_run_forever(
    nhn: Nhn, respx_mock: respx.MockRouter
) -> None:
    rows = [{"requestId": "R", "recipientSeq": 1, "recipientGroupingKey": "other"}]
    route = respx_mock.get(f"{KAKAO}/messages").respond(json=listing(rows, 10_000))
    assert (await nhn.look_up([tried(R1)], NOW))[0].state is Lookup.UNCLEAR
    assert route.call_count == 5


async def test_polling_walks_over_both_products(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    notices = respx_mock.get(f"{KAKAO}/message-results")
    notices.respond(json=recorded("nhn/alimtalk_results"))
    texts = respx_mock.get(f"{SMS}/message-results").respond(json=recorded("nhn/sms_results"))
    first = await nhn.poll(SENT, NOW, None)
    assert [(r.provider_id, r.result, r.reason, r.ref) for r in first.receipts] == [
        ("20261122101500aB3dE5fG7h0:1", Result.DELIVERED, None, ""),
        ("20261122101500aB3dE5fG7h0:2", Result.UNDELIVERED, Reason.NOT_REACHABLE, ""),
    ]
    params = notices.calls.last.request.url.params
    assert (params["startUpdateDate"], params["endUpdateDate"]) == (
        "2026-11-22 10:15",
        "2026-11-22 10:18",
    )
    second = await nhn.poll(SENT, NOW, first.cursor)
    assert second.cursor is None
    assert [(r.provider_id, r.ref) for r in second.receipts] == [
        ("20261122101530kL9mN1pQ3r0:1", R1)
    ]
    params = texts.calls.last.request.url.params
    assert (params["startUpdateDate"], params["endUpdateDate"]) == (
        "2026-11-22 10:15:20",
        "2026-11-22 10:17:30",
    )


async def test_polling_walks_over_pages_and_days(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    row = {"requestId": "R", "recipientSeq": 1, "resultCode": "1000"}
    full = {"header": OK, "messages": [row] * 1000}
    notices = respx_mock.get(f"{KAKAO}/message-results")
    notices.side_effect = [
        httpx.Response(200, json=full),
        httpx.Response(200, json={"header": OK, "messages": None}),
        httpx.Response(200, json={"header": OK, "messages": [row]}),
    ]
    texts = respx_mock.get(f"{SMS}/message-results")
    texts.respond(json={"header": OK, "body": {"data": {"resultUpdateList": [row]}}})
    cursor, counts = None, []
    while True:
        page = await nhn.poll(NOW - timedelta(days=1, hours=1), NOW, cursor)
        counts.append(len(page.receipts))
        cursor = page.cursor
        if cursor is None:
            break
    assert counts == [1000, 0, 1, 1, 1]
    asked = [call.request.url.params for call in texts.calls]
    assert asked[0]["endUpdateDate"] == asked[1]["startUpdateDate"] == "2026-11-22 09:17:30"


async def test_polling_says_why_it_cannot(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{KAKAO}/message-results").respond(401)
    with pytest.raises(ProviderRefused) as refused:
        await nhn.poll(SENT, NOW, None)
    assert refused.value.reason is Reason.MISCONFIGURED
    for answer in (httpx.Response(502), httpx.Response(200, json={"header": OK, "messages": [1]})):
        route.return_value = answer
        with pytest.raises(ProviderSilent):
            await nhn.poll(SENT, NOW, None)


KEYS = (
    "header body data messages messageSearchResultResponse totalCount requestId recipientSeq"
    " recipientGroupingKey resultCode messageStatus receiveDate"
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=any_json(KEYS))
async def test_no_list_raises(body: Any) -> None:
    async with plain_client() as client:
        nhn = Nhn(Config("AK1", "k", "SMSAK", "s"), client)
        with respx.mock(assert_all_called=False) as router:
            answer = {"header": OK, "messageSearchResultResponse": body, "body": body}
            router.get(url__regex=".*").respond(json=answer)
            found = await nhn.look_up([tried(R1), tried(R2, "sms")], NOW)
            assert [one.ref for one in found] == [R1, R2]

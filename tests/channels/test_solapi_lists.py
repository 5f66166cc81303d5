"""SOLAPI: our reference looked for in its list, results polled, and the whole list."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from channels.adapters.solapi import Solapi
from channels.adapters.solapi.lists import MOST_ALONE, MOST_PAGES
from channels.contract import CanList, CanLookUp, CanPoll, Found, Listed, Tried
from channels.management import ProviderRefused, ProviderSilent
from channels.vocabulary import Lookup, Reason, Result, Standing
from tests.channels.conformance import NOW, outgoing
from tests.channels.listing import ListConformance, Lists
from tests.channels.test_solapi import CONFIG, HOST, signed
from tests.channels.wire import plain_client, recorded

LIST = f"{HOST}/messages/v4/list"
ROWS = list(recorded("solapi/list")["messageList"].items())
FULL = {str(n): {"messageId": str(n)} for n in range(500)}


def page(*rows: tuple[str, Any], after: str | None = None) -> dict[str, Any]:
    """A page as the documents show it: without ``nextKey`` where there is no next."""
    body = {"startKey": None, "limit": 500, "messageList": dict(rows)}
    return {**body, "nextKey": after} if after else body


def answers(request: httpx.Request) -> dict[str, Any]:
    assert signed(request)
    if request.url.params.get("startKey") == "second":
        return page(*ROWS[3:])
    return page(*ROWS[:3], after="second")


def entry(n: int, route: str, state: Standing, reason: Reason | None, code: str) -> Listed:
    id_, row = ROWS[n - 1]
    is_over = state in (Standing.DELIVERED, Standing.UNDELIVERED)
    return Listed(
        route,
        id_,
        state,
        outgoing(n).ref if row["customFields"] else "",
        reason,
        code,
        NOW + timedelta(seconds=n),
        NOW + timedelta(minutes=1, seconds=n) if is_over else None,
    )


TAKEN = (
    entry(1, "alimtalk", Standing.DELIVERED, None, "4000"),
    entry(2, "alimtalk", Standing.UNDELIVERED, Reason.NOT_REACHABLE, "3104"),
    entry(3, "sms", Standing.ACCEPTED, None, ""),
    entry(4, "lms", Standing.REJECTED, Reason.SENDER_STATE, "1062"),
    entry(5, "mms", Standing.UNDELIVERED, Reason.UNMAPPED, "3999"),
    entry(6, "unknown", Standing.UNCERTAIN, Reason.UNMAPPED, "TEST1000"),
)


def solapi(client: httpx.AsyncClient) -> Solapi:
    return Solapi(CONFIG, client)


class TestLists(ListConformance):
    """What was refused for want of balance is none of it: it is asked for again."""

    lists = Lists(
        build=solapi,
        answers=answers,
        entries=TAKEN,
        broken=(
            {"errorCode": "ValidationError", "errorMessage": "no"},
            {"messageList": [], "limit": 500},
            {"messageList": {"M": 7}, "limit": 500},
            {"messageList": {"M": {"statusCode": "4000"}}, "limit": 500},
            {"messageList": FULL, "limit": 500},
            {"messageList": dict(list(FULL.items())[:100]), "limit": 100},
            {"messageList": {}, "limit": 500, "nextKey": "the same for ever"},
        ),
        secrets=("API-KEY-1", "API-SECRET-1"),
    )


async def test_the_documented_question(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=LIST).respond(json=page())
    async with plain_client() as client:
        made = solapi(client)
        assert isinstance(made, CanList)
        assert isinstance(made, CanPoll)
        assert isinstance(made, CanLookUp)
        await made.listed(NOW - timedelta(hours=1), NOW, None)
        await made.poll(NOW, NOW, "M4V7")
    span = {"endDate": "2026-11-22T01:15:01Z", "limit": "500"}
    assert [dict(call.request.url.params) for call in route.calls] == [
        {"dateType": "CREATED", "startDate": "2026-11-22T00:15:00Z", **span},
        {"dateType": "UPDATED", "startDate": "2026-11-22T01:15:00Z", **span, "startKey": "M4V7"},
    ]


def tried(n: int, **more: Any) -> Tried:
    one = outgoing(n)
    return replace(Tried(one.ref, "alimtalk", "call-17", NOW, to=one.to), **more)


async def look_up(asked: list[Tried]) -> list[Found]:
    async with plain_client() as client:
        return list(await solapi(client).look_up(asked, NOW + timedelta(hours=1)))


async def test_looking_up_a_few(respx_mock: respx.MockRouter) -> None:
    """Each by its number, since its call; found by our reference alone."""
    route = respx_mock.get(url__startswith=LIST)
    route.side_effect = lambda request: httpx.Response(200, json=answers(request))
    found = await look_up([tried(n) for n in (9, 4, 3, 2, 1)])
    assert [(one.ref, one.state) for one in found] == [
        (outgoing(n).ref, state)
        for n, state in (
            (9, Lookup.ABSENT),
            (4, Lookup.REFUSED),
            (3, Lookup.ACCEPTED),
            (2, Lookup.ACCEPTED),
            (1, Lookup.ACCEPTED),
        )
    ]
    assert (found[1].reason, found[1].code) == (Reason.SENDER_STATE, "1062")
    assert (found[2].receipt, found[2].provider_id) == (None, ROWS[2][0])
    assert found[3].receipt is not None
    assert (found[3].receipt.result, found[3].receipt.reason) == (
        Result.UNDELIVERED,
        Reason.NOT_REACHABLE,
    )
    asked = dict(route.calls[0].request.url.params)
    assert asked == {
        "dateType": "CREATED",
        "startDate": "2026-11-22T00:59:00Z",
        "endDate": "2026-11-22T02:31:01Z",
        "to": outgoing(9).to,
        "limit": "500",
    }


async def test_many_are_looked_for_in_one_walk(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=LIST)
    route.side_effect = lambda request: httpx.Response(200, json=answers(request))
    found = await look_up([tried(n) for n in range(1, MOST_ALONE + 2)])
    assert [one.state for one in found[:5]] == [
        Lookup.ACCEPTED, Lookup.ACCEPTED, Lookup.ACCEPTED, Lookup.REFUSED, Lookup.ACCEPTED,
    ]  # fmt: skip
    assert {one.state for one in found[5:]} == {Lookup.ABSENT}
    assert route.call_count == 2 + 2, "one of the absent ones is asked for by its number"
    assert [call.request.url.params.get("to") for call in route.calls][1:3] == [
        None,
        outgoing(6).to,
    ]
    await look_up([tried(1, to=""), tried(2, to="")])
    assert route.call_count == 5, "both stand on the first page"
    assert "to" not in route.calls.last.request.url.params


async def test_a_few_of_many_calls_wait_for_another_round(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=LIST).respond(json=page())
    found = await look_up([tried(n, call_key=f"call-{n}") for n in range(MOST_ALONE + 3)])
    assert route.call_count == MOST_ALONE
    assert [one.state for one in found] == [Lookup.ABSENT] * MOST_ALONE + [Lookup.UNCLEAR] * 3


async def test_a_number_that_is_not_known_is_not_asked_for(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=LIST).respond(json=page())
    (found,) = await look_up([tried(1, to="", call_key="")])
    assert found.state is Lookup.ABSENT
    assert "to" not in route.calls.last.request.url.params


async def test_a_walk_without_an_end_leaves_single_questions(
    respx_mock: respx.MockRouter,
) -> None:
    """A busy account: more was sent since than a walk reads."""

    def busy(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        after = None if "to" in params else f"{params.get('startKey', '')}x"
        return httpx.Response(200, json=page(after=after))

    route = respx_mock.get(url__startswith=LIST)
    route.side_effect = busy
    found = await look_up([tried(n) for n in range(MOST_ALONE + 1)])
    assert [one.state for one in found] == [Lookup.ABSENT] * MOST_ALONE + [Lookup.UNCLEAR]
    assert route.call_count == MOST_PAGES + MOST_ALONE


async def test_nobody_is_asked_twenty_times_who_does_not_answer(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.get(url__startswith=LIST)
    route.side_effect = httpx.ReadTimeout("lost")
    found = await look_up([tried(n) for n in range(5)])
    assert {one.state for one in found} == {Lookup.UNCLEAR}
    assert route.call_count == 1


@pytest.mark.parametrize(
    "second",
    [
        httpx.Response(503),
        httpx.Response(403, json={"errorCode": "InvalidAPIKey", "errorMessage": "no"}),
        httpx.Response(200, json={"messageList": FULL, "limit": 500}),
        httpx.Response(200, json={"messageList": {}, "limit": 500, "nextKey": "second"}),
        httpx.Response(200, json={}),
        httpx.ReadTimeout("lost"),
    ],
)
async def test_absent_only_when_the_list_was_read_to_its_end(
    respx_mock: respx.MockRouter, second: Any
) -> None:
    """What the first page names is known all the same."""
    respx_mock.get(url__startswith=LIST).side_effect = [
        httpx.Response(200, json=page(*ROWS[:3], after="second")),
        second,
    ]
    found = await look_up([tried(1, to=""), tried(9, to="")])
    assert [one.state for one in found] == [Lookup.ACCEPTED, Lookup.UNCLEAR]


async def test_a_list_without_an_end_is_not_whole(respx_mock: respx.MockRouter) -> None:
    count = 0

    def more(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(200, json=page(after=f"key {count}"))

    respx_mock.get(url__startswith=LIST).side_effect = more
    (found,) = await look_up([tried(1)])
    assert (found.state, count) == (Lookup.UNCLEAR, MOST_PAGES)


def row(n: int, code: str, ref: str = "") -> tuple[str, Any]:
    return f"M{n}", {
        "messageId": f"M{n}",
        "statusCode": code,
        "customFields": {"ref": ref or outgoing(1).ref},
    }


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        (("1030",), Lookup.ABSENT),
        (("1024", "1030"), Lookup.ABSENT),
        (("1030", "2000"), Lookup.ACCEPTED),
        (("3000", "1024"), Lookup.ACCEPTED),
        (("1030", "1062"), Lookup.REFUSED),
        (("1999",), Lookup.REFUSED),
        (("5000",), Lookup.ACCEPTED),
    ],
)
async def test_what_was_put_off_and_asked_for_again(
    respx_mock: respx.MockRouter, codes: tuple[str, ...], state: Lookup
) -> None:
    """The same reference is listed once for each time it was asked for."""
    listed = page(*(row(n, code) for n, code in enumerate(codes)))
    respx_mock.get(url__startswith=LIST).respond(json=listed)
    (found,) = await look_up([tried(1)])
    assert found.state is state


async def test_polling(respx_mock: respx.MockRouter) -> None:
    """Only what is final or doubtful; a refusal for want of balance would end a second try."""
    respx_mock.get(url__startswith=LIST).respond(json=page(*ROWS, after="next"))
    async with plain_client() as client:
        polled = await solapi(client).poll(NOW, NOW, None)
    assert polled.cursor == "next"
    assert [(one.ref, one.result, one.reason, one.code) for one in polled.receipts] == [
        (outgoing(1).ref, Result.DELIVERED, None, "4000"),
        (outgoing(2).ref, Result.UNDELIVERED, Reason.NOT_REACHABLE, "3104"),
        (outgoing(5).ref, Result.UNDELIVERED, Reason.UNMAPPED, "3999"),
        ("", Result.UNCERTAIN, Reason.UNMAPPED, "TEST1000"),
    ]
    assert polled.receipts[1].text == "카카오톡 미사용자"


async def test_trouble_of_a_poll_is_said(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=LIST)
    async with plain_client() as client:
        route.respond(403, json={"errorCode": "DuplicatedSignature", "errorMessage": "again"})
        with pytest.raises(ProviderSilent, match="DuplicatedSignature"):
            await solapi(client).poll(NOW, NOW, None)
        route.respond(403, json={"errorCode": "InvalidAPIKey", "errorMessage": "no"})
        with pytest.raises(ProviderRefused) as refused:
            await solapi(client).poll(NOW, NOW, None)
    assert (refused.value.reason, refused.value.code) == (Reason.MISCONFIGURED, "InvalidAPIKey")

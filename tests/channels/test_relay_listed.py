"""A company's own relay: the whole list of a span of time."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from channels.contract import CanList, Listed
from channels.management import ProviderRefused
from channels.vocabulary import Reason, Standing
from tests.channels.conformance import NOW, outgoing
from tests.channels.listing import ListConformance, Lists
from tests.channels.test_relay import URL, askable, relay
from tests.channels.wire import plain_client, recorded


def answers(request: httpx.Request) -> dict[str, Any]:
    body: dict[str, Any] = recorded("relay/taken")
    if request.url.params.get("cursor") == "2":
        return {**body, "messages": body["messages"][2:], "cursor": None}
    return {**body, "messages": body["messages"][:2], "cursor": "2"}


TAKEN = tuple(
    Listed(
        "sms",
        f"r-81-{n}",
        state,
        outgoing(n).ref,
        reason,
        code,
        NOW + timedelta(seconds=n),
        None if state is Standing.ACCEPTED else NOW + timedelta(minutes=1, seconds=n),
    )
    for n, state, reason, code in (
        (1, Standing.ACCEPTED, None, ""),
        (2, Standing.REJECTED, Reason.TOO_LONG, "too_long"),
        (3, Standing.UNDELIVERED, Reason.PHONE_OFF, "phone_off"),
        (4, Standing.DELIVERED, None, "delivered"),
        (5, Standing.UNCERTAIN, Reason.UNCERTAIN, "uncertain"),
        (6, Standing.UNDELIVERED, Reason.UNMAPPED, "moon"),
    )
)
WHOLE = {"messages": [], "complete": True, "cursor": None}


def body(**row: str) -> dict[str, Any]:
    return {**WHOLE, "messages": [row]}


class TestLists(ListConformance):
    lists = Lists(
        build=askable,
        answers=answers,
        entries=TAKEN,
        broken=(
            {"messages": [], "complete": True},  # a relay of before: it was asked for nobody
            {"messages": [], "cursor": None},
            {**WHOLE, "complete": False},
            {"complete": True, "cursor": None},
            {"code": "request_refused", "text": "no such list"},
            body(ref="a", status="accepted"),
            body(id="r-1", status="perhaps"),
        ),
        secrets=("relay-key-1", "sign-secret-1"),
    )


async def test_the_documented_question(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith=f"{URL}/messages").respond(json=WHOLE)
    async with plain_client() as client:
        for cursor in (None, "7"):
            page = await askable(client, "window_look_up").listed(NOW, NOW, cursor)
            assert (page.entries, page.cursor) == ((), None)
    times = {"since": NOW.isoformat(), "until": NOW.isoformat()}
    asked = [dict(call.request.url.params) for call in route.calls]
    assert asked == [times, {**times, "cursor": "7"}]
    assert route.calls.last.request.headers["Authorization"] == "Bearer relay-key-1"


async def test_a_relay_without_a_list(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(url__startswith=f"{URL}/messages").respond(
        404, json={"code": "request_refused", "text": "no list"}
    )
    async with plain_client() as client:
        assert not isinstance(relay(client), CanList), "blind: it is never asked"
        with pytest.raises(ProviderRefused):
            await askable(client).listed(NOW, NOW, None)


async def test_what_was_read_has_arrived(respx_mock: respx.MockRouter) -> None:
    for status in ("read", "acknowledged"):
        respx_mock.get(url__startswith=f"{URL}/messages").respond(
            json=body(id="r-1", route="sms", status=status)
        )
        async with plain_client() as client:
            (entry,) = (await askable(client).listed(NOW, NOW, None)).entries
        assert (entry.state, entry.reason) == (Standing.DELIVERED, None)

"""SOLAPI's list where its clock and ours are apart."""

from datetime import datetime, timedelta

import httpx
import pytest
import respx

from channels.adapters.solapi.lists import MOST_ALONE
from channels.vocabulary import Lookup
from tests.channels.conformance import NOW, outgoing
from tests.channels.test_solapi_lists import LIST, look_up, page, row, tried


@pytest.mark.parametrize("count", [2, MOST_ALONE + 1])
@pytest.mark.parametrize("off_min", [-14, -2, 0, 2, 14])
async def test_a_clock_that_is_off_hides_nothing_that_was_taken(
    respx_mock: respx.MockRouter, count: int, off_min: int
) -> None:
    """T01: SOLAPI's clock or ours; believed absent it would be sent again."""
    made_at = NOW + timedelta(minutes=off_min)

    def shown(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        start, end = (datetime.fromisoformat(params[name]) for name in ("startDate", "endDate"))
        there = [row(n, "2000", outgoing(n).ref) for n in range(count) if start <= made_at <= end]
        mine = [one for n, one in enumerate(there) if params.get("to") in (None, outgoing(n).to)]
        return httpx.Response(200, json=page(*mine))

    respx_mock.get(url__startswith=LIST).side_effect = shown
    states = [one.state for one in await look_up([tried(n) for n in range(count)])]
    assert states[:2] == [Lookup.ACCEPTED] * 2
    assert Lookup.ABSENT not in states, "more than a round's are asked for in the next one"

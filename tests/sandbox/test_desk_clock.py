"""The clock over the API, and what follows it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.server import Running, receive
from tests.sandbox.shop import HANA, NO_KAKAO, OFF, accept, results, settle_in

CLOCK = "/desk/api/clock"


async def test_it_is_real_time_until_somebody_moves_it(quiet: Running) -> None:
    got = (await quiet.client.get(CLOCK)).json()
    assert got["rate"] == 1
    assert got["ahead_s"] == 0
    assert abs(got["now"] - got["real"]) <= 1
    at = datetime.fromisoformat(got["iso"])
    assert at.utcoffset() == timedelta(hours=9)
    assert at.timestamp() * 1000 == got["now"]


async def test_it_moves_to_a_time_ahead_and_further_and_back_to_real_time(quiet: Running) -> None:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    got = (await quiet.client.put(CLOCK, json={"at": at.isoformat(), "rate": 0})).json()
    assert got["now"] == at.timestamp() * 1000
    got = (await quiet.client.put(CLOCK, json={"add_s": 60})).json()
    assert (got["now"], got["rate"]) == (at.timestamp() * 1000 + 60_000, 0)
    got = (await quiet.client.put(CLOCK, json={"ahead_s": 3 * 86_400, "rate": 1})).json()
    assert got["ahead_s"] == pytest.approx(3 * 86_400, abs=0.1)
    assert quiet.store.meta("clock")
    refused = await quiet.client.put(CLOCK, json={"at": at.isoformat()})
    assert (refused.status_code, refused.json()["code"]) == (409, "clock_back")
    got = (await quiet.client.delete(CLOCK)).json()
    assert (got["rate"], got["ahead_s"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rate": 3601}, "rate"),
        ({"rate": -1}, "rate"),
        ({"rate": "nan"}, "rate"),
        ({"at": "2027-01-01T00:00:00"}, "at"),
        ({"at": "soon"}, "at"),
        ({"add_s": -1}, "add_s"),
        ({"ahead_s": 1e30}, "ahead_s"),
        ({"add_s": 1, "ahead_s": 1}, None),
        ({"speed": 2}, "speed"),
    ],
)
async def test_what_no_clock_can_do_is_refused(
    quiet: Running, body: dict[str, object], field: str | None
) -> None:
    refused = await quiet.client.put(CLOCK, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.json()["field"] == field
    assert quiet.store.clock.is_real


async def test_a_jump_wakes_what_waits(running: Running) -> None:
    """Results, a phone that stays off for three days, and a callback's next try."""
    store = running.store
    async with receive() as receiver:
        receiver.statuses = [500]
        settle_in(store, receiver.url)
        store.change_settings({"result_delay_s": 600})
        accept(store, HANA, OFF)
        await running.client.put(CLOCK, json={"add_s": 601, "rate": 0})
        await running.until(lambda: results(store) == {HANA: "1000", OFF: "3005"})
        await receiver.until(1)  # refused: the next try is a second of the standing clock away
        await running.client.put(CLOCK, json={"add_s": 2})
        await receiver.until(2)
        assert store.number("SELECT count(*) FROM message WHERE state = 'held'") == 1
        await running.client.put(CLOCK, json={"add_s": 72 * 3600})
        await running.until(
            lambda: store.number("SELECT count(*) FROM message WHERE due_at IS NOT NULL") == 0
        )
    assert results(store)[OFF] == "3005"


async def test_a_fast_clock_shortens_waits(running: Running) -> None:
    running.store.change_settings({"result_delay_s": 600})
    await running.client.put(CLOCK, json={"rate": 3600})
    accept(running.store, NO_KAKAO)
    await running.until(lambda: results(running.store) == {NO_KAKAO: "3019"}, timeout_s=5)

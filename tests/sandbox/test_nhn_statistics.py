"""Statistics: what is counted, when, and in which buckets."""

from typing import Any

import pytest

from sandbox.delivery import deliver_due
from sandbox.nhn.wire import SECOND, seoul
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    APP,
    HANA,
    NO_KAKAO,
    OFF,
    SECRET,
    SMS,
    SMS_SECRET,
    accept,
)

DAY_MS = 86_400_000


@pytest.fixture
def shop(quiet: Running, clock: Clock) -> Running:
    """At noon in Seoul: a notice delivered, one failed, one waiting; a text a day later."""
    clock.ms -= (clock.ms + 9 * 3_600_000) % DAY_MS - DAY_MS // 2
    quiet.store.now = clock
    accept(quiet.store, HANA, NO_KAKAO, OFF)
    deliver(quiet.store, clock)
    clock.pass_s(DAY_MS / 1000)
    accept(quiet.store, HANA, kind="sms", request_id="R2")
    deliver(quiet.store, clock)
    return quiet


def deliver(store: Store, clock: Clock) -> None:
    clock.pass_s(1)
    deliver_due(store)


async def ask(shop: Running, path: str, **query: str) -> dict[str, Any]:
    now = shop.store.now()
    span = {"from": seoul(now - 2 * DAY_MS, SECOND), "to": seoul(now, SECOND)}
    texts = path.startswith("/sms")
    name = "statisticsType" if texts else "statsType"
    base = SMS if texts else f"/nhn/common/v2.2/appkeys/{APP}"
    answer = await shop.client.get(
        base + path.removeprefix("/sms"),
        params={**span, name: "DAILY", **query},
        headers=SMS_SECRET if texts else SECRET,
    )
    found: dict[str, Any] = answer.json()
    return found


async def test_events_of_notices(shop: Running) -> None:
    (day,) = (await ask(shop, "/stats"))["stats"]
    assert day["eventDateTime"].endswith("T00:00:00.000Z")
    assert day["eventDateTime"][:10] == seoul(shop.store.now() - DAY_MS, "%Y-%m-%d")
    assert day["events"] == {
        "REQUESTED": 3, "SENT": 3, "RECEIVED": 1, "SENT_FAILED": 1, "RESENT": 0,
        "RESENT_FAILED": 0,
    }  # fmt: skip
    total = (await ask(shop, "/stats/total", eventTypes="RECEIVED,SENT"))["total"]
    assert total == {"SENT": 3, "RECEIVED": 1}


WHAT_IS_CHOSEN: list[Any] = [
    ({"requestIds": "R1"}, 3),
    ({"requestIds": "R9"}, 0),
    ({"templateCodes": "NONE"}, 0),
    ({"extra1s": "ALIMTALK"}, 3),
    ({"extra1s": "ALIMTALK_AUTH,BRAND_MESSAGE"}, 0),
    ({"statsIds": "spring"}, 0),
]


async def test_what_is_chosen(shop: Running) -> None:
    for query, requested in WHAT_IS_CHOSEN:
        total = (await ask(shop, "/stats/total", **query))["total"]
        assert total["REQUESTED"] == requested, query


BUCKETS: list[Any] = [
    ("NORMAL", ""),
    ("MINUTELY", "T12:00:00.000Z"),
    ("HOURLY", "T12:00:00.000Z"),
    ("BY_DAY", "DAY"),
]


async def test_buckets(shop: Running) -> None:
    for kind, name in BUCKETS:
        (one,) = (await ask(shop, "/stats", statsType=kind))["stats"]
        assert one["eventDateTime"].endswith(name)
        assert (one["eventDateTime"] == "") == (kind == "NORMAL")


async def test_events_of_texts(shop: Running) -> None:
    (day,) = (await ask(shop, "/sms/stats"))["body"]["data"]
    assert day["events"] == {"requested": 1, "sent": 1, "sentFailed": 0, "received": 1}
    assert (await ask(shop, "/sms/stats", messageType="LMS"))["body"]["data"] == []
    accept(shop.store, OFF, kind="sms", request_id="R3")
    (day,) = (await ask(shop, "/sms/stats/legacy"))["body"]["data"]
    assert day["events"] == {
        "requested": 2, "sent": 2, "sentFailed": 0, "received": 1, "pending": 1,
    }  # fmt: skip


REFUSALS: list[Any] = [
    ("/stats", {"statsType": "YEARLY"}, -4101),
    ("/stats", {"from": "2026-11-22"}, -4101),
    ("/stats", {"to": "2020-01-01 00:00:00"}, -4101),
    ("/stats", {"requestIds": "1,2,3,4,5,6"}, -4101),
    ("/stats/total", {"statsCriteria": "EXTRA_1,EVENT"}, -4101),
    ("/sms/stats", {"statisticsType": ""}, -2701),
    ("/sms/stats", {"to": "2020-01-01 00:00:00"}, -2700),
    ("/sms/stats/legacy", {"requestIds": "1,2,3,4,5,6"}, -2701),
]


async def test_refusals(shop: Running) -> None:
    for path, query, expected in REFUSALS:
        assert (await ask(shop, path, **query))["header"]["resultCode"] == expected, query

"""The life of templates over real sockets: rejected and mended, edited while sending, stopped."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_relay import PROMISES, shop
from tests.journeys.town import Town, approve, town

SOON_S = 4.0  # what is accepted now leaves after everything that happens meanwhile
TEXT = "#{고객명} 님, 주문하신 상품을 보냈습니다."
MENDED = "#{고객명} 님, 주문하신 상품을 오늘 보냈습니다."
VALUES = {"고객명": "김나루"}


def notice(code: str, content: str = TEXT) -> dict[str, Any]:
    return {"code": code, "name": f"안내 {code}", "content": content}


async def template(place: Town, code: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await place.api("GET", f"/v1/templates/{code}")).json()
    return shown


async def until(place: Town, code: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The template once it is so."""
    end = time.monotonic() + 90
    while not is_so(shown := await template(place, code)):
        assert time.monotonic() < end, f"{shown}\n{place.log('scheduler')[-2000:]}"
        await asyncio.sleep(0.05)
    return shown


def states(version: int, state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda shown: (
        (version, state) in [(r["version"], r["state"]) for r in shown["registrations"]]
    )


async def judge(place: Town, code: str, act: str, comment: str = "") -> None:
    path = f"/templates/{place.sender_key}/{code}/{act}"
    await place.desk("POST", path, json={"comment": comment} if comment else None)


async def put(place: Town, code: str, content: str = MENDED) -> dict[str, Any]:
    answer = await place.api("PUT", f"/v1/templates/{code}", json=notice(code, content))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def texts(place: Town, number: str) -> list[str]:
    return [str(one["text"]) for one in await place.received(number)]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_templates_live_and_die(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.desk("PATCH", "/settings", json={"review": "manual"})
        await asyncio.gather(mended(place), edited(place), stopped(place), at_a_relay(place))


async def mended(place: Town) -> None:
    """Refused by the linter, rejected with a comment, mended in place, approved, sent."""
    code = "mended"
    refused = await place.api("POST", "/v1/templates", json=notice(code, "#{고객명 님"))
    assert refused.status_code == 422
    assert refused.json()["data"]["findings"][0]["field"] == "content"
    made = await place.api("POST", "/v1/templates", json=notice(code))
    assert made.status_code == 201
    await until(place, code, states(1, "in_review"))
    await judge(place, code, "reject", "언제 보냈는지 적어 주세요")
    shown = await until(place, code, states(1, "rejected"))
    assert shown["registrations"][0]["comments"][-1]["text"] == "언제 보냈는지 적어 주세요"
    assert "언제 보냈는지" in shown["registrations"][0]["detail_ko"]
    assert (await put(place, code))["version"] == 2
    await until(place, code, states(2, "in_review"))
    await judge(place, code, "approve")
    shown = await until(place, code, lambda shown: shown["in_use"] == {"sandbox": 2})
    assert shown["registrations"][0]["code"] == code  # the rejected one's, edited in place
    message_id = await place.send(code, "010-1301-0001", variables=VALUES)
    await place.until(message_id, "delivered")
    assert await texts(place, "01013010001") == ["김나루 님, 주문하신 상품을 오늘 보냈습니다."]


async def edited(place: Town) -> None:
    """What was accepted before an edit leaves as it was, by its own code; what comes later new."""
    code = "edited"
    await approve(place, notice(code))
    later = (datetime.now(UTC) + timedelta(seconds=SOON_S)).isoformat()
    numbers = [f"010130200{i:02}" for i in range(4)]
    batch = {
        "template": code,
        "send_at": later,
        "messages": [{"to": to, "variables": VALUES} for to in numbers],
    }
    taken = await place.api("POST", "/v1/messages/batch", json=batch)
    assert taken.status_code == 202, taken.text
    campaign = await _campaign(place, code, later)
    assert (await put(place, code))["in_use"] == {"sandbox": 1}
    await until(place, code, states(2, "in_review"))
    early = await place.send(code, "010-1302-0090", variables=VALUES)  # still the old one
    await judge(place, f"{code}-2", "approve")
    await until(place, code, lambda shown: shown["in_use"] == {"sandbox": 2})
    await asyncio.sleep(1.1)  # what may be sent is remembered for a second
    new = await place.send(code, "010-1302-0091", variables=VALUES)
    ids = taken.json()["ids"]
    await asyncio.gather(*(place.until(one, "delivered") for one in (early, new, *ids)))
    for number in (*numbers, "01013020090"):
        assert await texts(place, number) == ["김나루 님, 주문하신 상품을 보냈습니다."]
    assert await texts(place, "01013020091") == ["김나루 님, 주문하신 상품을 오늘 보냈습니다."]
    end = time.monotonic() + 90
    while not (there := await texts(place, "01013020080")):
        shown = (await place.api("GET", f"/v1/campaigns/{campaign}")).json()
        assert time.monotonic() < end, shown
        await asyncio.sleep(0.1)
    assert there == ["김나루 님, 주문하신 상품을 보냈습니다."]


async def _campaign(place: Town, code: str, send_at: str) -> str:
    """One that is started, and makes its message later."""
    new = {"name": "11월", "template": code, "send_at": send_at}
    made = (await place.api("POST", "/v1/campaigns", json=new)).json()
    path = f"/v1/campaigns/{made['id']}"
    rows = "전화번호,고객명\n01013020080,김나루\n".encode()
    put = await place.api("PUT", f"{path}/rows", content=rows, headers={"Content-Type": "text/csv"})
    assert put.status_code == 200, put.text
    started = await place.api("POST", f"{path}/start", json={})
    assert started.status_code == 200, started.text
    return str(made["id"])


async def stopped(place: Town) -> None:
    """Nothing of it leaves from now on, queued or not, by no channel; resumed it is sent again."""
    code = "stopped"
    await approve(place, notice(code))
    later = (datetime.now(UTC) + timedelta(seconds=SOON_S / 2)).isoformat()
    plan = [{"channel": "sms"}]
    waiting = [
        await place.send(code, "010-1303-0001", variables=VALUES, send_at=later),
        await place.send(code, "010-1303-0001", variables=VALUES, send_at=later, plan=plan),
    ]
    answer = await place.api("POST", f"/v1/templates/{code}/stop")
    assert answer.status_code == 200, answer.text
    for one in waiting:
        shown = await place.until(one, "blocked")
        assert (shown["reason"], shown["fallback_used"]) == ("template_stopped", False)
    body = {"template": code, "to": "010-1303-0001", "variables": VALUES}
    refused = await place.api("POST", "/v1/messages", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "template_stopped")
    assert (await place.api("POST", f"/v1/templates/{code}/resume")).status_code == 200
    again = await place.send(code, "010-1303-0002", variables=VALUES)
    await place.until(again, "delivered")
    assert await place.received("01013030001") == []


async def at_a_relay(place: Town) -> None:
    """A provider that offers everything."""
    own = await shop(place, PROMISES["look_up"])
    await asyncio.gather(through_every_state(own), deleted(own))


async def through_every_state(own: Town) -> None:
    """Withdrawn, submitted again with a word, stopped and resumed there, asleep and awake."""
    code = "relayed"

    async def ask(verb: str, **body: Any) -> None:
        answer = await own.api("POST", f"/v1/templates/{code}/{verb}", json=body)
        assert answer.status_code == 200, answer.text

    assert (await own.api("POST", "/v1/templates", json=notice(code))).status_code == 201
    await until(own, code, states(1, "in_review"))
    await ask("withdraw")
    await until(own, code, states(1, "registered"))
    await ask("submit", comment="주문한 고객에게만 보냅니다.")
    shown = await until(own, code, lambda shown: bool(shown["registrations"][0]["comments"]))
    assert shown["registrations"][0]["state"] == "in_review"
    await judge(own, code, "approve")
    await until(own, code, states(1, "approved"))
    await ask("stop", account="relay")
    await until(own, code, states(1, "stopped"))
    assert (await template(own, code))["stopped_at"] is None
    await ask("resume", account="relay")
    await until(own, code, states(1, "approved"))
    await judge(own, code, "dormant")
    await ask("sync")
    await until(own, code, states(1, "dormant"))
    await ask("release")
    await until(own, code, states(1, "approved"))


async def deleted(own: Town) -> None:
    """Rejected, and deleted at the provider first."""
    await own.api("POST", "/v1/templates", json=notice("bad"))
    await until(own, "bad", states(1, "in_review"))
    await judge(own, "bad", "reject", "광고입니다")
    await until(own, "bad", states(1, "rejected"))
    assert (await own.api("DELETE", "/v1/templates/bad")).status_code == 202
    end = time.monotonic() + 90
    while (await own.api("GET", "/v1/templates/bad")).status_code != 404:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert "bad" not in {row["code"] for row in await own.desk("GET", "/templates")}

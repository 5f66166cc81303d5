"""Whole walks over real sockets: from POST to the phone and back, on both databases."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from templates.files import load, starters
from tests.journeys.town import ROOT, Town, approve, town

FORMS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}
for _name in ("appointment", "order_shipped", "payment_received", "premium_notice"):
    _template, _sample = load(starters()[_name])
    FORMS[_template.code] = (_template.to_mapping(), dict(_sample))


async def send(place: Town, code: str, to: str, **body: Any) -> str:
    """A starter with its sample values."""
    return await place.send(code, to, variables=FORMS[code][1], **body)


async def kinds(place: Town, message_id: str) -> list[str]:
    """The kinds of a message's timeline, in order."""
    response = await place.api("GET", f"/v1/messages/{message_id}/timeline?lang=en")
    return [entry["kind"] for entry in response.json()["entries"]]


@pytest.mark.timeout(600)
async def test_a_day_in_town(tmp_path: Path, database_url: str) -> None:
    """One installation, all walks at once: they must not disturb each other."""
    async with town(tmp_path, database_url=database_url) as place:
        await approve(place, *(form for form, _ in FORMS.values()))
        await asyncio.gather(
            delivered(place),
            not_a_friend(place),
            long_notice(place),
            answer_lost(place),
            phone_off(place),
            cancelled(place),
            only_sms(place),
            repeated(place),
            consultation(place),
            forged(place),
        )
        await only_polled(place)
        await refused_credentials(place)
        await drains(place)


async def delivered(place: Town) -> None:
    """The plain case: accepted, sent, delivered, once, with what we rendered."""
    message_id = await send(place, "order_shipped", "010-1111-0001", reference="A-1")
    shown = await place.until(message_id, "delivered")
    assert shown["simulated"] is True
    assert shown["fallback_used"] is False
    assert shown["to"] == "010-****-0001"
    assert await kinds(place, message_id) == [
        "message.accepted",
        "attempt.accepted",
        "attempt.delivered",
    ]
    (arrived,) = await place.received("01011110001")
    sample = FORMS["order_shipped"][1]
    assert (arrived["app"], arrived["kind"]) == ("chat", "alimtalk")
    assert all(value in arrived["text"] + str(arrived["buttons"]) for value in sample.values())
    found = (await place.api("GET", "/v1/messages?reference=A-1")).json()["items"]
    assert [item["id"] for item in found] == [message_id]


async def forged(place: Town) -> None:
    """P16: neither a wrong signature nor a stranger's reference moves anything."""
    number = "01011110777"
    lies = [
        {"effect": "receipt_forge", "forge": forge, "number": number}
        for forge in ("signature", "reference")
    ]
    await place.desk("PUT", "/chaos", json={"rules": lies})
    message_id = await send(place, "order_shipped", number)
    shown = await place.until(message_id, "delivered")
    while (await place.desk("GET", "/counters"))["webhooks"]["forged"] == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    rules = (await place.desk("GET", "/chaos"))["rules"]
    assert [rule["acted"] for rule in rules] == [1, 1]
    assert shown["fallback_used"] is False
    assert await kinds(place, message_id) == [
        "message.accepted",
        "attempt.accepted",
        "attempt.delivered",
    ]
    assert len(await place.received(number)) == 1


async def not_a_friend(place: Town) -> None:
    """Not on KakaoTalk: the notice arrives as LMS, and the timeline says why."""
    message_id = await send(place, "payment_received", "010-1112-3019")
    shown = await place.until(message_id, "delivered")
    assert shown["fallback_used"] is True
    first, second = shown["attempts"]
    assert (first["status"], first["reason"], first["code"]) == (
        "undelivered",
        "not_reachable",
        "3019",
    )
    assert (second["channel"], second["status"]) == ("sms", "delivered")
    (arrived,) = await place.received("01011123019")
    assert arrived["app"] == "sms"


async def long_notice(place: Town) -> None:
    """A long notice arrives whole."""
    message_id = await send(place, "premium_notice", "010-1113-0001")
    await place.until(message_id, "delivered")
    (arrived,) = await place.received("01011130001")
    assert len(arrived["text"]) > 700


async def answer_lost(place: Town) -> None:
    """The provider took it and its answer never came: asked, not resent."""
    message_id = await send(place, "appointment", "010-1114-0504")
    await place.until(message_id, "delivered")
    seen = await kinds(place, message_id)
    assert "attempt.unknown" in seen
    assert "attempt.absent" not in seen
    assert len(await place.received("01011140504")) == 1


async def phone_off(place: Town) -> None:
    """Off: not confirmed, no SMS at once; it arrives when the phone is on, once."""
    message_id = await send(place, "appointment", "010-1115-3005")
    shown = await place.until(message_id, "sent")
    while shown["reason"] != "uncertain":
        await asyncio.sleep(0.1)
        shown = await place.message(message_id)
    assert await place.received("01011153005") == []
    await place.desk("PATCH", "/phones/01011153005", json={"on": True})
    await place.until(message_id, "delivered")
    assert len(await place.received("01011153005")) == 1


async def cancelled(place: Town) -> None:
    """Scheduled, cancelled before its time: nothing leaves; what has left cannot be cancelled."""
    soon, later = (datetime.now(UTC) + timedelta(seconds=s) for s in (4, 60))
    message_id = await send(place, "appointment", "010-1116-0001", send_at=later.isoformat())
    assert (await place.message(message_id))["status"] == "scheduled"
    response = await place.api("POST", f"/v1/messages/{message_id}/cancel")
    assert response.json()["status"] == "cancelled"
    on_time = await send(place, "appointment", "010-1116-0002", send_at=soon.isoformat())
    await place.until(on_time, "delivered")
    refused = await place.api("POST", f"/v1/messages/{on_time}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_late")
    assert await place.received("01011160001") == []


async def only_sms(place: Town) -> None:
    """A plan of the call's own wins over the template's."""
    message_id = await send(place, "appointment", "010-1117-0001", plan=[{"channel": "sms"}])
    shown = await place.until(message_id, "delivered")
    assert [attempt["channel"] for attempt in shown["attempts"]] == ["sms"]


async def repeated(place: Town) -> None:
    """Fifty equal requests at once with one key make one message."""
    headers = {"Idempotency-Key": "order-7"}
    ids = await asyncio.gather(
        *(send(place, "appointment", "010-1118-0001", headers=headers) for _ in range(50))
    )
    assert len(set(ids)) == 1
    await place.until(ids[0], "delivered")
    assert len(await place.received("01011180001")) == 1


async def consultation(place: Town) -> None:
    """The customer presses the notice's button and answers; staff answer back on the phone."""
    number = "01011190001"
    message_id = await send(place, "order_shipped", number)
    await place.until(message_id, "delivered")
    phone = await place.desk("GET", f"/phones/{number}")
    notice = next(m for m in phone["messages"] if m["buttons"])
    button = next(i for i, b in enumerate(notice["buttons"]) if b["type"] == "BC")
    await place.desk(
        "POST", f"/phones/{number}/messages/{notice['id']}/press", json={"button": button}
    )
    said = {"sender_key": place.sender_key, "text": "내일 꼭 받아야 해요!"}
    await place.desk("POST", f"/phones/{number}/say", json=said)
    thread = await _thread_of(place, message_id)
    assert "reply.received" in await kinds(place, message_id)
    answer = {
        "text": "내일 오전에 도착합니다.",
        "agent": "윤가람",
        "epoch": thread["case"]["epoch"],
        "client_key": "k1",
    }
    path = f"/v1/consultations/{thread['id']}/messages"
    posted = await place.api("POST", path, json=answer)
    assert posted.status_code in (201, 202), posted.text
    stale = await place.api("POST", path, json={**answer, "client_key": "k2", "epoch": 99})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_epoch")
    for _ in range(200):
        if any(row["kind"] == "say" for row in await place.received(number)):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the answer did not reach the phone\n" + place.log("scheduler")[-2000:])


async def _thread_of(place: Town, message_id: str) -> dict[str, Any]:
    for _ in range(200):
        page = (await place.api("GET", "/v1/consultations")).json()
        for item in page["items"]:
            shown = (await place.api("GET", f"/v1/consultations/{item['id']}")).json()
            lines = (await place.api("GET", f"/v1/consultations/{item['id']}/messages")).json()
            texts = [line["text"] for line in lines["items"]]
            if shown["notice"] and shown["notice"]["id"] == message_id and len(texts) >= 2:
                assert "내일 꼭 받아야 해요!" in texts
                found: dict[str, Any] = shown
                return found
        await asyncio.sleep(0.05)
    pytest.fail("no thread for the notice\n" + place.log("scheduler")[-2000:])


async def refused_credentials(place: Town) -> None:
    """A wrong key pauses the account; its messages wait and leave when it is right again."""
    app_key, right = place.nhn
    path = f"/accounts/nhn/{app_key}"
    await place.desk("PUT", path, json={**right, "secret_key": "another"})
    message_id = await send(place, "appointment", "010-1120-0001")
    shown = await place.message(message_id)
    for _ in range(100):
        if shown["reason"] == "misconfigured":
            break
        await asyncio.sleep(0.05)
        shown = await place.message(message_id)
    assert (shown["status"], shown["reason"]) == ("queued", "misconfigured")
    await place.desk("PUT", path, json=right)
    resumed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "app.cli", "accounts", "set", "nhn", "--batch", "500"],
        cwd=ROOT,
        env=place.environment,
        capture_output=True,
    )
    assert resumed.returncode == 0, resumed.stderr
    await place.until(message_id, "delivered")
    assert len(await place.received("01011200001")) == 1


async def only_polled(place: Town) -> None:
    """No webhook arrives: the provider's list of results is the truth."""
    await place.desk("PATCH", "/settings", json={"webhooks": False})
    chat = await send(place, "order_shipped", "010-1121-0001")
    text = await send(place, "order_shipped", "010-1121-3019")
    await place.until(chat, "delivered")
    shown = await place.until(text, "delivered")
    assert shown["fallback_used"] is True
    await place.desk("PATCH", "/settings", json={"webhooks": True})


async def drains(place: Town) -> None:
    """SIGTERM: what is under way is finished, nothing is left open."""
    place.processes["scheduler"].terminate()
    assert await asyncio.to_thread(place.processes["scheduler"].wait, 25) == 0

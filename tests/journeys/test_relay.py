"""A company's own relay over real sockets, in each class: a lost answer, and not on KakaoTalk."""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import open_runtime
from app.services.senders import NewSender
from templates.files import load, starters
from tests.journeys.town import CALLER_NUMBER, Town, approve, town

pytestmark = pytest.mark.long  # kills of real processes take their time

TEMPLATE, SAMPLE = load(starters()["payment_received"])
PROMISES: dict[str, dict[str, str]] = {
    "dedupe": {"idempotency": "dedupe", "dedupe_ttl_s": "600"},
    "look_up": {"idempotency": "look_up"},
    "window_look_up": {"idempotency": "window_look_up", "window_s": "5"},
    "blind": {"idempotency": "blind"},
}
RESULT_S = 14.0  # later than recovery, on a slow machine too: it has to do it, where it may


async def shop(place: Town, promise: dict[str, str]) -> Town:
    """A workspace whose only account is a relay of this class."""
    own = replace(place, sender_key=secrets.token_hex(20))
    given = {"key": secrets.token_hex(16), "signing_secret": secrets.token_hex(16), **promise}
    async with open_runtime(place.settings()) as runtime:
        async with runtime.database.write() as tx:
            workspace = await workspaces.create(tx, promise["idempotency"])
            _, own.key = await keys.create(tx, runtime.sealer, workspace.id, "test", "test", SCOPES)
            new = NewAccount(name="relay", adapter="relay", mode="sandbox", credentials=given)
            account, _ = await accounts.add(tx, runtime, workspace.id, new)
            for kind, value in (("alimtalk", own.sender_key), ("sms", CALLER_NUMBER)):
                await senders.add(tx, account, NewSender(kind=kind, value=value, name="나루 상점"))
        url = accounts.callback_url(runtime, account)
    side: dict[str, Any] = {
        "signing_secret": given["signing_secret"],
        "idempotency": promise["idempotency"],
        "senders": [{"sender_key": own.sender_key, "name": "나루 상점"}],
        "caller_numbers": [CALLER_NUMBER],
        "callback_url": url + "/results",
    }
    await own.desk("PUT", f"/accounts/relay/{given['key']}", json=side)
    return own


async def kinds(place: Town, message_id: str) -> list[str]:
    response = await place.api("GET", f"/v1/messages/{message_id}/timeline?lang=en")
    return [entry["kind"] for entry in response.json()["entries"]]


async def lost_and_absent(place: Town, name: str, n: int) -> None:
    """One message whose answer is lost, one to somebody who is not on KakaoTalk."""
    lost_to, absent_to = f"0102{n}000504", f"0102{n}003019"
    lost = await place.send(TEMPLATE.code, lost_to, variables=SAMPLE)
    absent = await place.send(TEMPLATE.code, absent_to, variables=SAMPLE)
    await place.until(lost, "unknown", "sent", "delivered", seconds=90)
    if name == "blind":
        await asyncio.sleep(4.5)  # the settle window is over, and nobody may decide
        assert (await place.message(lost))["status"] == "unknown"
    else:
        await place.until(lost, "sent", "delivered")  # which may follow at once
    await place.until(lost, "delivered", seconds=90)
    assert (await place.until(absent, "delivered", seconds=90))["fallback_used"] is True
    seen = await kinds(place, lost)
    assert "attempt.unknown" in seen
    assert ("attempt.repeated" in seen) is (name == "dedupe")
    assert ("attempt.accepted" in seen) is (name != "blind")
    assert [row["app"] for row in await place.received(lost_to)] == ["chat"]
    assert [row["app"] for row in await place.received(absent_to)] == ["sms"]


@pytest.mark.timeout(600)
async def test_each_class_of_relay(tmp_path: Path) -> None:
    """Exactly one arrives of each, whatever the relay can promise."""
    async with town(tmp_path, scheduler=False) as place:
        shops = {name: await shop(place, promise) for name, promise in PROMISES.items()}
        place.start("scheduler")
        await asyncio.gather(*(approve(own, TEMPLATE.to_mapping()) for own in shops.values()))
        await place.desk("PATCH", "/settings", json={"result_delay_s": RESULT_S})
        async with asyncio.TaskGroup() as group:
            for n, (name, own) in enumerate(shops.items()):
                group.create_task(lost_and_absent(own, name, n))

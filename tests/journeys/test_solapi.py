"""SOLAPI over real sockets: its own template ids, a lost answer, and not on KakaoTalk."""

import asyncio
import secrets
import time
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
from tests.journeys.town import CALLER_NUMBER, START_S, Town, town

pytestmark = pytest.mark.long  # a whole installation takes its time to start

TEMPLATE, SAMPLE = load(starters()["payment_received"])
CHANNEL = "KA01PF190626020502205cl0mYSoplA2"


async def shop(place: Town) -> Town:
    """A workspace whose only account is SOLAPI's."""
    own = replace(place, sender_key=CHANNEL)
    api_key, api_secret = secrets.token_hex(8), secrets.token_hex(16)
    given = {"api_key": api_key, "api_secret": api_secret, "caller": CALLER_NUMBER}
    async with open_runtime(place.settings()) as runtime:
        async with runtime.database.write() as tx:
            workspace = await workspaces.create(tx, "solapi")
            _, own.key = await keys.create(tx, runtime.sealer, workspace.id, "test", "test", SCOPES)
            new = NewAccount(name="solapi", adapter="solapi", mode="sandbox", credentials=given)
            account, _ = await accounts.add(tx, runtime, workspace.id, new)
            for kind, value in (("alimtalk", CHANNEL), ("sms", CALLER_NUMBER)):
                await senders.add(tx, account, NewSender(kind=kind, value=value, name="나루 상점"))
        url = accounts.callback_url(runtime, account)
    side: dict[str, Any] = {
        "api_secret": api_secret,
        "senders": [{"sender_key": CHANNEL, "name": "나루 상점"}],
        "caller_numbers": [CALLER_NUMBER],
        "webhook_url": url + "/results",
        "group_webhook_url": url + "/results",
    }
    await own.desk("PUT", f"/accounts/solapi/{api_key}", json=side)
    return own


async def approved(place: Town) -> str:
    """The template is registered, and approved at the desk; its id at SOLAPI."""
    await place.api("POST", "/v1/templates", json=TEMPLATE.to_mapping())
    code, end = "", time.monotonic() + START_S
    while time.monotonic() < end:
        shown = (await place.api("GET", f"/v1/templates/{TEMPLATE.code}")).json()
        (registration,) = shown["registrations"]
        if registration["inspection"] == "approved":
            return code
        if registration["inspection"] == "in_review":
            page = await place.desk("GET", "/templates")
            (row,) = page["items"] if isinstance(page, dict) else page
            code = str(row["code"])
            if "approve" in row["acts"]:
                await place.desk("POST", f"/templates/{CHANNEL}/{code}/approve", json={})
        await asyncio.sleep(0.1)
    raise AssertionError(f"not approved\n{place.log('scheduler')[-3000:]}")


@pytest.mark.timeout(600)
async def test_solapi_from_the_template_to_the_phone(tmp_path: Path) -> None:
    """Exactly one arrives of each, by the way it says."""
    async with town(tmp_path, scheduler=False) as place:
        own = await shop(place)
        place.start("scheduler")
        code = await approved(own)
        await own.desk("PATCH", "/settings", json={"result_delay_s": 5.0})
        plain_to, lost_to, absent_to = "01021000001", "01021000504", "01021003019"
        plain = await own.send(TEMPLATE.code, plain_to, variables=SAMPLE)
        lost = await own.send(TEMPLATE.code, lost_to, variables=SAMPLE)
        absent = await own.send(TEMPLATE.code, absent_to, variables=SAMPLE)
        await own.until(lost, "sent", "delivered", seconds=90)
        assert (await own.until(plain, "delivered", seconds=90))["fallback_used"] is False
        await own.until(lost, "delivered", seconds=90)
        assert (await own.until(absent, "delivered", seconds=90))["fallback_used"] is True
        assert [row["app"] for row in await own.received(plain_to)] == ["chat"]
        assert [row["app"] for row in await own.received(lost_to)] == ["chat"]
        assert [row["app"] for row in await own.received(absent_to)] == ["sms"]
        assert code.startswith("KA01TP")

"""A lost receipt and a doubled message over real sockets: found by the command, mended by it."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.ids import to_ref
from app.services.reconcile import SEOUL
from templates.files import load, starters
from tests.journeys.town import CALLER_NUMBER, ROOT, Town, approve, town

TEMPLATE, SAMPLE = load(starters()["appointment"])
SETTLE_S = 3.0
LOST, DOUBLED, ON_TIME = "01022220001", "01022220002", "01022220003"


async def naru(place: Town, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of ``naru reconcile`` of today."""
    day = datetime.now(SEOUL).date().isoformat()
    command = [sys.executable, "-m", "app.cli", "reconcile", "--account", "nhn", "--day", day]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--json", *words],
            cwd=ROOT,
            env={**os.environ, **place.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    ended = await asyncio.to_thread(run)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def kinds(told: dict[str, Any]) -> dict[str, str]:
    return {one["message_id"] or one["ref"]: one["kind"] for one in told["differences"]}


async def repeat_by_hand(place: Town, ref: str, number: str) -> None:
    """Somebody sends what has been sent once more, under its reference."""
    _, keys = place.nhn
    path = f"/nhn/sms/v3.0/appKeys/{keys['sms_app_key']}/sender/sms"
    body = {
        "body": "두 번째",
        "sendNo": CALLER_NUMBER,
        "recipientList": [{"recipientNo": number, "recipientGroupingKey": ref}],
    }
    answer = await place.http.post(
        place.sandbox_url + path, json=body, headers={"X-Secret-Key": keys["sms_secret_key"]}
    )
    assert answer.json()["header"]["resultCode"] == 0, answer.text


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_lost_receipt_and_a_doubled_message(tmp_path: Path) -> None:
    """On SQLite, where the command and three processes share one writer."""
    async with town(tmp_path, scheduler=False) as place:
        place.start("scheduler", NARU_RECEIPT_POLL_S="3600")  # only webhooks tell
        await approve(place, TEMPLATE.to_mapping())
        plan = [{"channel": "sms"}]

        async def send(to: str) -> str:
            return await place.send(TEMPLATE.code, to, variables=SAMPLE, plan=plan)

        on_time, doubled = await asyncio.gather(send(ON_TIME), send(DOUBLED))
        await asyncio.gather(*(place.until(id_, "delivered") for id_ in (on_time, doubled)))
        await place.desk("PATCH", "/settings", json={"webhooks": False})
        lost = await send(LOST)
        await place.until(lost, "sent")
        await asyncio.sleep(SETTLE_S + 0.5)
        assert len(await place.received(LOST)) == 1

        code, told = await naru(place)
        assert (code, kinds(told)) == (1, {lost: "state"})
        assert (told["ours"], told["theirs"], told["equal"]) == (3, 3, 2)
        assert (await place.message(lost))["status"] == "sent", "it only looked"

        code, told = await naru(place, "--apply")
        assert (code, kinds(told), told["mended"]) == (0, {lost: "state"}, 1)
        assert (await place.message(lost))["status"] == "delivered"
        (attempt,) = (await place.message(doubled))["attempts"]
        await repeat_by_hand(place, to_ref(UUID(attempt["id"])), DOUBLED)
        await asyncio.sleep(SETTLE_S + 0.5)
        code, told = await naru(place, "--apply")
        assert (code, kinds(told)) == (1, {doubled: "duplicate"})
        (one,) = told["differences"]
        assert attempt["provider_id"] in one["provider_ids"]
        assert len(one["provider_ids"]) == 2
        assert len(await place.received(DOUBLED)) == 2

"""Ending, blocking and judging over HTTP."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.api import consult_acts, consultations, problems
from app.db.models import Thread
from tests.app.api.test_consultations import BASE, client_of
from tests.app.services.talks import Talk, reply, talking

AGENT = {"agent": "김나루"}


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear("언제 오나요")
        yield made


@pytest.fixture
async def client(talk: Talk) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    for module in (consultations, consult_acts):
        app.include_router(module.router)
    problems.install(app)
    app.state.runtime = talk.runtime
    async with await client_of(talk, app) as made:
        yield made


async def test_an_answer_with_a_file_and_buttons(talk: Talk, client: httpx.AsyncClient) -> None:
    thread = await talk.only(Thread)
    body = AGENT | {
        "text": "골라 주세요",
        "epoch": 1,
        "client_key": "k1",
        "attachment_ids": [str(await talk.keep())],
        "buttons": [{"name": "교환 신청", "url_mobile": "https://shop.example/x"}],
    }
    posted = await client.post(f"{BASE}/{thread.id}/messages", json=body)
    assert posted.status_code == 202, posted.text
    told = posted.json()
    assert (told["message"]["kind"], told["more"][0]["kind"]) == ("link", "file")
    again = await client.post(f"{BASE}/{thread.id}/messages", json=body)
    assert (again.status_code, again.json()["replayed"]) == (200, True)
    bad = await client.post(
        f"{BASE}/{thread.id}/messages",
        json=body | {"client_key": "k2", "buttons": [{"name": "x", "url_mobile": "no"}]},
    )
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_button")
    assert bad.json()["field"] == "buttons[0].url_mobile"


async def test_ending_blocking_and_unblocking(talk: Talk, client: httpx.AsyncClient) -> None:
    at = f"{BASE}/{(await talk.only(Thread)).id}"
    ended = await client.post(f"{at}/session/end", json=AGENT | {"to_bot_event": "delivery"})
    assert (ended.status_code, ended.json()["line"]["status"]) == (202, "queued")
    blocked = await client.post(f"{at}/block", json=AGENT)
    assert blocked.json()["blocked_at"]
    assert (await client.post(f"{at}/block", json=AGENT)).json()["line"] is None
    assert (await client.get(at)).json()["blocked_at"] == blocked.json()["blocked_at"]
    assert (await client.post(f"{at}/unblock", json=AGENT)).json()["blocked_at"] is None


async def test_judging_an_unknown_line(talk: Talk, client: httpx.AsyncClient) -> None:
    at = f"{BASE}/{(await talk.only(Thread)).id}/messages"
    posted = await talk.post()
    talk.answers.append(reply("oops", 500))
    await talk.send()
    line = f"{at}/{posted.message.id}"
    refused = await client.post(f"{line}/retry", json=AGENT | {"epoch": 2})
    assert (refused.status_code, refused.json()["field"]) == (422, "may_arrive_twice")
    again = await client.post(f"{line}/retry", json=AGENT | {"epoch": 2, "may_arrive_twice": True})
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    talk.answers.append(reply("oops", 500))
    await talk.send()
    settled = await client.post(f"{line}/dismiss", json={"arrived": True})
    assert (settled.status_code, settled.json()["status"]) == (200, "sent")
    assert (await client.post(f"{line}/dismiss")).status_code == 409

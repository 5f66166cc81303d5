"""Cases over HTTP: the walk of a shift, and what is refused with which word."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api import (
    consult_cases,
    consult_channels,
    consult_staffing,
    consult_stats,
    consultations,
    problems,
)
from app.db.models.fields import now as clock
from app.services import keys
from app.services.callers import SCOPES
from app.services.clock import korean_day
from tests.app.services.desks import Desk, desk

BASE = "/v1/consultations"
# as in app.main: what has a name before what has an id
MODULES = (consult_cases, consult_channels, consult_staffing, consult_stats, consultations)


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        await made.talk.hear("언제 오나요")
        yield made


@pytest.fixture
async def http(here: Desk) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    for module in MODULES:
        app.include_router(module.router)
    problems.install(app)
    app.state.runtime = runtime = here.talk.runtime
    async with runtime.database.write() as tx:
        _, key = await keys.create(tx, runtime.sealer, here.talk.workspace.id, "test", "k", SCOPES)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://naru",
        headers={"Authorization": f"Bearer {key}"},
    ) as client:
        yield client


async def test_a_shift(here: Desk, http: httpx.AsyncClient) -> None:
    """Somebody comes and is given what waits."""
    me = await here.person(state=None)
    team = (
        await http.post(f"{BASE}/teams", json={"name": "환불", "staff_ids": [str(me.id)]})
    ).json()
    assert (team["name"], team["staff_ids"], team["simulated"]) == ("환불", [str(me.id)], True)
    queued = {"mine": 0, "waiting": 1, "unread": 1, "bot": 0, "snoozed": 0, "teams": {}}
    assert (await http.get(f"{BASE}/counts")).json() == queued | {"simulated": True}

    presence = f"{BASE}/agents/{me.id}/presence"
    come = (await http.put(presence, json={"state": "active", "capacity": 3})).json()
    assert (come["state"], come["capacity"], come["holding"]) == ("active", 3, 0)
    await here.route()
    (agent,) = (await http.get(f"{BASE}/agents")).json()["items"]
    assert (agent["shown"], agent["load"], agent["team_ids"]) == ("active", 1, [team["id"]])
    mine = {"queue": "mine", "staff_id": str(me.id)}
    (room,) = (await http.get(BASE, params=mine)).json()["items"]
    assert (room["case"]["state"], room["case"]["owner_id"]) == ("assigned", str(me.id))
    assert room["case"]["due_first_at"] is not None


async def test_a_case_s_way(here: Desk, http: httpx.AsyncClient) -> None:
    """Put off, given on, given back by who leaves, resolved and opened again."""
    me = await here.person()
    team = (await http.post(f"{BASE}/teams", json={"name": "환불"})).json()
    presence = f"{BASE}/agents/{me.id}/presence"
    await here.route()
    case = f"{BASE}/cases/{(await here.case()).id}"
    until = (clock() + timedelta(hours=1)).isoformat()
    slept = (await http.post(f"{case}/snooze", json={"until": until, "epoch": 2})).json()
    assert (slept["state"], slept["epoch"]) == ("snoozed", 2)
    given = {"agent": "김나루", "team_id": team["id"], "note": "부탁해요", "epoch": 2}
    passed = (await http.post(f"{case}/transfer", json=given)).json()
    assert (passed["state"], passed["team_id"], passed["epoch"]) == ("queued", team["id"], 3)
    assert (await http.get(f"{BASE}/counts")).json()["teams"] == {team["id"]: 1}
    of_team = {"team": team["id"], "queue": "waiting"}
    assert len((await http.get(BASE, params=of_team)).json()["items"]) == 1
    urgent = await http.put(f"{case}/priority", json={"priority": "urgent"})
    assert urgent.json()["priority"] == "urgent"
    mine_again = await http.post(f"{case}/assign", json={"staff_id": str(me.id), "epoch": 3})
    assert (mine_again.json()["owner"], mine_again.json()["epoch"]) == ("김나루", 4)

    left = (await http.put(presence, json={"state": "away", "give_back": True})).json()
    assert (left["given_back"], left["holding"]) == (1, 0)
    assert (await http.post(f"{case}/resolve")).json()["state"] == "resolved"
    again = (await http.post(f"{case}/reopen", json={"epoch": 5})).json()
    assert (again["state"], again["reopens"], again["epoch"]) == ("queued", 1, 6)
    today = korean_day(clock())
    stats = (await http.get(f"{BASE}/stats", params={"since": today, "until": today})).json()
    assert (stats["total"]["opened"], stats["total"]["reopened"]) == (1, 1)
    assert stats["days"][0] == stats["total"] | {"day": today}


async def test_of_two_agents_with_one_epoch_one_is_told_what_happened(
    here: Desk, http: httpx.AsyncClient
) -> None:
    people = [await here.person("김나루"), await here.person("이나루")]
    case = f"{BASE}/cases/{(await here.case()).id}"
    answers = [
        await http.post(f"{case}/assign", json={"staff_id": str(one.id), "epoch": 1})
        for one in people
    ]
    assert [one.status_code for one in answers] == [200, 409]
    lost = answers[1].json()
    assert (lost["code"], lost["field"]) == ("stale_epoch", "epoch")
    assert lost["data"] == {"epoch": 2, "owner": "김나루", "state": "assigned"}


async def test_what_is_refused_names_its_field(here: Desk, http: httpx.AsyncClient) -> None:
    me = await here.person()
    case, nobody = f"/cases/{(await here.case()).id}", "01a20733-8e47-7305-b40f-3fde26dc1001"
    channel = f"/channels/{here.talk.sender.id}"
    wrong: list[tuple[str, str, Any, int, str, str | None]] = [
        ("GET", "?queue=mine", None, 422, "agent_needed", "agent"),
        ("GET", "?queue=theirs", None, 422, "invalid_request", "queue"),
        ("POST", f"{case}/assign", {"staff_id": nobody}, 404, "agent_not_found", "staff_id"),
        ("POST", f"{case}/snooze", {"until": "2099-01-01"}, 422, "invalid_request", "until"),
        ("POST", f"{case}/snooze", {"until": "2099-01-01T00:00:00Z"}, 409, "not_owned", None),
        ("PUT", f"{case}/priority", {"priority": "x"}, 422, "invalid_request", "priority"),
        ("PUT", f"/agents/{me.id}/presence", {"capacity": 0}, 422, "bad_capacity", "capacity"),
        ("PUT", f"/agents/{nobody}/presence", {}, 404, "agent_not_found", "staff_id"),
        ("POST", "/teams", {"name": " "}, 422, "bad_team_name", "name"),
        ("GET", f"/teams/{nobody}", None, 404, "team_not_found", None),
        ("DELETE", f"/teams/{nobody}", None, 404, "team_not_found", None),
        ("PUT", channel, {"weekly": {"mon": [["9", "18"]]}}, 422, "bad_hours", "weekly.mon[0]"),
        ("PUT", channel, {"away": "#{언제}"}, 422, "unknown_variable", "away"),
        ("PUT", channel, {"hours": {}}, 422, "unknown_field", "hours"),
        ("GET", "/stats?since=2026-11-02&until=2026-11-01", None, 422, "bad_range", "until"),
        ("GET", "/stats?since=2025-01-01&until=2026-11-01", None, 422, "range_too_long", "until"),
    ]
    for method, path, body, status, code, field in wrong:
        answer = await http.request(method, BASE + path, json=body)
        found = answer.json()
        assert (answer.status_code, found["code"], found.get("field")) == (status, code, field), (
            path
        )


async def test_a_channel_is_set_and_read(here: Desk, http: httpx.AsyncClient) -> None:
    settings = {"weekly": {"mon": [["09:00", "12:30"], ["13:30", "18:00"]]}, "reopen_h": 48}
    address = f"{BASE}/channels/{here.talk.sender.id}"
    made = (await http.put(address, json=settings)).json()
    assert (made["settings"]["reopen_h"], made["settings"]["first_reply_s"]) == (48.0, 300)
    assert made["settings"]["weekly"] == settings["weekly"]
    read = (await http.get(address)).json()
    assert read["settings"] == made["settings"]
    (listed,) = (await http.get(f"{BASE}/channels")).json()["items"]
    assert listed["sender_id"] == str(here.talk.sender.id)
    team = (await http.post(f"{BASE}/teams", json={"name": "환불"})).json()
    renamed = await http.put(f"{BASE}/teams/{team['id']}", json={"name": "교환"})
    assert renamed.json()["name"] == "교환"
    assert (await http.get(f"{BASE}/teams/{team['id']}")).json()["name"] == "교환"
    assert (await http.get(f"{BASE}/teams")).json()["items"][0]["name"] == "교환"
    assert (await http.delete(f"{BASE}/teams/{team['id']}")).json() == {"simulated": True}

"""Consultations over HTTP: the walk of an agent, and what a stranger sees."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.api import problems
from app.api.consultations import router
from app.db.models import Case, Thread, Workspace
from app.ids import new_id
from app.services import keys
from tests.app.services.talks import Talk, talking

BASE = "/v1/consultations"
SCOPES = ("consultations:read", "consultations:write")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        await made.hear("언제 오나요")
        yield made


@pytest.fixture
async def app(talk: Talk) -> FastAPI:
    made = FastAPI()
    made.include_router(router)
    problems.install(made)
    made.state.runtime = talk.runtime
    return made


async def client_of(
    talk: Talk, app: FastAPI, workspace_id: UUID | None = None, scopes: tuple[str, ...] = SCOPES
) -> httpx.AsyncClient:
    """A client with a test key of a workspace."""
    async with talk.runtime.database.write() as tx:
        home = workspace_id or talk.workspace.id
        _, key = await keys.create(tx, talk.runtime.sealer, home, "test", "k", scopes)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://naru",
        headers={"Authorization": f"Bearer {key}"},
    )


@pytest.fixture
async def http(talk: Talk, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with await client_of(talk, app) as client:
        yield client


def line(**more: Any) -> dict[str, Any]:
    return {"text": "내일 도착해요", "agent": "김나루", "epoch": 1, "client_key": "k-1"} | more


async def test_an_agent_reads_answers_and_resolves(talk: Talk, http: httpx.AsyncClient) -> None:
    page = (await http.get(BASE, params={"state": "queued", "unread": True})).json()
    assert (page["simulated"], page["next"], len(page["items"])) == (True, None, 1)
    room = page["items"][0]
    assert (await http.get(f"{BASE}/{room['id']}")).json() == room | {"simulated": True}
    assert room["chat_session"]["expires_at"].endswith(("Z", "+00:00"))

    posted = await http.post(f"{BASE}/{room['id']}/messages", json=line())
    assert posted.status_code == 202, posted.text
    assert (posted.json()["epoch"], posted.json()["replayed"]) == (2, False)
    again = await http.post(f"{BASE}/{room['id']}/messages", json=line())
    assert again.status_code == 200
    assert again.json()["message"]["id"] == posted.json()["message"]["id"]

    await talk.send()
    lines = (await http.get(f"{BASE}/{room['id']}/messages", params={"after": 1})).json()
    assert [(one["text"], one["status"]) for one in lines["items"]] == [("내일 도착해요", "sent")]
    case = f"{BASE}/cases/{room['case']['id']}"
    taken = (await http.post(f"{case}/take", json={"agent": "이나루", "epoch": 2})).json()
    assert (taken["owner"], taken["epoch"], taken["state"]) == ("이나루", 3, "assigned")
    assert (await http.post(f"{case}/resolve")).json()["state"] == "resolved"
    assert (await http.post(f"{case}/resolve", json={})).json()["state"] == "resolved"


async def test_pages_follow_their_cursor(talk: Talk, http: httpx.AsyncClient) -> None:
    await talk.hear(user_key="another-customer")
    first = (await http.get(BASE, params={"limit": 1})).json()
    second = (await http.get(BASE, params={"limit": 1, "cursor": first["next"]})).json()
    assert second["next"] is None
    assert first["items"][0]["id"] != second["items"][0]["id"]


async def test_a_conflict_says_what_was_missed(talk: Talk, http: httpx.AsyncClient) -> None:
    thread = await talk.only(Thread)
    await http.post(f"{BASE}/{thread.id}/messages", json=line())
    mine = line(agent="이나루", client_key="k-2", seen_seq=1)
    refused = await http.post(f"{BASE}/{thread.id}/messages", json=mine)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == problems.MEDIA
    body = refused.json()
    assert body["code"] == "stale_epoch"
    assert body["data"] == {"epoch": 2, "owner": "김나루", "state": "waiting", "newer": [2]}


async def test_a_closed_chat_is_a_conflict(talk: Talk, http: httpx.AsyncClient) -> None:
    await talk.expire()
    await talk.apply()
    thread = await talk.only(Thread)
    refused = await http.post(f"{BASE}/{thread.id}/messages", json=line())
    assert (refused.status_code, refused.json()["code"]) == (409, "no_chat_session")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "가" * 1_001}, "text"),
        ({"text": None}, "text"),
        ({"agent": ""}, "agent"),
        ({"agent": "x" * 201}, "agent"),
        ({"epoch": 0}, "epoch"),
        ({"epoch": 2**63}, "epoch"),
        ({"epoch": "one"}, "epoch"),
        ({"client_key": ""}, "client_key"),
        ({"client_key": "a b"}, "client_key"),
        ({"client_key": "k\n"}, "client_key"),
        ({"seen_seq": -1}, "seen_seq"),
        ({"status": "sent"}, "status"),
        ({"workspace_id": "x"}, "workspace_id"),
    ],
)
async def test_wrong_fields_are_named(
    talk: Talk, http: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    thread = await talk.only(Thread)
    refused = await http.post(f"{BASE}/{thread.id}/messages", json=line(**change))
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert len(await talk.lines()) == 1


async def test_half_a_letter_is_refused(talk: Talk, http: httpx.AsyncClient) -> None:
    thread = await talk.only(Thread)
    raw = b'{"text":"\\ud800","agent":"a","epoch":1,"client_key":"k"}'
    headers = {"Content-Type": "application/json"}
    refused = await http.post(f"{BASE}/{thread.id}/messages", content=raw, headers=headers)
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"state": "open"},
        {"unread": "maybe"},
        {"owner": "x" * 201},
    ],
)
async def test_wrong_filters_are_refused(http: httpx.AsyncClient, query: dict[str, Any]) -> None:
    assert (await http.get(BASE, params=query)).status_code == 422


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é"])
async def test_foreign_cursors_are_refused(http: httpx.AsyncClient, cursor: str) -> None:
    refused = await http.get(BASE, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")


def routes(thread_id: object, case_id: object) -> list[tuple[str, str, Any]]:
    """Every route with an id in it."""
    return [
        ("GET", f"{BASE}/{thread_id}", None),
        ("GET", f"{BASE}/{thread_id}/messages", None),
        ("POST", f"{BASE}/{thread_id}/messages", line()),
        ("POST", f"{BASE}/cases/{case_id}/take", {"agent": "a"}),
        ("POST", f"{BASE}/cases/{case_id}/resolve", {}),
    ]


async def test_another_workspaces_rooms_look_absent(talk: Talk, app: FastAPI) -> None:
    stranger = Workspace(name="다른 가게")
    async with talk.runtime.database.write() as tx:
        tx.session.add(stranger)
    thread, case = await talk.only(Thread), await talk.only(Case)
    real, absent = routes(thread.id, case.id), routes(new_id(), new_id())
    async with await client_of(talk, app, stranger.id) as client:
        assert (await client.get(BASE)).json()["items"] == []
        for (method, theirs, body), (_, nowhere, _) in zip(real, absent, strict=True):
            one = await client.request(method, theirs, json=body)
            two = await client.request(method, nowhere, json=body)
            assert (one.status_code, one.json()) == (404, two.json()), theirs
    assert await talk.only(Case) == case


async def test_keys_need_their_scope(talk: Talk, app: FastAPI) -> None:
    thread, case = await talk.only(Thread), await talk.only(Case)
    async with await client_of(talk, app, scopes=("consultations:read",)) as reader:
        for method, path, body in routes(thread.id, case.id):
            got = await reader.request(method, path, json=body)
            assert got.status_code == (200 if method == "GET" else 403), path
    async with await client_of(talk, app, scopes=("messages:read",)) as other:
        assert (await other.get(BASE)).status_code == 403
        del other.headers["Authorization"]
        assert (await other.get(BASE)).status_code == 401


def test_the_description_names_every_route(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert {f"{m.upper()} {path}" for path, ways in paths.items() for m in ways} == {
        f"GET {BASE}",
        f"GET {BASE}/{{thread_id}}",
        f"GET {BASE}/{{thread_id}}/messages",
        f"POST {BASE}/{{thread_id}}/messages",
        f"POST {BASE}/cases/{{case_id}}/take",
        f"POST {BASE}/cases/{{case_id}}/resolve",
    }

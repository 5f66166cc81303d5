"""The console's live view: the same by stream and by asking, and who is in which thread."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from app.console.render import ROOT
from app.db.models import Login, ProviderAccount, Sender
from app.ids import new_id
from app.services import logins, threads
from app.services.feed import Feed
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.visitors import Visitor, logged_in, somebody
from tests.needs import node


async def thread_in(runtime: Runtime, shop: Shop, mode: str) -> UUID:
    """A thread of an account of a mode; its event is told."""
    async with runtime.database.write() as tx:
        accounts = select(ProviderAccount).where(col(ProviderAccount.adapter) == "consult")
        account = (await tx.session.exec(accounts)).one()
        if mode == "live":
            account = ProviderAccount(**account.model_dump() | {"id": new_id(), "mode": "live"})
            account.name = "live chat"
            tx.session.add(account)
            await tx.session.flush()
        sender = Sender(
            workspace_id=shop.workspace_id, account_id=account.id, kind="chat", value=f"k{mode}"
        )
        tx.session.add(sender)
        await tx.session.flush()
        thread = await threads.find_or_open(tx, runtime.sealer, sender, "someone", tx.now)
        about = {"chat_message_id": "m", "case_id": "c", "seq": 1}
        tx.emit(shop.workspace_id, "chat.message_received", thread.id, **about, text="비밀")
    return thread.id


@pytest.fixture
async def thread(runtime: Runtime, shop: Shop) -> UUID:
    return await thread_in(runtime, shop, "sandbox")


async def test_asking_tells_ids_alone(agent: Visitor, thread: UUID) -> None:
    begin = await agent.ask("GET", "/console/changes")
    assert begin["items"] == []
    told = await agent.ask("GET", f"/console/changes?after={begin['next'] - 1}")
    (one,) = told["items"]
    assert one.pop("at")
    assert one == {
        "seq": begin["next"],
        "kind": "chat.message_received",
        "thread": str(thread),
        "message": "m",
        "case": "c",
        "line": 1,
    }
    assert (told["next"], told["more"], told["gap"]) == (begin["next"], False, False)
    assert (await agent.ask("GET", "/console/changes?after=999999"))["gap"] is True


@pytest.fixture
async def streamed(app: FastAPI, agent: Visitor) -> asyncio.Task[bytes]:
    """The agent's stream, ended with the process."""

    async def read() -> bytes:
        return (await agent.client.get("/console/live")).content

    task = asyncio.create_task(read())
    feed: Feed = app.state.feed
    while not feed._streams.total():
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    return task


async def test_the_stream_tells_the_same_and_who_is_there(
    app: FastAPI,
    streamed: asyncio.Task[bytes],
    runtime: Runtime,
    shop: Shop,
    agent: Visitor,
    owner: Visitor,
) -> None:
    begin = (await owner.ask("GET", "/console/changes"))["next"]
    thread = await thread_in(runtime, shop, "sandbox")
    await owner.ask("POST", f"/console/threads/{thread}/viewing", 204, json={"what": "viewing"})
    await owner.ask("POST", f"/console/threads/{thread}/typing", 204, json={"what": "note"})
    page = await agent.ask("GET", f"/console/changes?after={begin}")
    await asyncio.sleep(0.3)
    app.state.feed.shut()
    blocks = (await streamed).decode().strip().split("\n\n")
    data: dict[str, list[Any]] = {}
    for block in blocks:
        kind = block.partition("event: ")[2].partition("\n")[0]
        data.setdefault(kind, []).append(orjson.loads(block.partition("data: ")[2]))
    assert data["change"] == page["items"]
    assert data["presence"][-1] == {"threads": page["presence"]}
    assert page["presence"] == {
        str(thread): [{"id": str(owner.staff_id), "name": "김나루", "what": "note"}]
    }


async def test_a_sandbox_visitor_sees_nothing_live(
    app: FastAPI, runtime: Runtime, shop: Shop, agent: Visitor
) -> None:
    live = await thread_in(runtime, shop, "live")
    person = await somebody(runtime, shop.workspace_id, "agent", name="최실제")
    other = await logged_in(app, runtime, person, "live")
    async with other.client:
        await other.ask("POST", f"/console/threads/{live}/typing", 204, json={"what": "reply"})
        seen = await other.ask("GET", "/console/changes?after=0")
    hidden = await agent.ask("GET", "/console/changes?after=0")
    assert str(live) in seen["presence"]
    assert str(live) in {one.get("thread") for one in seen["items"]}
    assert hidden["presence"] == {}
    assert str(live) not in {one.get("thread") for one in hidden["items"]}
    for what in ("typing", "viewing"):
        path = f"/console/threads/{live}/{what}"
        body = {"what": "reply" if what == "typing" else "viewing"}
        refused = await agent.ask("POST", path, 404, json=body)
        assert refused["code"] == "thread_not_found"


async def test_what_another_site_sends_is_refused(agent: Visitor, thread: UUID) -> None:
    path = f"/console/threads/{thread}/typing"
    for headers in ({"Origin": "https://evil.test"}, {"X-CSRF": "wrong"}):
        given = {"Accept": "application/json", **headers}
        answer = await agent.client.post(path, json={"what": "reply"}, headers=given)
        assert answer.status_code == 403


async def test_a_page_that_is_only_open_keeps_no_login_alive(
    runtime: Runtime, agent: Visitor, thread: UUID
) -> None:
    async def seen() -> Any:
        async with runtime.database.read() as session:
            rows = await session.exec(select(Login).where(col(Login.staff_id) == agent.staff_id))
            return rows.one().seen_at

    async with runtime.database.write() as tx:
        rows = await tx.session.exec(select(Login).where(col(Login.staff_id) == agent.staff_id))
        login = rows.one()
        login.seen_at -= 2 * logins.COALESCE
    before = await seen()
    await agent.client.get("/console/changes", headers={"Accept": "application/json"})
    assert await seen() == before
    await agent.ask("POST", f"/console/threads/{thread}/viewing", 204, json={})
    assert await seen() > before


def test_the_page_s_side_walks_through_a_bad_day() -> None:
    """Live, cut, asking, live again, silence, unreachable, another history, logged out."""
    walk = Path(__file__).parent / "live_walk.mjs"
    done = subprocess.run(
        [node(), walk, ROOT / "static" / "live.js"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = orjson.loads(done.stdout)
    assert found["told"] == [
        "live", ["who", ["t"]], [6, 7],
        ["who", []], "polling", [8], "live", [10],
        "lost",
        "gap", ["who", []], "polling",
        *[["who", []]] * (len(found["told"]) - 13),
        "out",
    ]  # fmt: skip
    assert (found["again"], found["quiet"], found["seq"]) == ("/console/live?after=9", 1, 3)
    assert (found["left"], found["state"]) == (0, "out")

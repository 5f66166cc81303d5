"""Rehearsed customers and real ones are never in one inbox."""

from tests.app.console.inbox.chats import Chats
from tests.app.console.visitors import Visitor

PATH = "/console/inbox"


async def test_who_looks_at_live_consultations_meets_no_rehearsed_customer(
    agent: Visitor, chats: Chats
) -> None:
    before = (await agent.ask("GET", "/console/changes"))["next"]
    await chats.hear("연습하는 손님이에요")
    thread = await chats.thread()
    found = await agent.ask("GET", f"/console/changes?after={before}")
    assert {one["thread"] for one in found["items"]} == {str(thread)}
    page = await agent.get(PATH)
    assert "연습하는 손님이에요" in page.text
    assert 'id="nav-inbox"' in page.text
    assert "찾은 대화가 없어요" not in (await agent.get(f"{PATH}?find=연습하는")).text

    await agent.post("/console/mode", mode="live")
    page = await agent.get(PATH)
    assert "연습하는 손님이에요" not in page.text
    assert 'id="nav-inbox"' not in page.text
    await agent.get(f"{PATH}/{thread}", 404)
    assert "찾은 대화가 없어요" in (await agent.get(f"{PATH}?find=연습하는")).text
    assert (await agent.ask("GET", f"/console/changes?after={before}"))["items"] == []
    await agent.ask("POST", f"/console/threads/{thread}/viewing", 404, json={})

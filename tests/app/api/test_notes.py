"""Notes and unread counts over HTTP."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.api.tools import BASE, Desk, opened


@pytest.fixture
async def desk(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with opened(tmp_path) as made:
        yield made


async def test_a_note_is_written_once(desk: Desk) -> None:
    note = {"text": "@이나루 봐 주세요", "agent": "김나루", "client_key": "n-1"}
    made = await desk.ask("POST", f"/{desk.thread}/notes", 201, json=note)
    assert (made["message"]["kind"], made["replayed"]) == ("note", False)
    again = await desk.ask("POST", f"/{desk.thread}/notes", 200, json=note)
    assert (again["message"]["id"], again["replayed"]) == (made["message"]["id"], True)
    lines = (await desk.ask("GET", f"/{desk.thread}/messages"))["items"]
    assert [line["kind"] for line in lines] == ["text", "note"]
    while await desk.talk.send():
        pass
    assert desk.talk.sent() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"text": ""}, "text"), ({"agent": ""}, "agent"), ({"client_key": "a b"}, "client_key")],
)
async def test_wrong_fields_are_named(desk: Desk, change: dict[str, str], field: str) -> None:
    body = {"text": "네", "agent": "김나루"} | change
    refused = await desk.client.post(f"{BASE}/{desk.thread}/notes", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_seen(desk: Desk) -> None:
    assert (await desk.ask("GET", f"/{desk.thread}"))["unread"] == 1
    for seq, left in ((0, 1), (1, 0), (1, 0)):
        told = await desk.ask("POST", f"/{desk.thread}/seen", json={"seq": seq})
        assert told["unread"] == left
    assert (await desk.ask("GET", f"/{desk.thread}"))["unread"] == 0
    await desk.ask("POST", f"/{desk.thread}/seen", 422, json={"seq": -1})

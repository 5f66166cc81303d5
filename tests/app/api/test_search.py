"""Searching over HTTP: pages, and a refusal that says what is missing."""

import shutil
from pathlib import Path

from tests.app.api.tools import opened


async def test_pages_of_lines_and_threads_by_name(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with opened(tmp_path) as desk:
        await desk.talk.hear("배송이 늦어요")
        first = await desk.ask("GET", "/search", params={"q": "배송", "limit": 1})
        assert [hit["line"]["text"] for hit in first["items"]] == ["배송이 늦어요"]
        assert first["items"][0]["thread_id"] == desk.thread
        more = {"q": "배송", "limit": 1, "cursor": first["next"]}
        second = await desk.ask("GET", "/search", params=more)
        assert [hit["line"]["text"] for hit in second["items"]] == ["배송 언제 오나요"]
        assert second["next"] is None
        by_case = await desk.ask("GET", "/search", params={"q": "#1"})
        assert [room["id"] for room in by_case["threads"]] == [desk.thread]
        bad = await desk.ask("GET", "/search", 422, params={"q": "?!"})
        assert (bad["code"], bad["field"]) == ("bad_query", "q")
        cursor = await desk.ask("GET", "/search", 400, params={"q": "배송", "cursor": "!"})
        assert cursor["code"] == "bad_cursor"

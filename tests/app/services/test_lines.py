"""Lines as they are shown: their state in words, and what no key opens any more."""

import shutil
from pathlib import Path

from app.services import acts, lines
from tests.app.services.talks import Talk, talking


async def views(talk: Talk) -> list[lines.LineView]:
    return [lines.view(talk.runtime, one) for one in await talk.lines()]


async def test_notes_say_what_is_meant(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as talk:
        await talk.hear()
        await talk.post()
        await talk.act(acts.end_session)
        assert [one.note for one in await views(talk)] == [
            "",
            "곧 보내요",
            "메신저에 요청하고 있어요",
        ]
        while await talk.send():
            pass
        assert {one.note for one in await views(talk)} == {""}
        await talk.change(type((await talk.lines())[0]), sealed=b"gone")
        assert {(one.text, one.content) for one in await views(talk)} == {(None, None)}

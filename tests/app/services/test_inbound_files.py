"""Which addresses of a customer's message are fetched, and under which name."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.db.models import Attachment
from app.services import attachments
from app.services.inbound_files import LONGEST, MOST, named
from tests.app.services.talks import Talk, talking

URL = "https://hub.example/a/%EC%82%AC%EC%A7%84.jpg?k=1"


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"content": {"url": URL}}, {URL: "사진.jpg"}),
        ({"content": {"url": URL, "name": "a.pdf"}}, {URL: "a.pdf"}),
        (
            {"content": {"url": URL}, "contents": [{"url": URL}, {"url": "b"}]},
            {URL: "사진.jpg", "b": "b"},
        ),
        ({"contents": [{"url": "c"}, {"url": "b"}]}, {"c": "c", "b": "b"}),
        ({"attachment": {"url": URL, "file_name": "x"}}, {URL: "x"}),
        ({"content": {"url": "https://[/a"}}, {"https://[/a": ""}),
        ({"content": {"url": "h" * (LONGEST + 1)}}, {}),
        ({"content": {"url": ["a"], "name": 3}, "contents": "abc", "attachment": [1]}, {}),
        ({"content": "말", "contents": [None, 1, "x", {}]}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_every_address_once_in_the_order_of_the_pictures(
    content: dict[str, Any], found: dict[str, str]
) -> None:
    assert list(named(content).items()) == list(found.items())


async def test_several_pictures_of_one_message_are_expected(talk: Talk) -> None:
    urls = [{"url": f"https://hub.example/{n}.jpg"} for n in range(3)]
    await talk.hear({"url": urls[0]["url"]}, type="photo", contents=urls)
    (line,) = await talk.lines()
    rows = await talk.all(Attachment)
    sealer = talk.runtime.sealer
    assert [attachments.facts_of(sealer, row)["source_url"] for row in rows] == [
        one["url"] for one in urls
    ]
    assert {(row.chat_message_id, row.state, row.direction) for row in rows} == {
        (line.id, "pending", "in")
    }
    assert all(row.due_at is not None and b"hub.example" not in row.sealed for row in rows)


async def test_a_long_text_is_expected_whole(talk: Talk) -> None:
    await talk.hear("아주 긴", attachment={"url": "https://hub.example/t"})
    assert (await talk.only(Attachment)).media_type == "text/plain"


async def test_a_message_cannot_name_files_without_end(talk: Talk) -> None:
    many = [{"url": f"https://hub.example/{n}"} for n in range(MOST + 20)]
    await talk.hear({}, type="photo", contents=many)
    assert len(await talk.all(Attachment)) == MOST


async def test_a_plain_text_expects_nothing(talk: Talk) -> None:
    await talk.hear("안녕하세요")
    assert not await talk.all(Attachment)

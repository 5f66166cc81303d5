"""Customers' files are fetched once, tried again, refused in words, and not lost to a kill."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

from app.db.models import Attachment, AttachmentData, ChatGram, ChatMessage, ProviderAccount, Thread
from app.services import attachments
from scheduler.attachments import AT_ONCE, LEASE, LONGEST_TEXT, MOST_TRIES, SHARE, Fetcher, purge
from tests.files import RUNS
from tests.photos import jpeg
from tests.scheduler.files import Desk, opened

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def desk(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async for one in opened(tmp_path):
        yield one


@pytest.fixture(params=["sqlite", "postgres"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres")
    async for one in opened(tmp_path, url):
        yield one


async def test_a_picture_is_here_at_once_and_sealed(either: Desk) -> None:
    data = jpeg(size=200_000)
    await either.photo("/a", data)
    await either.run()
    row = await either.row()
    assert (row.state, row.media_type, row.size, row.due_at, row.error) == (
        "stored", "image/jpeg", 200_000, None, "",
    )  # fmt: skip
    async with either.talk.runtime.database.read() as session:
        assert await attachments.read(session, either.talk.runtime.sealer, row) == data
    (event,) = await either.talk.events("chat.attachment_state")
    assert event[0] == row.thread_id
    assert event[1] | {"note": ""} == {
        "attachment_id": str(row.id), "chat_message_id": str(row.chat_message_id),
        "state": "stored", "error": "", "note": "",
    }  # fmt: skip
    await either.run()
    assert either.asked() == 1


async def test_many_workers_fetch_each_file_once(either: Desk) -> None:
    for n in range(6):
        await either.photo(f"/{n}", jpeg())
    others = [Fetcher(either.talk.runtime, either.guard, either.clock) for _ in range(3)]
    await asyncio.gather(*(either.run(one) for one in others))
    assert {row.state for row in await either.talk.all(Attachment)} == {"stored"}
    assert either.asked() == len(await either.talk.all(AttachmentData)) == 6


async def test_what_fails_is_tried_again_until_it_comes(desk: Desk) -> None:
    await desk.photo("/a", b"", 503)
    await desk.run()
    row = await desk.row()
    assert (row.state, row.error, row.tries) == ("pending", "unreachable", 1)
    assert row.due_at == desk.clock.now + timedelta(seconds=5)
    await desk.run()
    assert desk.asked() == 1  # not before its time
    desk.store.files["/a"] = (200, jpeg())
    desk.clock.pass_(seconds=6)
    await desk.run()
    assert ((await desk.row()).state, (await desk.row()).error) == ("stored", "")
    assert await desk.told() == ["stored"]


@pytest.mark.parametrize(
    ("data", "status", "error", "tries"),
    [
        (b"", 500, "unreachable", MOST_TRIES),
        (b"", 404, "gone", 3),
        (RUNS["svg"], 200, "runs", 1),
        (RUNS["windows"], 200, "runs", 1),
        (b"", 200, "empty", 1),
        (b"\x01" * 100_001, 200, "too_large", 1),
    ],
)
async def test_a_file_that_never_comes_says_why(
    desk: Desk, data: bytes, status: int, error: str, tries: int
) -> None:
    desk.fetcher.most = 100_000
    await desk.photo("/a", data, status)
    for _ in range(MOST_TRIES + 2):
        await desk.run()
        desk.clock.pass_(days=1)
    row = await desk.row()
    assert (row.state, row.error, row.due_at, desk.asked()) == ("failed", error, None, tries)
    ((_, told),) = await desk.talk.events("chat.attachment_state")
    assert (told["state"], told["note"]) == ("failed", attachments.NOTES[error])
    assert not await desk.talk.all(AttachmentData)


@pytest.mark.parametrize(
    ("url", "mode", "final"),
    [
        ("http://169.254.169.254/latest", "sandbox", True),
        ("file:///etc/passwd", "sandbox", True),
        ("https://10.0.0.1/a", "live", False),  # perhaps its name leads elsewhere later
        ("", "live", True),  # in place of the hub's own address, at a live account
    ],
)
async def test_no_address_of_a_customer_reaches_the_inner_network(
    desk: Desk, url: str, mode: str, final: bool
) -> None:
    await desk.talk.hear({"url": url or desk.url("/a")}, type="photo")
    await desk.talk.change(ProviderAccount, mode=mode)
    await desk.run()
    row = await desk.row()
    assert (row.state, row.error) == ("failed" if final else "pending", "bad_url")
    assert desk.asked() == 0


async def test_the_whole_text_replaces_the_cut_one_and_is_found(desk: Desk) -> None:
    whole = "아주 긴 글이에요. " * 100 + "환불해 주세요"
    desk.store.files["/t"] = (200, whole.encode())
    await desk.talk.hear("아주 긴", attachment={"url": desk.url("/t")})
    (line,) = await desk.talk.lines()
    few = len(await desk.talk.all(ChatGram))
    await desk.run()
    (line,) = await desk.talk.lines()
    assert desk.talk.text(line) == whole
    assert desk.talk.opened(line)["content"]["attachment"] == {"url": desk.url("/t")}
    assert len(await desk.talk.all(ChatGram)) > few
    assert not await desk.talk.all(AttachmentData)
    assert await desk.told() == ["stored"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("한글".encode("cp949"), "한글"),
        (b"\xef\xbb\xbfbom\x00", "bom"),
        (b"\xff\xfe\xff", None),
        (b"a" * (LONGEST_TEXT + 1), None),
        (b"<html>", "<html>"),
    ],
)
async def test_a_text_nobody_can_read_stays_a_file(
    desk: Desk, data: bytes, text: str | None
) -> None:
    desk.store.files["/t"] = (200, data)
    await desk.talk.hear("앞", attachment={"url": desk.url("/t")})
    await desk.run()
    (line,) = await desk.talk.lines()
    assert desk.talk.text(line) == (text or "앞")
    assert len(await desk.talk.all(AttachmentData)) == (text is None)
    if text is None:
        assert (await desk.row()).media_type == "application/octet-stream"


async def test_one_workspace_does_not_take_every_place(desk: Desk) -> None:
    for n in range(SHARE + 3):
        await desk.photo(f"/{n}", jpeg())
    desk.store.hold.clear()
    while await desk.fetcher.turn():
        pass
    assert len(desk.fetcher.running) == SHARE < AT_ONCE
    desk.store.hold.set()
    await desk.run()
    assert desk.store.most_open <= SHARE
    assert {row.state for row in await desk.talk.all(Attachment)} == {"stored"}


async def test_a_late_answer_writes_nothing(desk: Desk) -> None:
    """Frozen beyond its lease: another fetched it meanwhile."""
    await desk.photo("/a", jpeg())
    desk.store.hold.clear()
    await desk.fetcher.turn()
    await desk.store.asked.wait()
    desk.clock.pass_(seconds=LEASE.total_seconds() + 1)
    other = Fetcher(desk.talk.runtime, desk.guard, desk.clock)
    await other.turn()
    desk.store.hold.set()
    await asyncio.gather(desk.run(), desk.run(other))
    assert await desk.told() == ["stored"]
    assert len(await desk.talk.all(AttachmentData)) == 1


DYING = """
import asyncio, sys
from pathlib import Path
from app.config import Settings
from app.guard import Guard
from app.services.runtime import open_runtime
from scheduler.attachments import Fetcher

async def main() -> None:
    settings = Settings(data=Path(sys.argv[1]), sandbox_url=sys.argv[2])
    async with open_runtime(settings) as runtime, Guard(settings) as guard:
        fetcher = Fetcher(runtime, guard)
        await fetcher.turn()
        await asyncio.wait(list(fetcher.running))

asyncio.run(main())
"""


async def test_a_killed_process_loses_no_file_and_stores_none_twice(desk: Desk) -> None:
    await desk.photo("/a", jpeg())
    args = [sys.executable, "-c", DYING, str(desk.talk.runtime.settings.data), desk.url("")]
    env = os.environ | {"NARU_CRASH_AT": "C12", "PYTHONPATH": str(ROOT)}
    done = await asyncio.to_thread(subprocess.run, args, cwd=ROOT, env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert ((await desk.row()).state, desk.asked()) == ("pending", 1)
    await desk.run()
    assert desk.asked() == 1  # its lease is still there
    desk.clock.pass_(seconds=LEASE.total_seconds() + 1)
    await desk.run()
    assert ((await desk.row()).state, desk.asked()) == ("stored", 2)
    assert len(await desk.talk.all(AttachmentData)) == 1


async def test_a_file_that_kills_every_process_is_given_up(desk: Desk) -> None:
    await desk.photo("/a", jpeg())
    await desk.talk.change(Attachment, tries=MOST_TRIES)
    await desk.run()
    assert ((await desk.row()).state, desk.asked()) == ("failed", 0)


async def test_uploads_that_nobody_sent_are_purged(desk: Desk) -> None:
    await desk.talk.hear()
    runtime = desk.talk.runtime
    async with runtime.database.write() as tx:
        thread = await desk.talk.only(Thread)
        made = [
            await attachments.add(tx, runtime.sealer, thread, "out", "a", jpeg()) for _ in range(3)
        ]
        line = await desk.talk.only(ChatMessage)
        await attachments.attach(tx, thread, made[0].id, line)
    assert await purge(runtime) == 0
    past = tx.now - timedelta(seconds=1)
    await desk.talk.change(
        Attachment, col(Attachment.id).in_([m.id for m in made[:2]]), due_at=past
    )
    await desk.talk.change(Attachment, col(Attachment.id) == made[0].id, due_at=None)
    assert await purge(runtime) == 1
    states: dict[Any, str] = {row.id: row.state for row in await desk.talk.all(Attachment)}
    assert [states[one.id] for one in made] == ["stored", "purged", "stored"]
    assert len(await desk.talk.all(AttachmentData)) == 2
    assert await purge(runtime) == 0

"""Files of a conversation: sealed, given to one line, read only where they belong."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import col

from app.config import Secrets
from app.db.models import Attachment, AttachmentData, ChatMessage, Thread
from app.errors import GatewayError, NotFound, Refused
from app.ids import new_id
from app.sealing import Sealer, Unsealable
from app.services import attachments, threads
from app.services.callers import SCOPES, Caller
from app.services.threads import Line
from tests.app.services.talks import Talk, talking
from tests.files import HEIC, PDF, RUNS
from tests.photos import jpeg

URL = "https://hub.example/photo?secret=1"


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def upload(
    talk: Talk, data: bytes = PDF, name: str = "견적.pdf", way: str = "out"
) -> Attachment:
    thread = await talk.only(Thread)
    async with talk.runtime.database.write() as tx:
        return await attachments.add(tx, talk.runtime.sealer, thread, way, name, data)


async def attach(talk: Talk, attachment: Attachment, line: ChatMessage) -> Attachment:
    async with talk.runtime.database.write() as tx:
        thread = await threads.lock(tx, line.workspace_id, line.thread_id)
        return await attachments.attach(tx, thread, attachment.id, line)


async def read(talk: Talk, attachment: Attachment) -> bytes:
    async with talk.runtime.database.read() as session:
        return await attachments.read(session, talk.runtime.sealer, attachment)


async def test_a_file_is_sealed_and_comes_back_whole(talk: Talk) -> None:
    data = jpeg(size=300_000)
    made = await upload(talk, data, "사진.png")
    row = await talk.only(AttachmentData)
    assert data[:100] not in row.sealed
    assert len(row.sealed) < len(data) + 100  # as bytes, in no longer alphabet
    assert await read(talk, made) == data
    assert (made.state, made.media_type, made.size) == ("stored", "image/jpeg", len(data))
    assert made.digest == sha256(data).digest()
    assert "사진".encode() not in made.sealed


async def test_a_blob_moved_to_another_row_does_not_open(talk: Talk) -> None:
    one, two = await upload(talk), await upload(talk, jpeg(), "a.jpg")
    rows = {row.attachment_id: row.sealed for row in await all_data(talk)}
    await talk.change(
        AttachmentData, col(AttachmentData.attachment_id) == two.id, sealed=rows[one.id]
    )
    with pytest.raises(Unsealable):
        await read(talk, two)


async def all_data(talk: Talk) -> list[AttachmentData]:
    return await talk.all(AttachmentData)


@pytest.mark.parametrize("way", ["in", "out"])
async def test_what_runs_is_kept_neither_way(talk: Talk, way: str) -> None:
    with pytest.raises(GatewayError) as error:
        await upload(talk, RUNS["html"], "a.txt", way)
    assert error.value.code == "attachment_runs"
    assert not await talk.all(Attachment)


async def test_what_comes_in_may_be_more_than_what_may_go_out(talk: Talk) -> None:
    large = jpeg(size=5_000_001)
    with pytest.raises(GatewayError):
        await upload(talk, large, "a.jpg")
    assert (await upload(talk, large, "a.jpg", "in")).media_type == "image/jpeg"
    damaged = await upload(talk, jpeg()[:-2], "a.jpg", "in")
    assert attachments.view(talk.runtime.sealer, damaged).name == "a.jpg"
    assert damaged.media_type == "application/octet-stream"


async def test_a_file_is_given_to_one_line_once(talk: Talk) -> None:
    made = await upload(talk)
    assert made.due_at == made.created_at + timedelta(hours=24)
    (first,) = await talk.lines()
    assert (await attach(talk, made, first)).due_at is None
    assert (await attach(talk, made, first)).chat_message_id == first.id
    await talk.hear("또")
    with pytest.raises(Refused) as error:
        await attach(talk, made, (await talk.lines())[1])
    assert error.value.code == "attachment_used"


async def test_a_file_of_another_thread_is_not_there(talk: Talk) -> None:
    made, incoming = await upload(talk), await upload(talk, way="in")
    await talk.hear(user_key="another-customer")
    theirs = next(line for line in await talk.lines() if line.thread_id != made.thread_id)
    with pytest.raises(NotFound):
        await attach(talk, made, theirs)
    (mine,) = [line for line in await talk.lines() if line.thread_id == made.thread_id]
    with pytest.raises(NotFound):  # what a customer sent is not sent back by its id
        await attach(talk, incoming, mine)


async def test_who_may_find_a_file(talk: Talk) -> None:
    made = await upload(talk)
    home = talk.workspace.id
    foreign = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    async with talk.runtime.database.read() as session:
        assert (await attachments.find(session, talk.caller(), made.id)).id == made.id
        with pytest.raises(NotFound):
            await attachments.find(session, foreign, made.id)
    async with talk.runtime.database.write() as tx:
        account = await tx.session.get_one(type(talk.account), talk.account.id)
        account.mode = "live"
    async with talk.runtime.database.read() as session:
        live = Caller(home, new_id(), "live", frozenset(SCOPES))
        assert (await attachments.find(session, live, made.id)).id == made.id
        with pytest.raises(NotFound):
            await attachments.find(session, talk.caller("test"), made.id)


async def test_lines_show_their_files(talk: Talk) -> None:
    made = await upload(talk, HEIC, "a.exe" + "\u202e", "in")
    (line,) = await talk.lines()
    thread = await talk.only(Thread)
    async with talk.runtime.database.write() as tx:
        sealer = talk.runtime.sealer
        row = await tx.session.get_one(Attachment, made.id)
        row.chat_message_id = line.id
        second = threads.add_line(tx, sealer, thread, Line("customer", "image", ""))
        attachments.expect(tx, sealer, thread, second, URL, "photo")
        attachments.expect_text(tx, sealer, thread, second, URL)
        assert tx.wake
    async with talk.runtime.database.read() as session:
        ids = [line.id, second.id, new_id()]
        found = await attachments.of_lines(session, sealer, talk.workspace.id, ids)
        assert await attachments.of_lines(session, sealer, new_id(), ids) == {}
    assert set(found) == {line.id, second.id}
    (first,) = found[line.id]
    assert (first.name, first.kind, first.state, first.note) == ("a.exe.bin", "file", "stored", "")
    assert [one.note for one in found[second.id]] == ["파일을 받는 중이에요"] * 2
    await talk.change(Attachment, col(Attachment.media_type) == "text/plain", state="stored")
    async with talk.runtime.database.read() as session:
        found = await attachments.of_lines(session, sealer, talk.workspace.id, [second.id])
    assert len(found[second.id]) == 1  # a long text that came whole is the line's own


async def test_without_its_key_a_file_stays_visible_and_unread(talk: Talk) -> None:
    made = await upload(talk)
    other = Sealer(Secrets({1: b"x" * 32}, b"i" * 32))
    shown = attachments.view(other, made)
    assert (shown.name, shown.state) == (None, "stored")
    async with talk.runtime.database.read() as session:
        with pytest.raises(Unsealable):
            await attachments.read(session, other, made)


async def test_what_is_not_here_cannot_be_read(talk: Talk) -> None:
    made = await upload(talk)
    made.state = "purged"
    with pytest.raises(NotFound):
        await read(talk, made)
    assert "secret" not in repr(attachments.view(talk.runtime.sealer, made))

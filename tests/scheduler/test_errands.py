"""Files reach the hub before their line, which is written once, through kills and lost answers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import (
    Attachment,
    ChatMessage,
)
from app.services import attachments
from channels.bubble import Button
from scheduler.errands import MOST_DOUBTS
from tests.app.services.talks import CUSTOMER, SENDER_KEY, Talk, reply, talking
from tests.files import M4A, MP4, PDF
from tests.photos import jpeg
from tests.scheduler.dying import die, due_now

UPLOAD, UPLOAD_FILE = "/v1/image/upload", "/kakaoWebhook/v3/bzc/file/upload"
WRITE, END = "/v1/chat/write", "/v1/chat/end"
PICTURE_URL, FILE_URL = "http://hub.example/i/1.jpg", "http://hub.example/f/1"
KEPT = reply(f'{{"code":"0000","image":"{PICTURE_URL}"}}')
KEPT_FILE = reply(f'{{"code":"0000","file":"{FILE_URL}","name":"f","size":1}}')
KEYS = {"user_key": CUSTOMER, "sender_key": SENDER_KEY}


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


async def drain(talk: Talk) -> None:
    """Turns until nothing is left, time passing between them."""
    for _ in range(20):
        if not await talk.send():
            return
        await due_now(talk)
    raise AssertionError("it never ends")


async def ours(talk: Talk) -> list[ChatMessage]:
    """Lines that left or are to leave."""
    return [line for line in await talk.lines() if line.status != "stored"]


async def test_a_picture_is_given_to_the_hub_and_then_written(talk: Talk) -> None:
    picture = await talk.keep(jpeg(), "사진.jpg")
    posted = await talk.post("여기요", attachments=(picture,))
    assert [line.kind for line in posted.more] == ["image"]
    talk.answers += [reply('{"code":0}'), KEPT]
    await drain(talk)
    assert talk.asked() == [WRITE, UPLOAD, WRITE]
    assert talk.sent()[1] == KEYS | {
        "serial_number": talk.sent()[1]["serial_number"],
        "message_type": "IM",
        "image_url": PICTURE_URL,
    }
    assert [line.status for line in await ours(talk)] == ["sent", "sent"]
    kept = await talk.only(Attachment)
    assert attachments.facts_of(talk.runtime.sealer, kept)["hub_url"] == PICTURE_URL
    assert PICTURE_URL.encode() not in kept.sealed


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [(PDF, "약관.pdf", "file"), (MP4, "v.mp4", "video"), (M4A, "a.m4a", "audio")],
)
async def test_a_file_goes_with_its_name_and_size(
    talk: Talk, data: bytes, name: str, kind: str
) -> None:
    posted = await talk.post("", attachments=(await talk.keep(data, name),))
    assert posted.message.kind == kind
    talk.answers.append(KEPT_FILE)
    await drain(talk)
    assert talk.asked() == [UPLOAD_FILE, WRITE]
    (sent,) = talk.sent()
    assert (sent["message_type"], sent["file_url"]) == ("FI", FILE_URL)
    assert (sent["file_name"], sent["file_size"]) == (name, len(data))


async def test_buttons_go_under_their_text(talk: Talk) -> None:
    link = Button("WL", "교환 신청", url_mobile="https://shop.example/x")
    posted = await talk.post("골라 주세요", buttons=(link,))
    assert posted.message.kind == "link"
    await drain(talk)
    (sent,) = talk.sent()
    assert (sent["message_type"], sent["message"]) == ("LI", "골라 주세요")
    assert sent["links"] == [
        {"name": "교환 신청", "type": "WL", "url_mobile": "https://shop.example/x"}
    ]


@pytest.mark.parametrize("lost", [reply("oops", 500), reply("[]"), reply("", 429)])
async def test_a_lost_answer_to_an_upload_is_asked_again(talk: Talk, lost: bytes) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    await talk.post("또", epoch=2)
    talk.answers += [lost, KEPT]
    await drain(talk)
    assert talk.asked() == [UPLOAD, UPLOAD, WRITE, WRITE]  # nobody overtook
    assert [line.status for line in await ours(talk)] == ["sent", "sent"]


async def test_an_upload_that_never_succeeds_ends_with_its_reason(talk: Talk) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    talk.answers += [reply("oops", 500)] * MOST_DOUBTS
    await drain(talk)
    assert talk.asked() == [UPLOAD] * MOST_DOUBTS
    assert [(one.status, one.reason) for one in await ours(talk)] == [("failed", "unreadable")]


async def test_a_refused_file_is_final(talk: Talk) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    talk.answers.append(reply('{"code":"-505","message":"InvalidImageSizeException"}'))
    await drain(talk)
    (line,) = await ours(talk)
    assert (line.status, line.reason, line.code) == ("failed", "content_refused", "-505")


async def test_a_lost_answer_to_the_write_is_not_asked_again(talk: Talk) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    talk.answers += [KEPT, reply("oops", 500)]
    await drain(talk)
    assert talk.asked() == [UPLOAD, WRITE]
    assert [line.status for line in await ours(talk)] == ["unknown"]


async def test_a_file_that_was_purged_does_not_leave(talk: Talk) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    await talk.change(Attachment, state="purged")
    await drain(talk)
    assert talk.asked() == []
    assert [(one.status, one.reason) for one in await ours(talk)] == [("failed", "attachment_gone")]


@pytest.mark.parametrize(
    ("point", "before", "after"),
    [
        ("C09", [], [UPLOAD, WRITE]),  # claimed, nothing left
        ("C10", [UPLOAD], [UPLOAD, UPLOAD, WRITE]),  # the hub has it, we forgot
        ("C11", [UPLOAD], [UPLOAD, WRITE]),  # remembered
        ("C06", [UPLOAD, WRITE], [UPLOAD, WRITE]),  # written: nobody writes it again
    ],
)
async def test_a_killed_process_loses_nothing_and_writes_once(
    talk: Talk, point: str, before: list[str], after: list[str]
) -> None:
    await talk.post("", attachments=(await talk.keep(jpeg(), "a.jpg"),))
    talk.answers += [KEPT, KEPT] if point == "C10" else [KEPT]
    await die(talk, point)
    assert talk.asked() == before
    await due_now(talk)
    await drain(talk)
    assert talk.asked() == after
    (line,) = await ours(talk)
    assert line.status == ("unknown" if point == "C06" else "sent")

"""What a customer sends beside words and photos: videos, files, recordings, emoticons, long texts.

The hub's page of `/message` gives no full schema. Types `video` and `file` with `content.url` are
what a public receiver reads; `audio` and `emoticon`, and the beginning of a long text with the
whole at `attachment.url`, are our choice after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sandbox.arrivals import write_line
from sandbox.hub_files import CUSTOMER, LARGEST, keep_file
from sandbox.inbox import Message, get_message
from sandbox.outbound import new_serial, open_session, send_body
from sandbox.store import Store
from sandbox.talks import CannotDo, need_writing

FILES = ("video", "file", "audio")
EMOTICON, LONG = "emoticon", "long"
TYPES = (*FILES, EMOTICON, LONG)
SHOWN = 1_000  # characters of a long text that come with it
LONGEST = 20_000
LONGEST_NAME = 30  # of an emoticon
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Sending:
    """What was handed in: type, words, and a file's name, type and bytes."""

    type: str
    text: str = ""
    name: str = ""
    media_type: str = ""
    data: bytes = b""


async def read(request: Request) -> tuple[str, Sending]:
    """The channel, and what is sent, of a form. Raises CannotDo: not_a_form, too_many (422)."""
    if not request.headers.get("content-type", "").lower().startswith(FORMS):
        raise CannotDo("not_a_form", "multipart/form-data로 보내 주세요", 415)
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            texts = {key: one for key, one in form.multi_items() if isinstance(one, str)}
            file = form.get("file")
            sending = Sending(texts.get("type", ""), texts.get("text", ""))
            if isinstance(file, UploadFile):
                data = await file.read(LARGEST + 1)
                named = (file.filename or "", file.content_type or "")
                sending = Sending(sending.type, sending.text, *named, data)
            return texts.get("sender_key", ""), sending
    except (HTTPException, ClientDisconnect):
        raise CannotDo("too_many", "한 번에 파일 하나만 보냅니다", 422, "file") from None


def send(store: Store, number: str, sender_key: str, sending: Sending, base: str) -> Message:
    """The customer sends it to a channel, as one line and one `/message`.

    base: the address of this sandbox, which the shop is told. Raises CannotDo: invalid (field
    type), empty, too_long (field text), too_large (field file), and as `talks.need_writing`.
    """
    _check(sending)
    need_writing(store, number, sender_key)
    with store.tx():
        session = open_session(store, number, sender_key)
        body, payload, text = _parts(store, sending, base.rstrip("/"))
        serial = new_serial()
        line = write_line(
            store,
            (number, sender_key, "say"),
            text,
            mine=True,
            payload={**payload, "sent": body},
            source=("", "", serial),
        )
        send_body(store, session, body, serial, line)
    message = get_message(store, line)
    assert message is not None  # it was written just now
    return message


def _check(sending: Sending) -> None:
    if sending.type not in TYPES:
        raise CannotDo("invalid", f"type: {', '.join(TYPES)}", 422, "type")
    if sending.type in FILES:
        if not sending.data:
            raise CannotDo("empty", "고른 파일이 없습니다", 422, "file")
        if len(sending.data) > LARGEST:
            raise CannotDo("too_large", f"파일은 {LARGEST // 1_000_000}MB까지입니다", 422, "file")
        return
    most = LONGEST if sending.type == LONG else LONGEST_NAME
    if not sending.text.strip():
        raise CannotDo("empty", "쓴 글이 없습니다", 422, "text")
    if len(sending.text) > most:
        raise CannotDo("too_long", f"{most:,}자까지 쓸 수 있습니다", 422, "text")


def _parts(
    store: Store, sending: Sending, base: str
) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """The body of `/message`, what the phone shows beside the words, and the words."""
    if sending.type == EMOTICON:
        said = f"({sending.text})"
        return {"type": EMOTICON, "content": said}, {}, said
    if sending.type == LONG:
        whole = sending.text.encode()
        kept = keep_file(store, CUSTOMER, "long.txt", "text/plain; charset=utf-8", whole)
        told = {"content": sending.text[:SHOWN], "attachment": {"url": base + kept.path}}
        return {"type": "text", **told}, {}, sending.text
    kept = keep_file(store, CUSTOMER, sending.name, sending.media_type, sending.data)
    url = base + kept.path
    shown = {"file_url": url, "file_name": kept.name, "file_size": kept.size}
    content = {"url": url, "name": kept.name, "size": kept.size}
    return {"type": sending.type, "content": content}, shown, ""

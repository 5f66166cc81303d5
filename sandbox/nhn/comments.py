"""Alimtalk v2.3: questions to the reviewers of a template, with files too; channel-add types.

After NHN Cloud's guide of 2026-06. Of files the name is kept, not the bytes: nobody opens them.
"""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sandbox import moves, reviews
from sandbox.nhn.fields import need_text
from sandbox.nhn.templates import need_template, sender_of
from sandbox.nhn.wire import answer, biz, read_json
from sandbox.reviews import Template
from sandbox.store import Store

LONGEST_COMMENT = 500
MOST_FILES, LARGEST, LARGEST_ALL = 10, 50 * 1024 * 1024, 100 * 1024 * 1024
ENDINGS = ("png", "jpg", "jpeg", "gif", "pdf", "hwp", "doc", "docx")
MOST_BUTTONS = 5
ADD_CHANNEL = {"type": "AC", "name": "채널 추가"}
WITH_CHANNEL = {"BA": "AD", "EX": "MI"}

router = APIRouter(
    prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}/senders/{sender_key}/templates/{code}"
)


@router.post("/comments")
async def comment(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    """A question to the reviewers; on a rejected text it asks for its review again."""
    store, _ = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    body = await read_json(request, biz(-9996), biz(-3002))
    _say(store, template, need_text(body, "comment", LONGEST_COMMENT))
    return answer({})


@router.post("/comments_file")
async def comment_with_files(
    request: Request, app_key: str, sender_key: str, code: str
) -> Response:
    """The same as a form with up to ten `attachments`."""
    store, _ = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    text, files = await _form(request)
    _say(store, template, need_text({"comment": text}, "comment", LONGEST_COMMENT), files)
    return answer({})


@router.put("/convert-add-channel")
async def convert(request: Request, app_key: str, sender_key: str, code: str) -> Response:
    """An approved text gets the channel-add button: BA becomes AD, EX becomes MI.

    Raises -4028, -4027 and -4000 for one that has it.
    """
    store, _ = sender_of(request, app_key, sender_key)
    template = need_template(store, sender_key, code)
    body = template.body
    if not template.can_send or template.edit:
        raise biz(-4028)
    kind = WITH_CHANNEL.get(body.get("templateMessageType") or "BA")
    if kind is None:
        raise biz(-4000)
    buttons = body.get("buttons") or []
    if len(buttons) >= MOST_BUTTONS:
        raise biz(-4027)
    added = [{"ordering": 1, **ADD_CHANNEL}]
    later = [{**one, "ordering": one["ordering"] + 1} for one in buttons]
    moves.convert(
        store, template, {**body, "templateMessageType": kind, "buttons": [*added, *later]}
    )
    return answer({})


def _say(
    store: Store, template: Template, text: str, files: tuple[dict[str, str], ...] = ()
) -> None:
    """Raises -3100."""
    if template.newest.status not in (reviews.IN_REVIEW, reviews.REJECTED):
        raise biz(-3100)
    moves.act(store, template, "comment", text, files)


async def _form(request: Request) -> tuple[Any, tuple[dict[str, str], ...]]:
    """The comment and what is kept of its files. Raises -9996, -9993, -2005, -4009, -4007."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise biz(-9996)
    try:
        async with request.form(max_files=4 * MOST_FILES, max_fields=5) as form:
            given = [one for one in form.getlist("attachments") if isinstance(one, UploadFile)]
            _check(given)
            return form.get("comment"), tuple(map(_kept, given))
    except (HTTPException, ClientDisconnect):
        raise biz(-9993) from None


def _check(files: list[UploadFile]) -> None:
    if len(files) > MOST_FILES:
        raise biz(-2005, "attachments", MOST_FILES)
    if any((one.filename or "").rsplit(".", 1)[-1].lower() not in ENDINGS for one in files):
        raise biz(-4009)
    sizes = [one.size or 0 for one in files]
    if any(size > LARGEST for size in sizes):
        raise biz(-4007, "50MB")
    if sum(sizes) > LARGEST_ALL:
        raise biz(-4007, "100MB")


def _kept(file: UploadFile) -> dict[str, str]:
    name = file.filename or ""
    return {"originalFileName": name, "filePath": f"comments/{secrets.token_hex(8)}/{name}"}

"""What staff write: answers and notes, files, second tries of lines; and the record of a room."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.inbox.column import agent_of
from app.console.inbox.replying import Given, Writer, bad_form, done, read_id
from app.services import (
    access,
    attachment_limits,
    attachments,
    consultations,
    lines,
    notes,
    threads,
    unsettled,
)
from app.services.attachment_headers import SAFE, headers_of
from app.services.clock import KST
from app.services.consultations import Writing
from app.services.lines import LineView, Window
from app.services.logins import Visit
from app.services.notes import Note
from app.services.unsettled import Again

router = APIRouter(prefix="/console/inbox", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("consultations:read"))]
MOST_LINES = 5_000  # of a record
PAGE = 500
KEY = 64  # characters of a client_key


@router.post("/{thread_id}/say")
async def say(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """An answer to the customer, or a note among staff: ``kind`` reply or note.

    The form's ``client_key`` makes a second click the first one's echo.
    """
    text = form.get("text").replace("\r\n", "\n")
    key = form.get("client_key")
    if not 0 < len(key) <= KEY or not key.isalnum():
        raise bad_form("client_key")
    if form.get("kind") == "note":
        note = Note(text, agent_of(who), key)
        async with runtime.database.write() as tx:
            line, _ = await notes.add(tx, runtime, who.caller, thread_id, note)
        return done(request, form, f"/console/inbox/{thread_id}", seq=line.seq)
    if form.get("kind") != "reply" or form.epoch is None:
        raise bad_form("kind")
    seen = form.get("seen")
    files = [read_id(one, "files") for one in form.get("files").split(",") if one]
    writing = Writing(
        text=text,
        agent=agent_of(who),
        epoch=form.epoch,
        client_key=key,
        seen_seq=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
        attachments=tuple(files),
    )
    async with runtime.database.write() as tx:
        posted = await consultations.post_message(tx, runtime, who.caller, thread_id, writing)
    told = {"seq": posted.message.seq, "epoch": posted.epoch}
    return done(request, form, f"/console/inbox/{thread_id}", **told)


@router.post("/{thread_id}/files")
async def upload(
    request: Request,
    runtime: RuntimeDep,
    who: Writer,
    thread_id: UUID,
    name: Annotated[str, Query(max_length=200)],
) -> Response:
    """Keep a file for the next answer; the body is the file. Raises as ``insist`` does."""
    most = runtime.settings.max_attachment
    data = await _body(request, most)
    attachment_limits.insist(data, name, most)
    async with runtime.database.write() as tx:
        thread = await threads.lock_for(tx, who.caller, thread_id)
        kept = await attachments.add(tx, runtime.sealer, thread, "out", name, data)
        shown = attachments.view(runtime.sealer, kept)
    return JSONResponse(
        {"id": str(shown.id), "name": shown.name, "kind": shown.kind, "size": shown.size}
    )


async def _body(request: Request, most: int) -> bytes:
    """The body, at most so many bytes of it. Raises TooLarge ``attachment_too_large``."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise attachment_limits.too_large("file", most)
    return bytes(found)


@router.get("/files/{attachment_id}")
async def show_file(runtime: RuntimeDep, who: Reader, attachment_id: UUID) -> Response:
    """A file of a conversation: pictures are shown, everything else is saved."""
    async with runtime.database.read() as session:
        found = await attachments.find(session, who.caller, attachment_id)
        data = await attachments.read(session, runtime.sealer, found)
    shown = attachments.view(runtime.sealer, found)
    return Response(data, headers=headers_of(shown), media_type=found.media_type)


@router.post("/{thread_id}/lines/{line_id}/retry")
async def retry(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID, line_id: UUID
) -> Response:
    """Send a line again; ``twice``: the customer may then have it twice, and that was said."""
    again = Again(agent_of(who), form.epoch or 0, form.get("twice") == "1")
    async with runtime.database.write() as tx:
        await unsettled.retry(tx, runtime, who.caller, (thread_id, line_id), again)
    return done(request, form, f"/console/inbox/{thread_id}")


@router.post("/{thread_id}/lines/{line_id}/dismiss")
async def dismiss(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID, line_id: UUID
) -> Response:
    """Say what became of a line nobody knows of."""
    arrived = form.get("arrived") == "1"
    async with runtime.database.write() as tx:
        await unsettled.dismiss(tx, runtime, who.caller, (thread_id, line_id), arrived)
    return done(request, form, f"/console/inbox/{thread_id}")


@router.get("/{thread_id}/record")
async def show_record(runtime: RuntimeDep, who: Reader, thread_id: UUID) -> Response:
    """What was said, as a text file, without staff's notes; the access record says who took it."""
    found: list[LineView] = []
    before: int | None = None
    async with runtime.database.read() as session:
        while len(found) < MOST_LINES:
            window = Window(before=before, limit=PAGE)
            page = await lines.messages(session, runtime, who.caller, thread_id, window)
            found = [*page, *found]
            if len(page) < PAGE:
                break
            before = page[0].seq
    async with runtime.database.write() as tx:
        await access.note(tx, who, "consultation.saved", thread_id)
    text = "".join(f"{_row(line)}\n" for line in found if line.kind != "note")
    named = f'attachment; filename="consultation-{thread_id}.txt"'
    headers = {**SAFE, "Content-Disposition": named}
    return Response(text, headers=headers, media_type="text/plain")


def _row(line: LineView) -> str:
    at: datetime = line.created_at.astimezone(KST)
    who = line.author or line.author_kind
    files = ", ".join(one.name or one.kind for one in line.attachments)
    said = line.text if line.text is not None else "?"
    return f"{at:%Y-%m-%d %H:%M:%S}\t{who}\t{line.kind}\t{' '.join((said + ' ' + files).split())}"

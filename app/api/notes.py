"""Notes among staff, and what they have seen, over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.consultations import LARGEST, Line, Writer
from app.api.deps import Answer, Body, RuntimeDep
from app.api.problems import responses
from app.services import cases, notes, seen

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])


class NewNote(Body):
    """What an agent writes down for the others."""

    text: str = Field(description="1–4,000 characters; `@name` is kept as text")
    agent: str = Field(max_length=200, description="who writes", examples=["김나루"])
    client_key: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="the same key and text again adds nothing",
    )


class NoteAnswer(Answer):
    """A note in its place in the thread."""

    message: Line
    replayed: bool = Field(description="true when this client_key was accepted before")


class Seen(Body):
    """How far somebody has read."""

    seq: int = Field(ge=0, le=LARGEST, description="the newest line on the screen")


class SeenAnswer(Answer):
    """What is left."""

    unread: int = Field(description="lines of the customer nobody has seen")


@router.post(
    "/{thread_id}/notes",
    summary="Write a note",
    status_code=201,
    responses={
        200: {"model": NoteAnswer, "description": "Accepted before under this client_key"},
        **responses(401, 403, 404, 409, 422),
    },
)
async def add_note(
    runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: NewNote, response: Response
) -> NoteAnswer:
    """A line of kind `note`: staff see it, the customer never does. Anybody may, at any time."""
    note = notes.Note(body.text, cases.Agent(body.agent), body.client_key)
    async with runtime.database.write() as tx:
        line, is_new = await notes.add(tx, runtime, caller, thread_id, note)
    if not is_new:
        response.status_code = 200
    message = Line.model_validate(line)
    return NoteAnswer(message=message, replayed=not is_new, simulated=caller.simulated)


@router.post("/{thread_id}/seen", summary="Mark as seen", responses=responses(401, 403, 404, 422))
async def mark_seen(runtime: RuntimeDep, caller: Writer, thread_id: UUID, body: Seen) -> SeenAnswer:
    """Lines up to `seq` were seen. Say it as often as you like: only a change is written."""
    unread = await seen.mark(runtime, caller, thread_id, body.seq)
    return SeenAnswer(unread=unread, simulated=caller.simulated)

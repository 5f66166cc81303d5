"""GET /stream: which phones changed, whether the desk did; server-sent events with resume."""

import asyncio
from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from sandbox.changes import Changes
from sandbox.store import Store

BEAT_S = 15.0
GATHER_S = 0.1  # a flood becomes ten events a second

router = APIRouter(include_in_schema=False)


@router.get("/stream")
async def stream(request: Request) -> StreamingResponse:
    """Event data {"phones": [numbers], "all": bool, "desk": bool}.

    `all`: too many phones to name, draw again. `desk`: something else of the desk changed.

    `Last-Event-ID` (or `?after=`) resumes; an id of another run gives one event with `all`.
    """
    store: Store = request.app.state.store
    asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
    last = int(asked) if asked.isdecimal() else store.changes.seq
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        events(store.changes, last), media_type="text/event-stream", headers=headers
    )


async def events(changes: Changes, last: int) -> AsyncIterator[bytes]:
    """Server-sent events after `last`; ends when the process does."""
    yield f"retry: 1000\nid: {last}\n\n".encode()
    while not changes.closed:
        change = changes.since(last)
        if change is None:
            if not await changes.wait(BEAT_S):
                yield b": still here\n\n"
            continue
        told = {"phones": list(change.phones), "all": change.everything, "desk": change.desk}
        data = orjson.dumps(told)
        yield b"id: %d\ndata: %s\n\n" % (change.seq, data)
        last = change.seq
        await asyncio.sleep(GATHER_S)

"""Searching consultations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.consultations import Line, Part, Reader, Room
from app.api.deps import MOST, Answer, RuntimeDep, from_cursor, to_cursor
from app.api.problems import responses
from app.services import rooms, search

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])


class Hit(Part):
    """A line that holds what was looked for."""

    thread_id: UUID
    customer: str = Field(description="a masked name to show")
    line: Line


class Results(Answer):
    """What was found."""

    threads: list[Room] = Field(
        description="by the customer's number or its last four digits, a case's number, a "
        "notice's reference; on the first page only"
    )
    items: list[Hit] = Field(description="lines that hold the words, the newest first")
    next: str | None = Field(description="cursor of the next page; a short page may have one")


@router.get("/search", summary="Search", responses=responses(400, 401, 403, 422))
async def search_consultations(
    runtime: RuntimeDep,
    caller: Reader,
    q: Annotated[str, Query(max_length=400, examples=["환불 배송"])],
    limit: Annotated[int, Query(ge=1, le=MOST)] = search.PAGE,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of a page")] = None,
) -> Results:
    """Words in any order, each a part of a word or a whole one; in quotes as they stand.

    Words have two letters or more; one of a single letter is found where it stands alone. What
    customers, agents and bots said and notes are searched, however old.
    """
    before = None if cursor is None else from_cursor(cursor)
    async with runtime.database.read() as session:
        found = await search.search(session, runtime, caller, q, before, limit)
        there = [await rooms.room(session, runtime, caller, one) for one in found.threads]
    return Results(
        threads=[Room.model_validate(one) for one in there],
        items=[Hit.model_validate(hit) for hit in found.hits],
        next=found.next and to_cursor(found.next),
        simulated=caller.simulated,
    )

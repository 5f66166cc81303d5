"""What staff do with the work of a room: take it, give it on, put it off, end it, label it."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.console.deps import RuntimeDep
from app.console.forms import PageRoute
from app.console.inbox.column import agent_of
from app.console.inbox.replying import Given, Writer, bad_form, done, read_id
from app.db.models.fields import now as clock
from app.services import acts, cases, labels, presence, seen, snoozes, transfers
from app.services.clock import KST
from app.services.transfers import Transfer

router = APIRouter(prefix="/console/inbox", include_in_schema=False, route_class=PageRoute)
NINE = 9  # o'clock, when a day of work begins
MONDAY = 0


def _room(thread_id: UUID) -> str:
    return f"/console/inbox/{thread_id}"


@router.post("/presence")
async def change_presence(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given
) -> Response:
    """Take consultations now, or leave; how many at once."""
    capacity = form.get("capacity")
    if capacity and not (capacity.isascii() and capacity.isdigit() and len(capacity) < 6):
        raise bad_form("capacity")
    asked = presence.Change(form.get("state") or None, int(capacity) if capacity else None)
    async with runtime.database.write() as tx:
        await presence.change(tx, who.caller, who.staff_id, asked)
        if asked.state == "away":
            await transfers.give_back(tx, who.workspace_id, who.staff_id)
    return done(request, form, "/console/inbox")


@router.post("/{thread_id}/take")
async def take(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Answer from now on, whoever did before; also opens a case that was ended."""
    async with runtime.database.write() as tx:
        case = await cases.take(tx, who.caller, form.case, agent_of(who), form.epoch)
    return done(request, form, _room(thread_id), epoch=case.epoch)


@router.post("/{thread_id}/resolve")
async def resolve(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """The work is done; the chat stays open."""
    async with runtime.database.write() as tx:
        case = await cases.resolve(tx, who.caller, form.case, form.epoch)
    return done(request, form, _room(thread_id), epoch=case.epoch)


@router.post("/{thread_id}/reopen")
async def reopen(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """There is something left to do: back into the queue."""
    async with runtime.database.write() as tx:
        case = await cases.reopen(tx, who.caller, form.case, form.epoch)
    return done(request, form, _room(thread_id), epoch=case.epoch)


@router.post("/{thread_id}/transfer")
async def transfer(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Give the work to a person, a team, or everybody's queue, with a note if one is written."""
    kind, _, id_ = form.get("to").partition(":")
    if kind not in ("staff", "team", "queue"):
        raise bad_form("to")
    asked = Transfer(
        agent_of(who),
        read_id(id_, "to") if kind == "staff" else None,
        read_id(id_, "to") if kind == "team" else None,
        form.get("note").strip(),
        form.epoch,
    )
    async with runtime.database.write() as tx:
        await transfers.transfer(tx, runtime, who.caller, form.case, asked)
    return done(request, form, _room(thread_id))


@router.post("/{thread_id}/snooze")
async def snooze(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Put the work off: an hour, tomorrow or Monday at nine, or a date."""
    until = until_of(form.get("until"), form.get("at"), clock())
    async with runtime.database.write() as tx:
        await snoozes.snooze(tx, who.caller, form.case, until, form.epoch)
    return done(request, form, _room(thread_id), until=until.isoformat())


def until_of(choice: str, at: str, now: datetime) -> datetime:
    """The moment a choice names, in Korean time. Raises Invalid ``bad_form``."""
    here = now.astimezone(KST)
    nine = here.replace(hour=NINE, minute=0, second=0, microsecond=0)
    if choice == "hour":
        return now + timedelta(hours=1)
    if choice == "tomorrow":
        return nine + timedelta(days=1)
    if choice == "monday":
        return nine + timedelta(days=(MONDAY - here.weekday()) % 7 or 7)
    try:
        picked = datetime.fromisoformat(at)
    except ValueError:
        raise bad_form("at") from None
    return picked.replace(tzinfo=KST) if picked.tzinfo is None else picked


@router.post("/{thread_id}/end")
async def end_chat(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Ask the messenger to close the chat."""
    async with runtime.database.write() as tx:
        await acts.end_session(tx, runtime, who.caller, thread_id, agent_of(who))
    return done(request, form, _room(thread_id))


@router.post("/{thread_id}/block")
async def block(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """What the customer writes is nobody's work any more."""
    async with runtime.database.write() as tx:
        await acts.block(tx, runtime, who.caller, thread_id, agent_of(who))
    return done(request, form, _room(thread_id))


@router.post("/{thread_id}/unblock")
async def unblock(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """It is work again."""
    async with runtime.database.write() as tx:
        await acts.unblock(tx, runtime, who.caller, thread_id, agent_of(who))
    return done(request, form, _room(thread_id))


@router.post("/{thread_id}/labels")
async def label(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Put a label on the case or take it off; ``name`` makes a new one first."""
    name = form.get("name").strip()
    async with runtime.database.write() as tx:
        if name:
            known = {
                one.name: one for one in await labels.list_labels(tx.session, who.workspace_id)
            }
            made = known.get(name) or await labels.create(tx, who.workspace_id, name)
            await labels.put(tx, who.caller, form.case, made.id, on=True)
        else:
            label_id = read_id(form.get("label"), "label")
            await labels.put(tx, who.caller, form.case, label_id, on=form.get("on") == "1")
    return done(request, form, _room(thread_id))


@router.post("/{thread_id}/seen")
async def saw(
    request: Request, runtime: RuntimeDep, who: Writer, form: Given, thread_id: UUID
) -> Response:
    """Lines up to ``seq`` were looked at."""
    seq = form.get("seq")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 10):
        raise bad_form("seq")
    unread = await seen.mark(runtime, who.caller, thread_id, int(seq))
    return done(request, form, _room(thread_id), unread=unread)

"""One message: what was sent, all that happened to it, and what can still be done."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.console import statuses, story
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import say
from app.db.models import Message
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.ids import new_token
from app.services import (
    access,
    authors,
    counters,
    eta,
    exchanges,
    hooks,
    hours,
    notices,
    numbers,
    replies,
    resend,
    timeline,
)
from app.services.accept import Acceptor
from app.services.cancel import MAY, cancel
from app.services.clock import korean_time
from app.services.delivery import read_plan
from app.services.exchanges import Exchange, Tried
from app.services.idempotency import Asked
from app.services.logins import Visit
from app.services.notices import Notice
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT, AttemptStatus, MessageStatus

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("messages:read"))]
Writer = Annotated[Visit, Depends(visit("messages:write"))]
PARTS = {"timeline": "message_live.html"}
PATH = "/console/messages/{message_id}"


@dataclass(frozen=True, slots=True)
class Extra:
    """What one answer shows beside the page: a refusal, the whole number, an exchange."""

    error: GatewayError | None = None
    number: str = ""
    exchange: Exchange | None = None


NOTHING = Extra()


@router.get("/messages/{message_id}")
async def show_message(
    message_id: UUID, request: Request, runtime: RuntimeDep, who: Reader
) -> Response:
    """The page; ``?part=timeline`` is the part that changes while the message is on its way."""
    return await _page(request, runtime, who, message_id)


@router.post("/messages/{message_id}/number")
async def reveal_number(
    message_id: UUID, request: Request, runtime: RuntimeDep, who: Reader
) -> Response:
    """The whole number, for this one look; the access record keeps who looked."""
    async with runtime.database.write() as tx:
        message = await timeline.find(tx.session, who.caller, message_id)
        number = notices.number_of(runtime.sealer, message)
        await access.note(tx, who, "number.revealed", message_id)
    return await _page(request, runtime, who, message_id, Extra(number=number))


@router.post("/messages/{message_id}/exchange")
async def reveal_exchange(
    message_id: UUID, request: Request, runtime: RuntimeDep, who: Writer
) -> Response:
    """What a provider answered, credentials and numbers masked; it is recorded who looked."""
    form = await read_form(request)
    async with runtime.database.write() as tx:
        message = await timeline.find(tx.session, who.caller, message_id)
        call_id = notices.read_id(form.get("call", ""))
        exchange = await exchanges.read(tx.session, runtime, message, call_id)
        await access.note(tx, who, "exchange.read", message_id)
    return await _page(request, runtime, who, message_id, Extra(exchange=exchange))


@router.post("/messages/{message_id}/cancel")
async def cancel_message(
    message_id: UUID, request: Request, runtime: RuntimeDep, who: Writer
) -> Response:
    """Only while nothing of it has left; else the page says that it was too late."""
    try:
        async with runtime.database.write() as tx:
            await cancel(tx, who.caller, message_id)
            await access.note(tx, who, "message.cancelled", message_id)
    except GatewayError as error:
        return await _refused(request, runtime, who, message_id, error)
    return see(PATH.format(message_id=message_id))


@router.post("/messages/{message_id}/resend")
async def resend_message(
    message_id: UUID, request: Request, runtime: RuntimeDep, who: Writer
) -> Response:
    """A new message with the same content; the key of the form makes it one, however often."""
    form = await read_form(request)
    async with runtime.database.read() as session:
        message = await timeline.find(session, who.caller, message_id)
    key = form.get("key", "")[:255] or new_token()
    asked = Asked(who.workspace_id, resend.ENDPOINT, key, resend.digest(message))
    sure = form.get("both_may_arrive") == "1"
    preparing = resend.ask(
        runtime, request.app.state.catalogue, who.caller, message, sure=sure, key=key
    )
    acceptor: Acceptor = request.app.state.acceptor
    try:
        accepted = await acceptor.accept_once(asked, preparing)
    except GatewayError as error:
        return await _refused(request, runtime, who, message_id, error)
    return see(PATH.format(message_id=accepted.response["id"]))


async def _refused(
    request: Request, runtime: Runtime, who: Visit, message_id: UUID, error: GatewayError
) -> Response:
    if error.status == 404:
        raise error
    return await _page(request, runtime, who, message_id, Extra(error=error))


async def _page(
    request: Request, runtime: Runtime, who: Visit, message_id: UUID, extra: Extra = NOTHING
) -> Response:
    language = language_of(request, who)
    async with runtime.database.read() as session:
        message = await timeline.find(session, who.caller, message_id)
        tries = await exchanges.tried(session, message)
        notice = await notices.read(session, runtime.sealer, message, language)
        values = await _values(session, runtime, who, message, tries, language)
        values["hooks"] = await hooks.read(session, runtime.sealer, message)
        values["author"] = await authors.name_of(session, who.workspace_id, message.api_key_id)
    values |= _shown(request.query_params.get("show", ""), notice, tries)
    values |= _acts(message, tries, language)
    values |= {
        "here": "messages",
        "notice": notice,
        "extra": extra,
        "refusal": explained(extra.error, language) if extra.error else "",
        "number": numbers.grouped(extra.number) if extra.number else "",
        "ask": request.query_params.get("ask", ""),
        "key": new_token(),
    }
    template = PARTS.get(request.query_params.get("part", ""), "message.html")
    return await page(request, who, template, values, extra.error.status if extra.error else 200)


async def _values(
    session: AsyncSession,
    runtime: Runtime,
    who: Visit,
    message: Message,
    tries: list[Tried],
    language: str,
) -> dict[str, Any]:
    """What changes while the message is on its way."""
    entries = await timeline.timeline(session, who.workspace_id, message.id, language)
    lines = [UUID(one["data"]["chat_message_id"]) for one in entries if _is_reply(one)]
    answers = (
        await replies.read(session, runtime, who.caller, lines)
        if lines and who.may("consultations:read")
        else {}
    )
    leaves = await eta.of_message(session, message, clock())
    held = (await hours.held_until(session, [message])).get(message.id)
    return {
        "message": message,
        "status": statuses.of_message(message.status),
        "fallback": statuses.FALLBACK,
        "entries": story.told(message, entries, tries, answers),
        "wait": story.waits_for(message, tries, held, leaves),
        "tries": tries,
        "cost": counters.total(one.attempt.cost for one in tries),
        "plan": [step.channels for step in read_plan(message.plan).steps],
        "attempt_status": statuses.of_attempt,
        "route": statuses.route,
        "elapsed": partial(story.elapsed, language=language),
        "clock": story.clock,
        "grouped": numbers.grouped,
        "moment": partial(korean_time, lang=language),
        "won": counters.total,
        "may_open": who.may("messages:write"),
    }


def _is_reply(entry: dict[str, Any]) -> bool:
    return entry["kind"] == "reply.received" and "chat_message_id" in entry["data"]


def _shown(wanted: str, notice: Notice, tries: list[Tried]) -> dict[str, Any]:
    """The tabs of the phone: one for each route that was tried, the newest first."""
    by_route = {one.attempt.route: one for one in tries}
    tabs = list(reversed(by_route.values()))
    chosen = by_route.get(wanted) or next(iter(tabs), None)
    name = chosen.attempt.route if chosen else "alimtalk"
    is_text = name in ("sms", "lms", "mms")
    return {
        "tabs": tabs,
        "chosen": chosen,
        "is_text": is_text,
        "bubble": None if is_text else notice.bubble,
        "text": notice.text if is_text else None,
    }


def _acts(message: Message, tries: list[Tried], language: str) -> dict[str, Any]:
    """What may be done now, and in words why not."""
    may_cancel = message.status in MAY and not any(
        one.attempt.reason == IN_DOUBT or one.attempt.status != AttemptStatus.QUEUED
        for one in tries
        if one.attempt.status not in (AttemptStatus.REJECTED, AttemptStatus.UNDELIVERED)
    )
    is_unknown = message.status == MessageStatus.UNKNOWN
    may_resend = message.closed_at is not None or is_unknown
    why = ""
    if message.closed_at is not None:
        why = say(
            language, "끝난 메시지라 취소할 수 없어요. 다시 보내면 새 메시지가 되고 비용이 들어요."
        )
    elif not may_cancel:
        why = say(language, "일부가 이미 떠나서 취소할 수 없어요.")
    else:
        why = say(language, "아직 아무것도 떠나지 않았어요. 다시 보내기는 끝난 뒤에 할 수 있어요.")
    if is_unknown:
        why = say(language, "갔는지 아직 몰라요. 지금 다시 보내면 두 번 갈 수 있어요.")
    return {
        "may_cancel": may_cancel,
        "may_resend": may_resend,
        "is_unknown": is_unknown,
        "why_not": why,
    }

"""Resend: a new message with the same frozen content, and a first attempt of its own."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from app.db.models import Message, Template
from app.db.models.fields import now as clock
from app.errors import Refused
from app.ids import new_id, new_token
from app.services import content, hours, planning, team
from app.services.beginnings import First, begin
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.delivery import read_plan
from app.services.messages import MESSAGE_COLUMNS, TOKEN_DAYS, Prepared
from app.services.runtime import Runtime
from app.services.states import MessageStatus

ENDPOINT = "POST /v1/messages/{message_id}/resend"


def check(message: Message, *, both_may_arrive: bool) -> None:
    """From an end at any time; from ``unknown`` only when the caller accepts that both arrive.

    Raises Refused ``not_ended`` and ``both_may_arrive``.
    """
    if message.closed_at is not None:
        return
    if message.status != MessageStatus.UNKNOWN:
        raise Refused(
            "not_ended",
            f"The message is {message.status}: it is still on its way. Wait for its end, or "
            "cancel it first.",
            data={"status": message.status},
        )
    if not both_may_arrive:
        raise Refused(
            "both_may_arrive",
            "Nobody knows yet whether this message left, so the customer may get it twice. "
            'Say so with {"both_may_arrive": true}, or wait until it is known.',
            field="both_may_arrive",
        )


async def ask(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    message: Message,
    *,
    sure: bool,
    key: str | None,
) -> Prepared:
    """Check and prepare, now; ``sure``: the caller knows that both may arrive.

    Raises as :func:`check`, :func:`app.services.team.check` and :func:`prepare`.
    """
    check(message, both_may_arrive=sure)
    await team.check(runtime, caller, message.number_hash)
    return await prepare(runtime, catalogue, caller, message, clock(), key=key)


def digest(message: Message) -> bytes:
    """What tells a repeat from the resend of another message."""
    return hashlib.sha256(message.id.bytes).digest()


async def prepare(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    message: Message,
    now: datetime,
    *,
    key: str | None = None,
) -> Prepared:
    """The rows of the new message: the old content, new buttons' tokens, today's senders.

    Raises what the template's and the accounts' state allow no more.
    """
    code = await _code(runtime, message)
    sending = await catalogue.sending(
        caller.workspace_id, code, caller.mode, message.version_id
    )  # its content is that version's
    plan = read_plan(message.plan)
    ways = await planning.check(catalogue, caller, plan, sending)
    opened = runtime.sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    frozen, tokens = _with_new_tokens(opened)
    id_, workspace_id = new_id(), message.workspace_id
    window = hours.thaw(message.send_window)
    expires_at = hours.expiry(runtime.settings, window, message.category, now)
    first = First(
        workspace_id, caller.mode, id_, message.priority, None, now, expires_at,
        message.number_hash, message.person_id, frozen.get("contacts", {}), str(caller.key_id),
    )  # fmt: skip
    attempts = await begin(runtime, first, plan, ways, frozen)
    row = {name: getattr(message, name) for name in MESSAGE_COLUMNS} | {
        "id": id_,
        "api_key_id": caller.key_id,
        "sealed": runtime.sealer.seal(content.TABLE, workspace_id, id_, frozen),
        "status": MessageStatus.QUEUED,
        "send_at": None,
        "expires_at": expires_at,
        "resend_of": message.id,
        "campaign_id": None,
        "fallback_used": attempts[0].step > 0,
        "duplicate_delivery": False,
        "accepted_at": now,
        "updated_at": now,
    }
    return Prepared(
        message_id=id_,
        workspace_id=workspace_id,
        message=tuple(row[name] for name in MESSAGE_COLUMNS),
        attempts=attempts,
        tokens=tuple(
            (token, workspace_id, id_, i, now + timedelta(days=TOKEN_DAYS))
            for i, token in tokens.items()
        ),
        response={
            "id": str(id_),
            "status": str(MessageStatus.QUEUED),
            "template": code,
            "reference": message.reference,
            "accepted_at": now.isoformat(),
            "simulated": caller.simulated,
        },
        key=key,
        digest=digest(message),
        endpoint=ENDPOINT,
    )


async def _code(runtime: Runtime, message: Message) -> str:
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(Template.code).where(
                col(Template.workspace_id) == message.workspace_id,
                col(Template.id) == message.template_id,
            )
        )
        return rows.one()


def _with_new_tokens(frozen: dict[str, Any]) -> tuple[dict[str, Any], dict[int, str]]:
    """An answer must be tied to the notice whose button was pressed, so tokens are not shared."""
    tokens: dict[int, str] = {}
    for i, button in enumerate(frozen["alimtalk"]["buttons"]):
        if "token" in button:
            tokens[i] = button["token"] = new_token()
    return frozen, tokens

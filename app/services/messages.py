"""A message before it is accepted: checked, rendered, and turned into the rows that will be stored.

Everything that can be known to be wrong is said here, before anything is kept.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.errors import Invalid
from app.ids import new_id, new_token
from app.services import content, hours, planning, pushes, recipients, rendering, team
from app.services.beginnings import First, begin
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.lots import NewAttempt
from app.services.runtime import Runtime
from app.services.states import MessageStatus
from templates import plan as plans
from templates.windows import Window

ENDPOINT = "POST /v1/messages"
FARTHEST = timedelta(days=60)  # providers keep no reservation longer
CLOCK_SKEW = timedelta(minutes=1)
TOKEN_DAYS = 90


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a caller asks for."""

    template: str
    to: str = field(repr=False)
    variables: dict[str, str] = field(repr=False)
    reference: str | None = None
    plan: list[dict[str, Any]] | None = None
    priority: str = "normal"
    send_at: datetime | None = None
    expires_at: datetime | None = None
    contacts: dict[str, str] = field(default_factory=dict, repr=False)  # name → number
    send_window: Any = None  # a window, "any", or None for the template's
    version_id: UUID | None = None  # frozen earlier; None: the version in use
    menu: str | None = None  # of the voice menu that sends it
    person: str | None = None  # the caller's own word for somebody, instead of a number or beside

    def digest(self) -> bytes:
        """SHA-256 of the canonical request: tells a repeat from another message.

        What was left out does not count, so that a new field changes no old request.
        """
        fields = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows of one message, ready for the group commit."""

    message_id: UUID
    workspace_id: UUID
    message: tuple[Any, ...]  # MESSAGE_COLUMNS
    attempts: tuple[NewAttempt, ...]  # of the step it begins with
    tokens: tuple[tuple[Any, ...], ...]  # TOKEN_COLUMNS
    response: dict[str, Any]
    key: str | None = None
    digest: bytes = b""
    endpoint: str = ENDPOINT  # idempotency keys are its own


MESSAGE_COLUMNS = (
    "id",
    "workspace_id",
    "mode",
    "category",
    "template_id",
    "version_id",
    "api_key_id",
    "reference",
    "number_hash",
    "last4_hash",
    "sealed",
    "plan",
    "when_unknown",
    "status",
    "priority",
    "send_window",
    "send_at",
    "expires_at",
    "retention_class",
    "resend_of",
    "fallback_used",
    "duplicate_delivery",
    "accepted_at",
    "updated_at",
    "menu",
    "person_id",
    "campaign_id",
)
TOKEN_COLUMNS = ("token", "workspace_id", "message_id", "button", "expires_at")


async def prepare(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    new: NewMessage,
    now: datetime,
    *,
    key: str | None = None,
) -> Prepared:
    """Check and render one message. Raises the errors of :mod:`app.errors`."""
    recipient = await recipients.of(runtime, caller, new)
    await team.check(runtime, caller, recipient.number_hash)
    sending = await catalogue.sending(
        caller.workspace_id, new.template, caller.mode, new.version_id
    )
    plan = planning.plan_of(new.plan, sending)
    recipients.check(recipient, plan)
    ways = await planning.check(catalogue, caller, plan, sending)
    contacts = planning.contacts(plan, new.contacts)
    for other in contacts.values():
        await team.check(
            runtime, caller, runtime.sealer.number_hash(caller.workspace_id, other), "contacts"
        )
    window = hours.chosen(new.send_window, sending.send_window, sending.category)
    send_at, expires_at = times_of(runtime, new, now, window, sending.category)
    tokens = {i: new_token() for i in sending.compiled.token_buttons}
    rendered = rendering.fill(sending, new.variables, tokens, sms=plan.uses(plans.Channel.SMS))
    push = pushes.part(rendered, sending) if plan.uses(plans.Channel.PUSH) else None
    frozen = content.freeze(recipient.number, new.variables, rendered, contacts, push)
    if "sms" in frozen and not frozen["sms"]["title"]:
        frozen["sms"]["title"] = sending.default_subject
    message_id, workspace_id = new_id(), caller.workspace_id
    status = MessageStatus.SCHEDULED if send_at and send_at > now else MessageStatus.QUEUED
    priority = 1 if new.priority == "high" else 0
    first = First(
        workspace_id, caller.mode, message_id, priority, send_at, now, expires_at,
        recipient.number_hash, recipient.person_id, contacts, str(caller.key_id),
    )  # fmt: skip
    attempts = await begin(runtime, first, plan, ways, frozen)
    message = (
        message_id,
        workspace_id,
        caller.mode,
        sending.category,
        sending.template_id,
        sending.version_id,
        caller.key_id,
        new.reference,
        recipient.number_hash,
        runtime.sealer.last4_hash(workspace_id, recipient.number),
        runtime.sealer.seal(content.TABLE, workspace_id, message_id, frozen),
        orjson.dumps(plans.dump(plan)).decode(),
        sending.when_unknown,
        status,
        priority,
        hours.freeze(window),
        send_at,
        expires_at,
        sending.retention_class,
        None,
        attempts[0].step > 0,
        False,
        now,
        now,
        new.menu,
        recipient.person_id,
        None,
    )
    return Prepared(
        message_id=message_id,
        workspace_id=workspace_id,
        message=message,
        attempts=attempts,
        tokens=tuple(
            (token, workspace_id, message_id, i, now + timedelta(days=TOKEN_DAYS))
            for i, token in tokens.items()
        ),
        response={
            "id": str(message_id),
            "status": str(status),
            "template": new.template,
            "reference": new.reference,
            "accepted_at": now.isoformat(),
            "simulated": caller.simulated,
        },
        key=key,
        digest=new.digest(),
    )


def times_of(
    runtime: Runtime, new: NewMessage, now: datetime, window: Window | None, category: str
) -> tuple[datetime | None, datetime]:
    """When it is to leave (None: now), and when it ends. Raises Invalid for times in the past."""
    send_at = new.send_at
    if send_at is not None and send_at < now - CLOCK_SKEW:
        raise Invalid(
            "send_at_past", "send_at is in the past. Leave it out to send now.", field="send_at"
        )
    if send_at is not None and send_at > now + FARTHEST:
        raise Invalid(
            "send_at_too_far",
            "send_at may be at most 60 days ahead.",
            field="send_at",
            data={"limit_days": FARTHEST.days},
        )
    start = max(send_at or now, now)
    expires_at = new.expires_at or hours.expiry(runtime.settings, window, category, start)
    if expires_at <= start:
        raise Invalid(
            "expires_at_past",
            "expires_at must be later than send_at and than now.",
            field="expires_at",
        )
    return (send_at if send_at and send_at > now else None), expires_at

"""A message before it is accepted: checked, rendered, and turned into the rows that will be stored.

Everything that can be known to be wrong is said here, before anything is kept.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.errors import Invalid, Refused
from app.ids import new_id, new_token
from app.services import content, numbers, rendering, team
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending, Way
from app.services.lots import NewAttempt, Place
from app.services.runtime import Runtime
from app.services.states import MessageStatus
from templates import plan as plans
from templates.findings import TemplateProblem

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

    def digest(self) -> bytes:
        """SHA-256 of the canonical request: tells a repeat from another message."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows of one message, ready for the group commit."""

    message_id: UUID
    workspace_id: UUID
    message: tuple[Any, ...]  # MESSAGE_COLUMNS
    attempt: NewAttempt
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
    "send_at",
    "expires_at",
    "retention_class",
    "resend_of",
    "fallback_used",
    "duplicate_delivery",
    "accepted_at",
    "updated_at",
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
    number = numbers.normalise(new.to, "to")
    number_hash = runtime.sealer.number_hash(caller.workspace_id, number)
    await team.check(runtime, caller, number_hash)
    sending = await catalogue.sending(caller.workspace_id, new.template, caller.mode)
    plan = _plan_of(new, sending)
    first = await _check_plan(catalogue, caller, plan, sending)
    send_at, expires_at = _times(runtime, new, now)
    tokens = {i: new_token() for i in sending.compiled.token_buttons}
    rendered = rendering.fill(sending, new.variables, tokens, sms=plan.uses(plans.Channel.SMS))
    frozen = content.freeze(number, new.variables, rendered)
    if "sms" in frozen and not frozen["sms"]["title"]:
        frozen["sms"]["title"] = sending.default_subject
    message_id, workspace_id = new_id(), caller.workspace_id
    status = MessageStatus.SCHEDULED if send_at and send_at > now else MessageStatus.QUEUED
    priority = 1 if new.priority == "high" else 0
    message = (
        message_id,
        workspace_id,
        caller.mode,
        sending.category,
        sending.template_id,
        sending.version_id,
        caller.key_id,
        new.reference,
        number_hash,
        runtime.sealer.last4_hash(workspace_id, number),
        runtime.sealer.seal(content.TABLE, workspace_id, message_id, frozen),
        orjson.dumps(plans.dump(plan)).decode(),
        sending.when_unknown,
        status,
        priority,
        send_at,
        expires_at,
        sending.retention_class,
        None,
        False,
        False,
        now,
        now,
    )
    channel = plan.steps[0].channels[0]
    route = content.route_of(frozen, channel)
    due = send_at or now
    return Prepared(
        message_id=message_id,
        workspace_id=workspace_id,
        message=message,
        attempt=NewAttempt(
            place=Place(workspace_id, first.account_id, route, priority, send_at),
            message_id=message_id,
            step=0,
            channel=str(channel),
            sender_id=first.sender_id,
            to_hash=number_hash,
            due_at=_first_due(plan, due, expires_at),
        ),
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


def _plan_of(new: NewMessage, sending: Sending) -> plans.Plan:
    if new.plan is None:
        return sending.plan
    try:
        return plans.parse(new.plan)
    except TemplateProblem as problem:
        found = problem.findings[0]
        raise Invalid(
            "bad_plan",
            found.message_en,
            field=found.field,
            data={
                "findings": [{"field": f.field, "message": f.message_en} for f in problem.findings]
            },
        ) from None


async def _check_plan(
    catalogue: Catalogue, caller: Caller, plan: plans.Plan, sending: Sending
) -> Way:
    """Every step must have an account and a sender; the way of the first is returned."""
    if not plan.is_ordered:
        raise Invalid(
            "plan_unsupported",
            "Steps with several channels or with `to` are not available yet. "
            "Use one channel per step.",
            field="plan",
        )
    if plan.uses(plans.Channel.ALIMTALK) and not sending.reviewed:
        raise Refused(
            "template_not_approved",
            "This template was registered for SMS only, so no messenger has approved it. "
            "Leave Alimtalk out of the plan, or register a template whose plan uses it.",
            field="plan",
        )
    ways: list[Way] = []
    levels = {}
    for i, step in enumerate(plan.steps):
        channel = step.channels[0]
        way = await catalogue.way(caller.workspace_id, caller.mode, channel, sending)
        if way is None:
            raise no_way(caller, channel, i)
        levels[str(channel)] = way.levels
        ways.append(way)
    if gap := plans.check_levels(plan, levels):
        reachable = ", ".join(sorted(gap.available)) or "nothing"
        raise Invalid(
            "level_unavailable",
            f"Step {gap.index + 1} waits until `{gap.until}`, which {gap.channels[0]} can never "
            f"report: it reports {reachable}. Choose one of these.",
            field=gap.field,
            data={"until": gap.until, "available": sorted(gap.available)},
        )
    return ways[0]


def no_way(caller: Caller, channel: str, step: int) -> Refused:
    """Nobody of the workspace can send this step now."""
    where = "sandbox" if caller.mode == "sandbox" else "live"
    return Refused(
        f"no_{where}_account",
        f"Step {step + 1} of the plan asks for {channel}, but the workspace has no active {where} "
        f"account with a sender for it. Add one with `naru accounts add` and `naru senders add`, "
        "or leave the step out of the plan.",
        field=f"plan[{step}].channel",
    )


def _times(runtime: Runtime, new: NewMessage, now: datetime) -> tuple[datetime | None, datetime]:
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
    expires_at = new.expires_at or start + timedelta(hours=runtime.settings.expire_h)
    if expires_at <= start:
        raise Invalid(
            "expires_at_past",
            "expires_at must be later than send_at and than now.",
            field="expires_at",
        )
    return (send_at if send_at and send_at > now else None), expires_at


def _first_due(plan: plans.Plan, start: datetime, expires_at: datetime) -> datetime:
    """When the first attempt needs a look although nothing happened to it."""
    within = plan.steps[0].within_s
    return expires_at if within is None else min(expires_at, start + timedelta(seconds=within))

"""What would become of a message, step by step, before anything is stored or sent.

The same checks as accept, asked of the same places. Where accept refuses at the first thing that
is wrong with a text or a way, every step here says its own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.errors import GatewayError, Invalid
from app.services import bubbles, drafts, hours, planning, pushes, recipients, rendering, team
from app.services.branches import Branch, branches
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending
from app.services.drafts import Draft
from app.services.messages import NewMessage, times_of
from app.services.runtime import Runtime
from templates import plan as plans
from templates.limits import LMS_BYTES, SMS_BYTES
from templates.render import Rendered
from templates.text import byte_length

TOKEN = "0" * 32  # in place of what a customer's press would bring back
BYTES = {"sms": SMS_BYTES, "lms": LMS_BYTES, "mms": LMS_BYTES}
Made = Mapping[plans.Channel, Rendered | Invalid]


@dataclass(frozen=True, slots=True)
class Preview:
    """A message that was not accepted, and was not to be."""

    draft: Draft
    branches: list[Branch]
    values: Mapping[str, str]
    made: Made  # what each channel would say, or why it cannot
    send_at: datetime | None
    expires_at: datetime

    def problem(self, one: Branch) -> GatewayError | None:
        """Why accept would refuse this branch."""
        said = self.made.get(one.channel)
        return one.problem or (said if isinstance(said, Invalid) else None)

    @property
    def refusal(self) -> GatewayError | None:
        """Why accept would refuse the message; the first of all reasons."""
        problems = [problem for one in self.branches if (problem := self.problem(one))]
        return self.draft.refusal or next(iter(problems), None)


async def preview(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    new: NewMessage,
    draft: Draft,
    now: datetime,
) -> Preview:
    """One message, filled and looked at; ``new.to`` may be empty.

    Raises what accept raises for the request itself: Invalid for number, plan, contacts, times and
    window, Forbidden for a team key.
    """
    recipient = await recipients.of(runtime, caller, new) if new.to or new.person else None
    if recipient is not None:
        await team.check(runtime, caller, recipient.number_hash)
    sending = draft.sending
    plan = planning.plan_of(new.plan, sending)
    if recipient is not None:
        recipients.check(recipient, plan)
    contacts = planning.contacts(plan, new.contacts)
    for number in contacts.values():
        known = runtime.sealer.number_hash(caller.workspace_id, number)
        await team.check(runtime, caller, known, "contacts")
    window = hours.chosen(new.send_window, sending.send_window, sending.category)
    send_at, expires_at = times_of(runtime, new, now, window, sending.category)
    found = await branches(runtime, catalogue, caller, plan, draft)
    made = _fill(sending, new.variables, plan)
    return Preview(draft, found, new.variables, made, send_at, expires_at)


def show(one: Preview, lang: str) -> dict[str, Any]:
    """A preview as data; ``lang``: of the sentences that say what a press does."""
    return {
        "template": one.draft.template.code,
        "source": one.draft.source,
        "sendable": one.refusal is None,
        "problem": _problem(one.refusal),
        "send_at": one.send_at,
        "expires_at": one.expires_at,
        "steps": [_step(one, branch, lang) for branch in one.branches],
        "findings": [asdict(found) for found in drafts.findings(one.draft, one.values)],
    }


def _fill(sending: Sending, values: dict[str, str], plan: plans.Plan) -> Made:
    """An Alimtalk nobody asked for is filled too, as accept does."""
    tokens = dict.fromkeys(sending.compiled.token_buttons, TOKEN)
    made: dict[plans.Channel, Rendered | Invalid] = {}
    try:
        made[plans.Channel.ALIMTALK] = rendering.fill(sending, values, tokens, sms=False)
    except Invalid as refusal:
        made[plans.Channel.ALIMTALK] = refusal
    if plan.uses(plans.Channel.PUSH):
        made[plans.Channel.PUSH] = _pushed(made[plans.Channel.ALIMTALK], sending)
    if plan.uses(plans.Channel.SMS):
        try:
            made[plans.Channel.SMS] = rendering.fill_sms(sending, values)
        except Invalid as refusal:
            made[plans.Channel.SMS] = refusal
    return made


def _pushed(made: Rendered | Invalid, sending: Sending) -> Rendered | Invalid:
    """What a push says is the notice, where a push can hold it."""
    if isinstance(made, Rendered):
        try:
            pushes.part(made, sending)
        except Invalid as refusal:
            return refusal
    return made


def _step(one: Preview, branch: Branch, lang: str) -> dict[str, Any]:
    said = one.made.get(branch.channel)
    made = said if isinstance(said, Rendered) else None
    is_alimtalk = branch.channel is plans.Channel.ALIMTALK
    route = _route(branch, made)
    title, text = _said(branch, made, one.draft.sending)
    return {
        "step": branch.index,
        "branch": branch.branch,
        "channel": branch.channel.value,
        "route": route,
        "to": branch.step.to or "recipient",
        "title": title,
        "text": text,
        "counts": _counts(branch, made, one.draft.sending),
        "replaced": list(made.replaced) if made else [],
        "account": branch.account.name if branch.account else None,
        "price": branch.price(route),
        "until": branch.step.until.value,
        "until_reachable": branch.is_reachable,
        "problem": _problem(one.problem(branch)),
        "bubble": bubbles.show(one.draft.template, made, lang) if made and is_alimtalk else None,
    }


def _route(branch: Branch, made: Rendered | None) -> str | None:
    """None for a text message that cannot be made."""
    if branch.channel is not plans.Channel.SMS:
        return branch.channel.value
    return made.sms_route if made else None


def _said(branch: Branch, made: Rendered | None, sending: Sending) -> tuple[str, str]:
    """Title and text; both empty where nothing can be made. An SMS carries no subject."""
    if made is None:
        return "", ""
    if branch.channel is plans.Channel.PUSH:
        return made.title or sending.default_subject, made.text
    if branch.channel is plans.Channel.ALIMTALK:
        return made.title, made.text
    subject = made.sms_subject or sending.default_subject
    return "" if made.sms_route == "sms" else subject, made.sms_text


def _counts(branch: Branch, made: Rendered | None, sending: Sending) -> dict[str, Any]:
    """Characters (of an Alimtalk with its extra information) and bytes, with what fits."""
    if made is None:
        return {"characters": None, "bytes": None}
    if branch.channel is plans.Channel.SMS:
        size = byte_length(made.sms_text)
        return {
            "characters": {"count": len(made.sms_text), "limit": None},
            "bytes": {"count": size, "limit": BYTES[str(made.sms_route)]},
        }
    if branch.channel is plans.Channel.PUSH:
        return {
            "characters": {"count": len(made.text), "limit": None},
            "bytes": {"count": pushes.size(made, sending), "limit": pushes.MOST_BYTES},
        }
    count = len(made.text) + len(sending.compiled.template.extra)
    return {"characters": {"count": count, "limit": sending.compiled.room}, "bytes": None}


def _problem(error: GatewayError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {"code": error.code, "detail": error.detail, "field": error.field, "data": error.data}

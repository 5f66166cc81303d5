"""The law of the engine as plain functions: statuses, policy by reason, next step, message state.

The transition table is documented in docs/delivery.md; ``tests/model`` checks the protocol it
belongs to exhaustively.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.vocabulary import Level, Reason
from templates.plan import Plan


class AttemptStatus(StrEnum):
    """Where one message at one account stands."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NO_REPORT = "no_report"


class MessageStatus(StrEnum):
    """What the caller sees; derived, never set by hand."""

    SCHEDULED = "scheduled"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    NO_REPORT = "no_report"


OPEN = frozenset(
    {
        AttemptStatus.QUEUED,
        AttemptStatus.SENDING,
        AttemptStatus.UNKNOWN,
        AttemptStatus.ACCEPTED,
    }
)
FAILED = frozenset({AttemptStatus.REJECTED, AttemptStatus.UNDELIVERED})

# reasons of our own, beside those of the providers
STEP_DEADLINE = "step_deadline"  # the plan's within_s passed before it could be handed over
MESSAGE_EXPIRED = "message_expired"
TEMPLATE_STOPPED = "template_stopped"
UNREADABLE_CONTENT = "unreadable_content"  # the sealed content cannot be opened
NO_WAY = "no_way"  # nobody of the workspace can send the step any more
STOPPED_ACCOUNT = "stopped_account"  # its account was disabled and no other can take it over
# of a queued attempt: why it does not leave now
OUTSIDE_WINDOW = "outside_window"  # its send window, or the hours for advertising, are closed
PARKED = "parked"  # it failed again and again by itself; a person requeues it
# of a queued attempt: an earlier request may have been taken, so it leaves only as a repeat that
# the provider still recognises (rule R6), and ends by nothing but the provider's word
IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Policy:
    """What follows: the next step after a definite failure, who must hear, whether it is retried.

    ``retry``: while the attempt is still queued, the same reference is tried again by itself.
    """

    fall_back: bool
    tell: str  # report | staff | developer | operator
    retry: bool = False


POLICY: dict[str, Policy] = {
    Reason.NOT_REACHABLE: Policy(True, "report"),
    Reason.OPTED_OUT: Policy(True, "report"),
    Reason.BAD_ADDRESS: Policy(False, "report"),  # the next channel would use the same number
    Reason.PHONE_OFF: Policy(True, "report"),
    Reason.TEMPLATE_MISMATCH: Policy(True, "staff"),
    Reason.TEMPLATE_STATE: Policy(True, "staff"),
    Reason.TOO_LONG: Policy(True, "developer"),
    Reason.CONTENT_REFUSED: Policy(False, "staff"),
    Reason.SENDER_STATE: Policy(True, "operator"),
    Reason.OUTSIDE_HOURS: Policy(False, "staff"),
    Reason.NO_CHAT_SESSION: Policy(False, "staff"),
    Reason.QUOTA: Policy(True, "operator", retry=True),
    Reason.THROTTLED: Policy(True, "operator", retry=True),
    Reason.PROVIDER_DOWN: Policy(True, "operator", retry=True),
    Reason.MISCONFIGURED: Policy(True, "operator", retry=True),
    Reason.DUPLICATE: Policy(False, "operator"),
    Reason.UNCERTAIN: Policy(False, "report"),
    Reason.EXPIRED: Policy(True, "report"),
    Reason.CANCELLED: Policy(False, "report"),
    Reason.REQUEST_REFUSED: Policy(False, "developer"),
    Reason.UNREADABLE: Policy(False, "operator"),
    Reason.NO_ANSWER: Policy(False, "operator"),
    Reason.UNMAPPED: Policy(True, "operator"),
    STEP_DEADLINE: Policy(True, "operator"),
    MESSAGE_EXPIRED: Policy(False, "report"),
    TEMPLATE_STOPPED: Policy(False, "staff"),
    UNREADABLE_CONTENT: Policy(False, "operator"),
    NO_WAY: Policy(True, "operator"),
    STOPPED_ACCOUNT: Policy(True, "operator"),
    IN_DOUBT: Policy(False, "operator", retry=True),
    OUTSIDE_WINDOW: Policy(False, "report", retry=True),
    PARKED: Policy(False, "operator"),
}


@dataclass(frozen=True, slots=True)
class Try:
    """What the rules need to know of one attempt."""

    step: int
    n: int
    status: str
    reason: str | None
    started_at: datetime  # when its step began to count
    unknown_since: datetime | None = None
    parked: bool = False
    receipts: bool = True  # whether its route ever reports


@dataclass(frozen=True, slots=True)
class MessageState:
    """The derived state of a message."""

    status: MessageStatus
    reason: str | None
    closed: bool
    duplicate: bool = False


def passed(start: datetime, seconds: float | None, now: datetime) -> bool:
    """Whether a limit of the plan is over; no limit is never over."""
    return seconds is not None and now >= start + timedelta(seconds=seconds)


def next_step(
    plan: Plan, tries: Sequence[Try], now: datetime, *, forced: bool = False
) -> int | None:
    """The step to start now, or None (rule R7).

    ``forced``: a policy of the template says "both may arrive" (a blind route's fall_back).
    """
    last = max(tries, key=lambda t: (t.step, t.n))
    following = last.step + 1
    if following >= len(plan.steps) or any(t.status == AttemptStatus.DELIVERED for t in tries):
        return None
    step = plan.steps[last.step]
    due = forced and last.status == AttemptStatus.UNKNOWN
    if last.status in FAILED or (
        last.status == AttemptStatus.EXPIRED and last.reason == STEP_DEADLINE
    ):
        due = POLICY.get(last.reason or "", POLICY[Reason.UNMAPPED]).fall_back
    elif last.status == AttemptStatus.ACCEPTED and not _satisfied(plan, last):
        due = passed(last.started_at, step.within_s, now)
    elif last.status == AttemptStatus.UNKNOWN:
        since = last.unknown_since or last.started_at
        due = due or passed(since, step.unknown_after_s, now)
        due = due or passed(last.started_at, step.within_s, now)
    return following if due else None


def _satisfied(plan: Plan, attempt: Try) -> bool:
    """Whether an accepted attempt is already all its step asks for."""
    return plan.steps[attempt.step].until == Level.ACCEPTED or not attempt.receipts


def derive(
    plan: Plan, tries: Sequence[Try], send_at: datetime | None, now: datetime
) -> MessageState:
    """The message's state: the one function that decides it."""
    delivered = [t for t in tries if t.status == AttemptStatus.DELIVERED]
    if delivered:
        return MessageState(MessageStatus.DELIVERED, None, True, duplicate=len(delivered) > 1)
    ordered = sorted(tries, key=lambda t: (t.step, t.n))
    open_ = [t for t in ordered if t.status in OPEN]
    if open_:
        return _open_state(plan, open_[-1], send_at, now)
    last = ordered[-1]
    ended = {
        AttemptStatus.EXPIRED: MessageStatus.EXPIRED,
        AttemptStatus.CANCELLED: MessageStatus.CANCELLED,
        AttemptStatus.NO_REPORT: MessageStatus.NO_REPORT,
    }.get(AttemptStatus(last.status), MessageStatus.FAILED)
    if last.reason == TEMPLATE_STOPPED:
        ended = MessageStatus.BLOCKED
    if last.reason == STEP_DEADLINE:
        ended = MessageStatus.FAILED
    if last.status == AttemptStatus.NO_REPORT and _satisfied(plan, last):
        ended = MessageStatus.SENT
    return MessageState(ended, last.reason, True)


def _open_state(plan: Plan, last: Try, send_at: datetime | None, now: datetime) -> MessageState:
    if last.status == AttemptStatus.ACCEPTED:
        return MessageState(MessageStatus.SENT, last.reason, _satisfied(plan, last))
    if last.status != AttemptStatus.QUEUED:
        return MessageState(MessageStatus(last.status), last.reason, False)
    if last.parked or last.reason == OUTSIDE_WINDOW:
        return MessageState(MessageStatus.HELD, last.reason, False)
    if last.step == 0 and send_at is not None and send_at > now:
        return MessageState(MessageStatus.SCHEDULED, None, False)
    return MessageState(MessageStatus.QUEUED, last.reason, False)

"""The words and the one table of the engine: statuses, reasons, and what follows from each reason.

Which event moves which status is in :mod:`app.services.transitions`, what a message is and which
step comes next in :mod:`app.services.steps`.
"""

from dataclasses import dataclass
from enum import StrEnum

from channels.vocabulary import Reason
from templates.plan import STEP_DEADLINE


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
# (templates.plan.STEP_DEADLINE: the plan's within_s passed)
MESSAGE_EXPIRED = "message_expired"
TEMPLATE_STOPPED = "template_stopped"
UNREADABLE_CONTENT = "unreadable_content"  # the sealed content cannot be opened
NO_WAY = "no_way"  # nobody of the workspace can send the step any more
NO_PICTURE = "no_picture"  # the account's provider does not take the picture it shows
STOPPED_ACCOUNT = "stopped_account"  # its account was disabled and no other can take it over
# of a queued attempt: why it does not leave now
OUTSIDE_WINDOW = "outside_window"  # its send window, or the hours for advertising, are closed
PICTURE_AWAITED = "picture_awaited"  # its account's provider is being given what it shows
PARKED = "parked"  # it failed again and again by itself; a person requeues it
# of a queued attempt: an earlier request may have been taken, so it leaves only as a repeat that
# the provider still recognises (rule R6), and ends by nothing but the provider's word
IN_DOUBT = "in_doubt"


# reasons of a queued attempt that make its message ``held``: it leaves by itself, later
HOLDS = frozenset({OUTSIDE_WINDOW, PICTURE_AWAITED})

# refusals that are the account's fault: another one of the workspace may carry the same step
ACCOUNTS_FAULT = frozenset(
    {Reason.SENDER_STATE, Reason.TEMPLATE_STATE, Reason.MISCONFIGURED, NO_PICTURE}
)


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
    NO_PICTURE: Policy(True, "staff"),
    IN_DOUBT: Policy(False, "operator", retry=True),
    OUTSIDE_WINDOW: Policy(False, "report", retry=True),
    PICTURE_AWAITED: Policy(False, "report", retry=True),
    PARKED: Policy(False, "operator"),
}


def policy(reason: str | None) -> Policy:
    """What follows from a reason; one that the table does not know is an unmapped code."""
    return POLICY.get(reason or Reason.UNMAPPED, POLICY[Reason.UNMAPPED])

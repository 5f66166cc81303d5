"""The transition table of attempts: which event moves which status, and to where.

Nothing else decides that. Code that holds an attempt asks :func:`after`; set statements ask
:func:`sources` and :func:`target`. docs/delivery.md shows the same table; a test compares them.
"""

from enum import StrEnum

from app.services.states import AttemptStatus


class Event(StrEnum):
    """What may happen to an attempt."""

    OPENED = "call committed"
    CANCELLED = "cancelled"
    EXPIRED = "time over"  # expires_at, or within_s of its step
    STOPPED = "stopped"  # guard, law, stopped template, unreadable content, disabled account
    HELD = "held"  # outside its window: a later lot
    MOVED = "moved"  # to another account that can carry it
    PARKED = "parked"
    REQUEUED = "requeued"  # by a person
    DOUBTED = "too late to repeat"  # in doubt, and the provider may have forgotten the reference
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    LOST = "ambiguous"  # an answer that says nothing, or a lease lost with an open call
    FOUND = "look-up: there"
    REFUSED = "look-up: refused"
    ABSENT = "look-up: absent"
    OVERTAKEN = "look-up: absent, a later step began"
    REPEATED = "repeated"  # Dedupe, the reference surely remembered
    RESENT = "resent"  # Blind, when_unknown = resend
    DELIVERED = "receipt: delivered"
    UNDELIVERED = "receipt: undelivered"
    UNCERTAIN = "receipt: uncertain"
    CONFIRMED = "read or acknowledged"
    CLOSED = "no report in time"
    RESTORED = "restored"  # from a backup: it may have left since


_S = AttemptStatus
# a definite word moves these; for QUEUED only if it has been tried (it left us once)
_OPEN = (_S.QUEUED, _S.UNKNOWN, _S.ACCEPTED)
_ENDED = (_S.UNDELIVERED, _S.REJECTED, _S.NO_REPORT, _S.EXPIRED, _S.CANCELLED)

# event → the statuses it may meet, and the status that follows
MOVES: dict[Event, tuple[frozenset[AttemptStatus], AttemptStatus]] = {
    event: (frozenset(sources), target)
    for event, sources, target in (
        (Event.OPENED, (_S.QUEUED,), _S.SENDING),
        (Event.CANCELLED, (_S.QUEUED,), _S.CANCELLED),
        (Event.EXPIRED, (_S.QUEUED,), _S.EXPIRED),
        (Event.STOPPED, (_S.QUEUED,), _S.REJECTED),
        (Event.HELD, (_S.QUEUED,), _S.QUEUED),
        (Event.MOVED, (_S.QUEUED,), _S.QUEUED),
        (Event.PARKED, (_S.QUEUED, _S.SENDING), _S.QUEUED),
        (Event.REQUEUED, (_S.QUEUED,), _S.QUEUED),
        (Event.DOUBTED, (_S.QUEUED,), _S.UNKNOWN),
        (Event.ACCEPTED, (_S.SENDING,), _S.ACCEPTED),
        (Event.REJECTED, (_S.SENDING,), _S.REJECTED),
        (Event.DEFERRED, (_S.SENDING,), _S.QUEUED),
        (Event.LOST, (_S.SENDING,), _S.UNKNOWN),
        (Event.FOUND, (_S.UNKNOWN,), _S.ACCEPTED),
        (Event.REFUSED, (_S.UNKNOWN,), _S.REJECTED),
        (Event.ABSENT, (_S.UNKNOWN,), _S.QUEUED),
        (Event.OVERTAKEN, (_S.UNKNOWN,), _S.EXPIRED),
        (Event.REPEATED, (_S.UNKNOWN,), _S.QUEUED),
        (Event.RESENT, (_S.UNKNOWN,), _S.QUEUED),
        # a late delivery always shows
        (Event.DELIVERED, (*_OPEN, *_ENDED), _S.DELIVERED),
        (Event.UNDELIVERED, _OPEN, _S.UNDELIVERED),
        (Event.UNCERTAIN, (_S.UNKNOWN, _S.ACCEPTED), _S.ACCEPTED),
        (Event.CONFIRMED, (_S.DELIVERED,), _S.DELIVERED),
        (Event.CLOSED, (_S.UNKNOWN, _S.ACCEPTED), _S.NO_REPORT),
        (Event.RESTORED, (_S.QUEUED, _S.SENDING, _S.UNKNOWN), _S.UNKNOWN),
    )
}


class IllegalTransition(Exception):
    """An event that cannot meet this status: a mistake of ours, never written."""

    def __init__(self, status: str, event: Event) -> None:
        super().__init__(f"{event} cannot meet {status}")


def may(status: str, event: Event) -> bool:
    """Whether the event can meet an attempt in this status."""
    return status in MOVES[event][0]


def after(status: str, event: Event) -> AttemptStatus:
    """The status that follows. Raises IllegalTransition."""
    if not may(status, event):
        raise IllegalTransition(status, event)
    return MOVES[event][1]


def sources(event: Event) -> list[AttemptStatus]:
    """The statuses an event may meet, for the WHERE of a statement."""
    return sorted(MOVES[event][0])


def target(event: Event) -> AttemptStatus:
    """The status an event leads to, for the SET of a statement."""
    return MOVES[event][1]


ENDED = frozenset(_ENDED)  # only a late delivery leaves these

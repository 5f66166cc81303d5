"""The shared vocabulary: what the engine asks of a provider's adapter and what it gets back.

Everything here is plain, frozen data; nothing here knows a provider, a database or a clock.
Times are aware UTC datetimes, durations end in ``_s`` (seconds), deadlines are readings of
``time.monotonic()``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from channels.bubble import Button, ChatFile, ChatPicture, Highlight, Item, Links
from channels.vocabulary import (
    IdempotencyClass,
    InboundKind,
    Level,
    Lookup,
    Reason,
    Result,
    Standing,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The idempotency class of one route; ``ttl_s`` only for DEDUPE, ``window_s`` for its kin."""

    kind: IdempotencyClass
    ttl_s: float = 0.0
    window_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """What an account can send one way, and what is true of it.

    ``same`` names the fields of :class:`Outgoing` that all messages of one request must share.
    ``receipt_window_s``: how long the provider may still report; afterwards ``no_report``.
    """

    name: str  # alimtalk, sms, lms, mms, push, chat
    batch: int
    same: frozenset[str]
    idempotency: Idempotency
    levels: frozenset[Level]
    deadline_s: float = 30.0  # total time of one request
    settle_s: float = 120.0  # after it, no earlier request can still arrive (rule R4)
    receipts: bool = True
    receipt_window_s: float = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered message to one person. Texts and numbers never appear in its repr."""

    ref: str  # the attempt's reference: 26 characters, the same on every try
    to: str = field(repr=False)  # "01012345678"; chat: the messenger's user key; push: the device
    sender: str = field(repr=False)  # sender key, caller number
    text: str = field(repr=False)
    template: str = ""  # the provider's template code; "" outside Alimtalk
    title: str = field(default="", repr=False)  # Alimtalk emphasised title, LMS subject
    buttons: tuple[Button, ...] = field(default=(), repr=False)
    header: str = field(default="", repr=False)
    highlight: Highlight | None = field(default=None, repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    summary: Item | None = field(default=None, repr=False)
    quick_replies: tuple[Button, ...] = field(default=(), repr=False)
    link: Links | None = field(default=None, repr=False)
    picture: str = ""  # MMS: what the provider calls the picture it was given
    enclosed: ChatPicture | ChatFile | None = field(default=None, repr=False)  # chat: no text then
    address_kind: str = ""  # push: what ``to`` is, one of channels.push.ADDRESS_KINDS
    data: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # push: handed to the app
    expires_at: datetime | None = None  # push: of no use after this


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider: at most ``route.batch`` messages that share ``route.same``."""

    key: str  # unique for this request, ≤ 40 characters of [A-Za-z0-9-]
    route: str
    messages: tuple[Outgoing, ...]
    now: datetime
    deadline: float  # monotonic; past it nothing may still be awaited


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answer says of one message."""

    ref: str
    verdict: Verdict
    reason: Reason | None = None
    code: str = ""  # the provider's own, raw
    text: str = ""  # the provider's own words, raw
    provider_id: str = ""
    retry_after_s: float | None = None
    gone: bool = False  # push: the device's address is dead, whatever is sent there


@dataclass(frozen=True, slots=True)
class Answer:
    """One outcome per message of the call, in its order. ``raw`` is evidence, sealed by the app."""

    outcomes: tuple[Outcome, ...]
    request_id: str = ""
    http_status: int | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt whose fate we do not know."""

    ref: str
    route: str
    call_key: str
    sent_at: datetime  # when the call began
    request_id: str = ""
    provider_id: str = ""
    to: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's later word about one message; found by ``ref`` or ``provider_id``."""

    result: Result
    ref: str = ""
    provider_id: str = ""
    event_id: str = ""
    reason: Reason | None = None
    code: str = ""
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a look-up for one reference; ``receipt`` when its result is known already."""

    ref: str
    state: Lookup
    provider_id: str = ""
    reason: Reason | None = None
    code: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of polled receipts; ``cursor`` is None on the last."""

    receipts: tuple[Receipt, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One message in a provider's own list; ``ref`` is empty where it keeps none of ours."""

    route: str
    provider_id: str
    state: Standing
    ref: str = ""
    reason: Reason | None = None
    code: str = ""
    at: datetime | None = None  # when the provider took it
    ended_at: datetime | None = None  # when it arrived or failed


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a provider's list; ``cursor`` is None on the last."""

    entries: tuple[Listed, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """An incoming request of a provider as it arrived; ``kind`` is the last part of its path."""

    kind: str
    headers: Mapping[str, str] = field(repr=False)  # lower-case names
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of a consultation chat.

    ``token`` and ``last_token`` come from the button that opened it; ``content`` is the event's
    own body, kept as it came for kinds we do not draw yet.
    """

    kind: InboundKind
    sender: str = field(repr=False)  # the channel's sender key
    user_key: str = field(repr=False)
    dedupe_key: str
    session_id: str = ""
    content_type: str = ""  # text, photo, video, … as the provider names it
    text: str = field(default="", repr=False)
    token: str = ""
    last_token: str = ""
    serial: str = ""
    at: datetime | None = None
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)


class BadCallback(Exception):
    """A callback that is not the provider's: wrongly signed, or not in its documented shape."""


@runtime_checkable
class Adapter(Protocol):
    """One provider account. Trouble is an outcome, never an exception; no clock, no database."""

    name: str
    routes: Mapping[str, Route]

    async def send(self, call: Call) -> Answer:
        """Send one call and say what became of each message, in the call's order."""
        ...

    def verify(self, callback: Callback) -> None:
        """Raise :class:`BadCallback` unless the callback is the provider's; cheap."""
        ...

    def parse(self, callback: Callback) -> Sequence[Receipt | Inbound]:
        """Read a verified callback; pure, the same callback gives the same result."""
        ...


@runtime_checkable
class CanLookUp(Protocol):
    """A provider that can be asked for our own reference."""

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """One :class:`Found` per tried attempt, in its order; unclear when in doubt."""
        ...


@runtime_checkable
class CanPoll(Protocol):
    """A provider that lists results by time."""

    async def poll(self, since: datetime, until: datetime, cursor: str | None) -> Page:
        """Receipts updated in [since, until]. Raises ProviderRefused, ProviderSilent."""
        ...


@runtime_checkable
class CanList(Protocol):
    """A provider that lists what it took from us, by the time it took it."""

    async def listed(self, since: datetime, until: datetime, cursor: str | None) -> Listing:
        """A page of everything taken in [since, until]; a little more is no harm, less is.

        Pages may come in any order and repeat a message. Raises ProviderRefused, and
        ProviderSilent for any page that cannot be read whole.
        """
        ...

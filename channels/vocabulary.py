"""The words every provider is translated into: verdicts, reasons, levels, classes, states."""

from enum import StrEnum


class Verdict(StrEnum):
    """What one answer says of one message; money and trust depend on the fourth."""

    ACCEPTED = "accepted"  # the provider has it
    REJECTED = "rejected"  # it never will: a readable refusal
    DEFERRED = "deferred"  # certainly not taken: try the same row later
    UNKNOWN = "unknown"  # everything else: settle, look up, never send blindly


class Reason(StrEnum):
    """Why, in one vocabulary for all providers; what follows is decided in one table of the app."""

    NOT_REACHABLE = "not_reachable"  # not a KakaoTalk user, inactive, dead token
    OPTED_OUT = "opted_out"  # the recipient blocked this sender or channel
    BAD_ADDRESS = "bad_address"  # no such number
    PHONE_OFF = "phone_off"  # off, no coverage, memory full: the network gave up
    TEMPLATE_MISMATCH = "template_mismatch"  # what we sent is not the approved template
    TEMPLATE_STATE = "template_state"  # not approved, stopped, blocked, unknown
    TOO_LONG = "too_long"
    CONTENT_REFUSED = "content_refused"  # spam filter, forbidden words or characters
    SENDER_STATE = "sender_state"  # sender key or caller number unknown, blocked, not registered
    OUTSIDE_HOURS = "outside_hours"  # advertising hours
    NO_CHAT_SESSION = "no_chat_session"  # the customer has not opened (or has closed) the chat
    QUOTA = "quota"  # the account's own limit is used up
    THROTTLED = "throttled"  # 429
    PROVIDER_DOWN = "provider_down"  # connect, TLS, DNS, documented outage
    MISCONFIGURED = "misconfigured"  # 401, 403, wrong key: the account pauses
    DUPLICATE = "duplicate"  # the provider says it knows this key: look up, it proves nothing
    UNCERTAIN = "uncertain"  # sent, arrival not confirmed (Kakao 3005)
    EXPIRED = "expired"  # the network kept it too long
    CANCELLED = "cancelled"  # a reservation was cancelled at the provider
    REQUEST_REFUSED = "request_refused"  # the provider could read and refused our request
    UNREADABLE = "unreadable"  # the answer could not be read, or named no outcome
    NO_ANSWER = "no_answer"  # time-out or cut connection after the first byte
    UNMAPPED = "unmapped"  # a code no table of ours knows; the raw code is kept


class Level(StrEnum):
    """How far a route can ever report."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"


class IdempotencyClass(StrEnum):
    """How a lost answer can be resolved; see docs/delivery.md."""

    DEDUPE = "dedupe"  # the provider refuses a repeated reference
    LOOK_UP = "look_up"  # the provider can be asked for our reference
    WINDOW_LOOK_UP = "window_look_up"  # only by time, number and text
    BLIND = "blind"  # neither


class Lookup(StrEnum):
    """What the provider's list says of an attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ABSENT = "absent"  # surely not there: it may be sent again with the same reference
    UNCLEAR = "unclear"  # ask again later


class Result(StrEnum):
    """What a receipt says."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # finally failed, by the provider's own mark
    UNCERTAIN = "uncertain"  # keeps the attempt open
    READ = "read"  # delivered, and opened
    ACKNOWLEDGED = "acknowledged"  # delivered, and confirmed by the person


class Standing(StrEnum):
    """Where a message stands in a provider's own list."""

    ACCEPTED = "accepted"  # on its way, nothing final yet
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNCERTAIN = "uncertain"
    REJECTED = "rejected"  # listed, but refused at the request


class InboundKind(StrEnum):
    """What a customer's side of a chat tells us."""

    MESSAGE = "message"
    REFERENCE = "reference"
    EXPIRED_SESSION = "expired_session"


class Inspection(StrEnum):
    """Where a template stands in the messenger's review."""

    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewAction(StrEnum):
    """What a provider's API may offer for a registered template."""

    EDIT = "edit"  # another wording under the same code, reviewed again
    WITHDRAW = "withdraw"  # take back a request for review
    COMMENT = "comment"
    STOP = "stop"
    RESUME = "resume"
    RELEASE = "release"  # wake a dormant one
    DELETE = "delete"


class CommentKind(StrEnum):
    """Who says what in a review; Kakao's INQ, REP, APR, REJ, REQ."""

    QUESTION = "question"
    ANSWER = "answer"
    APPROVED = "approved"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"


class PictureUse(StrEnum):
    """Where a picture is shown; each has its own measures."""

    IMAGE = "image"  # of an Alimtalk notice, 2:1
    THUMBNAIL = "thumbnail"  # of a highlight, 1:1
    MMS = "mms"

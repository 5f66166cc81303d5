"""상담톡, 1:1 consultation in KakaoTalk, through a hub that speaks the first generation (/v1).

Sources: mbi-developer-center.happytalk.io, "send_chat", "end_of_counseling", "kakao_meta_data";
result codes of the same platform family: github.com/lunasoft-org/kakao-bzm, alimtalk-api.md
(2025-12). The hub's full code table is not public, and neither is what it answers to a serial
number it has seen: so the route is Blind.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from channels.codes import kakao
from channels.codes.meaning import Place, Table, meanings
from channels.contract import (
    Answer,
    BadCallback,
    Call,
    Callback,
    Idempotency,
    Inbound,
    Outcome,
    Route,
)
from channels.transport import Reply, Trouble, deadline_in, judge, post, read, with_evidence
from channels.vocabulary import IdempotencyClass, InboundKind, Level, Reason, Verdict

ROUTES: Mapping[str, Route] = {
    "chat": Route(
        "chat",
        1,
        frozenset(),
        Idempotency(IdempotencyClass.BLIND),
        frozenset({Level.ACCEPTED}),
        receipts=False,
    )
}

SUCCESS = frozenset({"0", "0000"})
REASONS: Mapping[str, tuple[Verdict, Reason]] = {
    "-501": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1003": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1006": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1007": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1012": (Verdict.REJECTED, Reason.BAD_ADDRESS),
    "1021": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1022": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1023": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1024": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1025": (Verdict.REJECTED, Reason.SENDER_STATE),
    "3012": (Verdict.UNKNOWN, Reason.DUPLICATE),
    "3013": (Verdict.REJECTED, Reason.REQUEST_REFUSED),
    "3014": (Verdict.REJECTED, Reason.TOO_LONG),
    "3026": (Verdict.REJECTED, Reason.REQUEST_REFUSED),
    "4000": (Verdict.UNKNOWN, Reason.UNCERTAIN),
}

# in words; the numbers below 4000 are Kakao's own, with the same meaning but for these
_WORDS = {
    **{code: (meaning.ko, meaning.en) for code, meaning in kakao.RESULTS.items()},
    "0": ("보냄", "sent"),
    "0000": ("보냄", "sent"),
    "-501": ("맞지 않는 발신프로필", "the sender profile is not valid"),
    "1012": ("맞지 않는 고객 키", "the customer's key is not valid"),
}
_REASONS = {
    **dict.fromkeys(sorted(SUCCESS)),
    **{code: reason for code, (_, reason) in REASONS.items()},
}
CODES: Table = {Place.CHAT_ANSWER: meanings(_REASONS, {code: _WORDS[code] for code in _REASONS})}

PATIENCE_S = 15.0
LONGEST_KEY = 40  # sender_key is text(40), user_key text(20)


@dataclass(frozen=True, slots=True)
class Config:
    """The hub's address and keys; ``no_session_codes`` are the hub's own, by contract."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    hub_url: str
    no_session_codes: frozenset[str] = frozenset()

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """``no_session_codes`` is a comma list. Raises KeyError for a missing credential."""
        codes = credentials.get("no_session_codes", "").split(",")
        return cls(
            credentials["client_id"],
            credentials["client_secret"],
            (base_url or credentials["hub_url"]).rstrip("/"),
            frozenset(code.strip() for code in codes if code.strip()),
        )


class Consult:
    """One account at a consultation hub."""

    name = "consult"
    routes: Mapping[str, Route] = ROUTES

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client

    def __repr__(self) -> str:
        return "Consult()"

    async def send(self, call: Call) -> Answer:
        """Write one text into an open chat."""
        if not call.messages:
            return Answer(())
        (message,) = call.messages
        form = {
            "user_key": message.to,
            "sender_key": message.sender,
            "serial_number": message.ref,
            "message_type": "TX",
            "message": message.text,
        }
        answer = await self._post("/v1/chat/write", form, call.deadline)
        return with_evidence((self._outcome(message.ref, answer, call.now),), answer)

    async def end(self, sender: str, user_key: str) -> Outcome:
        """Close the customer's chat; ``ref`` of the outcome is empty."""
        form = {"user_key": user_key, "sender_key": sender}
        answer = await self._post("/v1/chat/end", form, deadline_in(PATIENCE_S))
        return self._outcome("", answer, None)

    def verify(self, callback: Callback) -> None:
        """The hub signs nothing: the secret path guards, and the body must look like its own."""
        _event(callback)

    def parse(self, callback: Callback) -> Sequence[Inbound]:
        """The one event of a callback."""
        kind, event = _event(callback)
        reference = event.get("reference")
        last = event.get("last_reference")
        return [
            Inbound(
                kind,
                sender=event["sender_key"],
                user_key=event["user_key"],
                dedupe_key=_dedupe_key(kind, event),
                session_id=_words(event.get("session_id")),
                content_type=_words(event.get("type")),
                text=_words(event.get("content")) if event.get("type") in (None, "text") else "",
                token=_extra(reference) or _words(event.get("extra")),
                last_token=_extra(last),
                serial=_words(event.get("serial_number")),
                at=_moment(event.get("time")),
                content=event,
            )
        ]

    async def _post(self, path: str, form: Mapping[str, str], deadline: float) -> Reply | Trouble:
        headers = {
            "HT-Client-Id": self._config.client_id,
            "HT-Client-Secret": self._config.client_secret,
        }
        return await post(self._client, self._config.hub_url + path, form, headers, deadline)

    def _outcome(self, ref: str, answer: Reply | Trouble, now: datetime | None) -> Outcome:
        body = read(answer)
        code = _words(body.get("code")) if isinstance(body, Mapping) else ""
        if not isinstance(body, Mapping) or not code:
            judged = judge(answer, now)
            return Outcome(
                ref, judged.verdict, judged.reason, judged.code, retry_after_s=judged.retry_after_s
            )
        if code in SUCCESS:
            return Outcome(ref, Verdict.ACCEPTED, code=code)
        text = _words(body.get("message"))
        if code in self._config.no_session_codes:
            return Outcome(ref, Verdict.REJECTED, Reason.NO_CHAT_SESSION, code, text)
        verdict, reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))
        return Outcome(ref, verdict, reason, code, text)


def _event(callback: Callback) -> tuple[InboundKind, dict[str, Any]]:
    try:
        kind = InboundKind(callback.kind)
        event = orjson.loads(callback.body)
    except ValueError as error:
        raise BadCallback("no event of a consultation hub") from error
    if not isinstance(event, dict) or not _is_key(event.get("sender_key")):
        raise BadCallback("no sender_key")
    if not _is_key(event.get("user_key")):
        raise BadCallback("no user_key")
    return kind, event


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and value.isprintable()


def _extra(reference: Any) -> str:
    return _words(reference.get("extra")) if isinstance(reference, Mapping) else ""


def _words(value: Any) -> str:
    """Text, or a whole number as its digits: hubs write codes and ids both ways."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    digits = _words(int(value) if isinstance(value, float) and value.is_integer() else value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return None
    try:
        return datetime.fromtimestamp(int(digits) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _dedupe_key(kind: InboundKind, event: Mapping[str, Any]) -> str:
    """The same for the same event delivered twice; its first word says what it rests on.

    ``serial``: the hub's own number. ``event``: a body with its time. ``body``: a body that
    carries neither, so that two equal texts of one customer look alike; it is trustworthy only
    for a short while after the first.
    """
    who = (kind, event["sender_key"], event["user_key"])
    serial = _words(event.get("serial_number"))
    if serial:
        return f"serial:{_digest(*who, serial)}"
    timed = "event" if _moment(event.get("time")) else "body"
    try:
        canonical = orjson.dumps(event, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:  # nested deeper than anything a hub would send
        raise BadCallback("nested too deeply") from error
    return f"{timed}:{_digest(*who, _words(event.get('session_id')), canonical)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

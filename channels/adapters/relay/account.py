"""What an account at a relay is told, what its routes are, and what the relay's words mean.

Source: docs/relay.md, version 1 (2026-11), which is Naru's own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from channels.contract import Idempotency, Route
from channels.vocabulary import IdempotencyClass, Level, Reason, Verdict

BATCH = 1_000
DAY_S = 86_400.0
LONGEST_S = 30 * DAY_S


def _route(name: str, same: frozenset[str]) -> Route:
    return Route(
        name,
        BATCH,
        same,
        Idempotency(IdempotencyClass.BLIND),
        frozenset({Level.ACCEPTED, Level.DELIVERED}),
    )


# the class is the account's: these are the routes of one that promises nothing
ROUTES: Mapping[str, Route] = {
    name: _route(name, frozenset()) for name in ("alimtalk", "sms", "lms")
}

DUPLICATE = "duplicate"
_REFUSALS = (
    Reason.NOT_REACHABLE,
    Reason.OPTED_OUT,
    Reason.BAD_ADDRESS,
    Reason.PHONE_OFF,
    Reason.TEMPLATE_MISMATCH,
    Reason.TEMPLATE_STATE,
    Reason.TOO_LONG,
    Reason.CONTENT_REFUSED,
    Reason.SENDER_STATE,
    Reason.OUTSIDE_HOURS,
    Reason.QUOTA,
    Reason.EXPIRED,
    Reason.CANCELLED,
    Reason.REQUEST_REFUSED,
)
REASONS: Mapping[str, tuple[Verdict, Reason]] = {
    **{str(reason): (Verdict.REJECTED, reason) for reason in _REFUSALS},
    "throttled": (Verdict.DEFERRED, Reason.THROTTLED),
    "provider_down": (Verdict.DEFERRED, Reason.PROVIDER_DOWN),
    "misconfigured": (Verdict.DEFERRED, Reason.MISCONFIGURED),
}


@dataclass(frozen=True, slots=True)
class Config:
    """The relay's address, keys, and the promise it makes about repeated references."""

    url: str
    key: str = field(repr=False)
    signing_secret: str = field(repr=False)
    idempotency: Idempotency
    levels: frozenset[Level] = frozenset({Level.ACCEPTED, Level.DELIVERED})
    clock: Callable[[], float] = time.time  # seconds since 1970, for the age of callbacks

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """Raises KeyError for a missing credential, ValueError with the name of a wrong one."""
        return cls(
            (base_url or credentials["relay_url"]).rstrip("/"),
            credentials["key"],
            credentials["signing_secret"],
            _promise(credentials),
            _levels(credentials),
        )

    def routes(self) -> Mapping[str, Route]:
        """The routes with the class this relay promises, and how far it reports."""
        return {
            name: replace(route, idempotency=self.idempotency, levels=self.levels)
            for name, route in ROUTES.items()
        }


def _levels(credentials: Mapping[str, str]) -> frozenset[Level]:
    """Everything up to the level the relay reports."""
    order = (Level.ACCEPTED, Level.DELIVERED, Level.READ, Level.ACKNOWLEDGED)
    try:
        furthest = order.index(Level(credentials.get("level", Level.DELIVERED)))
    except ValueError:
        raise ValueError("level") from None
    return frozenset(order[: furthest + 1])


def _promise(credentials: Mapping[str, str]) -> Idempotency:
    try:
        kind = IdempotencyClass(credentials.get("idempotency", IdempotencyClass.BLIND))
    except ValueError:
        raise ValueError("idempotency") from None
    if kind is IdempotencyClass.DEDUPE:
        return Idempotency(kind, ttl_s=_seconds(credentials, "dedupe_ttl_s", ""))
    if kind is IdempotencyClass.WINDOW_LOOK_UP:
        return Idempotency(kind, window_s=_seconds(credentials, "window_s", "60"))
    return Idempotency(kind)


def _seconds(credentials: Mapping[str, str], name: str, otherwise: str) -> float:
    text = credentials.get(name, otherwise)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_S):
        raise ValueError(name)
    return float(text[:9])

"""How long it took: from a start to the first new send, from unknown to resolved."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIRST_SEND_S, RESOLVED_S = 5.0, 30.0  # what p95 and p99 may be
ENDS = ("accepted", "rejected", "delivered", "undelivered", "uncertain")
AGAIN = ("absent", "repeated", "resent")


@dataclass(frozen=True)
class Said:
    """One event of an attempt, as the timeline has it."""

    message: str
    step: int
    kind: str  # without "attempt."
    at: float  # seconds since 1970
    looked_up: bool = False  # the provider's list said so


def sendable(
    due: Mapping[str, float], sent: Mapping[str, float], events: Iterable[Said]
) -> dict[str, float]:
    """The time each order could be sent from: not while its fate was unknown (rule R4)."""
    free = dict(due)
    for event in events:
        order = event.message
        if event.at > sent.get(order, math.inf) or order not in free:
            continue  # of a later try
        if event.kind == "unknown":
            free[order] = math.inf
        elif event.kind in AGAIN:
            free[order] = event.at
    return {order: at for order, at in free.items() if at < math.inf}


def first_send_s(
    starts: Iterable[float], due: Mapping[str, float], sent: Mapping[str, float]
) -> list[float]:
    """For each start: seconds until the next send, from when there was something to send.

    ``due`` gives the time each order could be sent from, ``sent`` that of its first arrival at the
    provider.
    """
    sends = sorted(sent.values())
    waits = []
    for start in starts:
        after = bisect_right(sends, start)
        waiting = [at for order, at in due.items() if sent.get(order, math.inf) > start]
        if after < len(sends) and waiting:
            waits.append(max(0.0, sends[after] - max(start, min(waiting))))
    return waits


def resolved_s(events: Sequence[Said], settle_s: float) -> list[float]:
    """For each time an attempt became unknown and stopped being so: seconds beyond its window.

    ``events`` in the order they were written.
    """
    since: dict[tuple[str, int], float] = {}
    waits = []
    for event in events:
        attempt = (event.message, event.step)
        if event.kind == "unknown":
            since.setdefault(attempt, event.at)
        elif event.kind in (*ENDS, *AGAIN) and attempt in since:
            waits.append(max(0.0, event.at - since.pop(attempt) - settle_s))
    return waits


def resolved(events: Sequence[Said]) -> int:
    """How many attempts were unknown once and found a definite end."""
    last = {(event.message, event.step): event.kind for event in events}
    once = {(event.message, event.step) for event in events if event.kind == "unknown"}
    return sum(last[attempt] in (*ENDS, "no_report") for attempt in once)


def percentile(figures: Sequence[float], share: float) -> float | None:
    """The smallest figure that at least this share of them does not exceed."""
    if not figures:
        return None
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

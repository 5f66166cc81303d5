"""Whether what was expected has come: counters against bounds, without looking through messages."""

from dataclasses import dataclass
from typing import Literal

from sandbox.scenarios.shape import Expect
from sandbox.store import Store
from sandbox.tally import Tally

State = Literal["waiting", "ok", "bad"]
# these only ever grow, so a share that is too high already will not become right
GROWING = ("accepted", "arrived", "arrived_chat", "arrived_sms", "doubled", "receipts_given_up")
ACCEPTED = Expect.model_validate({"what": "accepted", "is": 1})


@dataclass(frozen=True, slots=True)
class Check:
    """found: a share, None while it cannot be told. n: what was counted."""

    what: str
    wanted: dict[str, float | tuple[float, float]]
    found: float | None
    n: int | None
    state: State


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a run so far. count: how many references were to come."""

    count: int
    found: dict[str, int]
    quiet: bool


def count_up(store: Store, tally: Tally, count: int, given_up: int, quiet: bool) -> Counts:
    """given_up: how many receipts had been given up before the run. quiet: nothing is under way."""
    pending = store.number("SELECT count(*) FROM outbox WHERE kind <> 'consult'")
    lost = store.number("SELECT value FROM counter WHERE name = 'webhooks given up'")
    found = {
        "accepted": tally.accepted,
        "arrived": tally.arrived,
        "arrived_chat": tally.arrived_chat,
        "arrived_sms": tally.arrived_sms,
        "failed": tally.failed,
        "held": tally.held,
        "doubled": tally.doubled,
        "lost": tally.open,
        "receipts_pending": pending,
        "receipts_given_up": max(0, lost - given_up),
    }
    return Counts(count, found, quiet)


def check(expect: Expect, counts: Counts, final: bool) -> Check:
    """`final`: nothing more will come, so what is not as expected is bad."""
    n = counts.found[expect.what]
    whole = counts.count if expect.what == "accepted" else counts.found["accepted"]
    if expect.what == "lost" and not (counts.quiet or final):
        return Check(expect.what, expect.wanted, None, None, "waiting")
    share = n / whole if whole else None
    state = _state(expect, n, counts, final)
    return Check(expect.what, expect.wanted, None if share is None else round(share, 6), n, state)


def _state(expect: Expect, n: int, counts: Counts, final: bool) -> State:
    """Within half a message of a bound is on it."""
    whole = counts.count if expect.what == "accepted" else counts.found["accepted"]
    to_come = max(counts.count, counts.found["accepted"])
    if expect.what in GROWING and n >= expect.most * to_come + 0.5:
        return "bad"
    if whole and (final or counts.quiet):
        fits = expect.least * whole - 0.5 < n < expect.most * whole + 0.5
        return "ok" if fits else "bad" if final else "waiting"
    return "bad" if final else "waiting"


def all_checks(expects: tuple[Expect, ...], counts: Counts, final: bool) -> list[Check]:
    """Those of the scenario; first, unless it says so itself, that everything was accepted once."""
    named = any(one.what == "accepted" for one in expects)
    return [check(one, counts, final) for one in (*(() if named else (ACCEPTED,)), *expects)]

"""Exhaustive model of the delivery protocol: one message, one provider, an SMS to fall back on.

Every interleaving of two workers, kills at any point, expired leases, lost answers, late requests
and a provider that accepts or refuses is explored within the bounds below. The faults looked for:
the customer gets the message `twice` on the messenger, gets it on `both` messenger and SMS, a
`false accept` is recorded for something never delivered, or a state is `stuck` (no path to an end).

`python -m tests.model.delivery NAME` prints the table, with a shortest trace to each fault of the
variants so named. Looking up by a time window instead of a reference is not modelled.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CRASHES, EXPIRIES, TRIES = 2, 2, 3  # bounds of the exploration
FAULTS = ("twice", "both", "false accept", "stuck")


@dataclass(frozen=True)
class Protocol:
    """One way of writing the engine against one kind of provider."""

    dedupe: bool = False  # the provider refuses a reference it knows
    forgets: bool = False  # ... but only for a while; look-up keeps working
    burns: bool = False  # ... and a refused request burns its key too
    lag: bool = False  # the provider's list lags, and the settle window ignores that
    lookup: bool = False  # the provider can be asked for a reference
    commit_first: bool = True  # the attempt row is committed before a byte leaves
    lease_guard: bool = True  # a worker sends only while its own lease holds
    atomic_guard: bool = True  # ... and nothing can stop it between that check and the write
    settle: bool = True  # recovery waits until no earlier request can still arrive
    same_ref: bool = True  # a retry carries the same reference
    fence: bool = True  # a result is written only under the current fence
    on_unknown: str = "resolve"  # resolve | resend | hold | fall_back


@dataclass(frozen=True)
class Worker:
    """What one worker holds in memory."""

    stage: str = "idle"  # idle, claimed, checked, waiting, accepted, rejected, timed_out
    fence: int = 0
    ref: int = 0


@dataclass(frozen=True)
class State:
    """The row, the workers, the wire, the provider and the customer's phone."""

    row: str = "queued"  # queued, leased, unknown, accepted, rejected, fallen
    fence: int = 0
    ref: int = 1
    workers: tuple[Worker, ...] = (Worker(), Worker())
    wire: tuple[int, ...] = ()  # references of requests still travelling
    known: frozenset[int] = frozenset()  # references the provider delivered, as a look-up tells
    refused: frozenset[int] = frozenset()  # references it refused, as a look-up tells
    listed: frozenset[int] = frozenset()  # those of the two that its list shows already
    keys: frozenset[int] = frozenset()  # references it would refuse as duplicates
    phone: int = 0  # how often the customer got it on the messenger
    sms: int = 0  # how often by SMS
    crashes: int = 0
    expiries: int = 0
    tries: int = 0

    def having(self, i: int, worker: Worker) -> State:
        """Give the same state with another worker in place i."""
        workers = list(self.workers)
        workers[i] = worker
        return replace(self, workers=tuple(workers))


Step = tuple[str, State]  # what happens, and the state after it


def steps(p: Protocol, s: State) -> Iterator[Step]:
    """List everything that may happen in a state."""
    for i, worker in enumerate(s.workers):
        yield from sending(p, s, i, worker)
        yield from recording(p, s, i, worker)
    yield from expiring(s)
    for k in range(len(s.wire)):
        yield from arriving(p, s, k)
    if p.forgets and s.keys:
        yield "provider forgets the key", replace(s, keys=frozenset())
    if p.lag and s.listed != s.known | s.refused:
        yield "the provider's list catches up", replace(s, listed=s.known | s.refused)
    yield from recovering(p, s)


def sending(p: Protocol, s: State, i: int, w: Worker) -> Iterator[Step]:
    """Claim, check the lease, write the request."""
    written = replace(s.having(i, replace(w, stage="waiting")), wire=(*s.wire, w.ref))
    if w.stage == "idle" and s.row == "queued" and s.tries < TRIES:
        fence = s.fence + 1
        row = "leased" if p.commit_first else "queued"
        held = s.having(i, Worker("claimed", fence, s.ref))
        yield f"worker {i} claims", replace(held, row=row, fence=fence, tries=s.tries + 1)
    elif w.stage == "claimed":
        if p.lease_guard and p.commit_first and not holds(s, w):
            yield f"worker {i} gives up: lease lost", s.having(i, Worker())
        elif p.atomic_guard:
            yield f"worker {i} sends", written
        else:
            yield f"worker {i} checks its lease", s.having(i, replace(w, stage="checked"))
    elif w.stage == "checked":
        yield f"worker {i} sends", written


def recording(p: Protocol, s: State, i: int, w: Worker) -> Iterator[Step]:
    """Time out, write the outcome down, or be killed."""
    free = s.having(i, Worker())
    may_write = holds(s, w) or not p.fence or not p.commit_first
    if w.stage == "waiting":
        yield f"worker {i} times out", s.having(i, replace(w, stage="timed_out"))
    if w.stage in ("accepted", "rejected"):
        yield f"worker {i} records {w.stage}", replace(free, row=w.stage if may_write else s.row)
    if w.stage == "timed_out":
        open_row = may_write and s.row in ("leased", "queued")
        yield f"worker {i} records unknown", replace(free, row="unknown" if open_row else s.row)
    if w.stage != "idle" and s.crashes < CRASHES:
        yield f"worker {i} is killed", replace(free, crashes=s.crashes + 1)


def holds(s: State, w: Worker) -> bool:
    """Whether the row is leased to this worker's claim."""
    return s.row == "leased" and s.fence == w.fence


def expiring(s: State) -> Iterator[Step]:
    """A lease runs out: now and then under a living worker, always under a dead one."""
    if s.row != "leased":
        return
    if s.expiries < EXPIRIES:
        yield "lease expires", replace(s, row="unknown", expiries=s.expiries + 1)
    elif all(w.fence != s.fence or w.stage == "idle" for w in s.workers):
        yield "lease of a dead worker expires", replace(s, row="unknown")


def arriving(p: Protocol, s: State, k: int) -> Iterator[Step]:
    """A request reaches the provider; its answer reaches the worker, or nobody."""
    ref = s.wire[k]
    gone = replace(s, wire=s.wire[:k] + s.wire[k + 1 :])
    if p.dedupe and ref in s.keys:
        ends = [("accepted", "knows it already", gone)]
    else:
        keys = s.keys | {ref}
        took = replace(gone, known=s.known | {ref}, keys=keys, phone=s.phone + 1)
        no = replace(gone, refused=s.refused | {ref}, keys=keys if p.burns else s.keys)
        ends = [("accepted", "takes it", took), ("rejected", "refuses it", no)]
    for verdict, does, done in ends:
        yield f"provider {does}, answer lost", done
        for i, w in enumerate(s.workers):
            if w.stage == "waiting" and w.ref == ref:
                heard = done.having(i, replace(w, stage=verdict))
                yield f"provider {does}, worker {i} hears", heard


def recovering(p: Protocol, s: State) -> Iterator[Step]:
    """The next step of the plan after a refusal, or whatever the protocol does with `unknown`."""
    if s.row == "rejected":
        yield "SMS goes out instead", replace(s, row="fallen", sms=s.sms + 1)
    if s.row != "unknown":
        return
    again = replace(s, row="queued", ref=s.ref if p.same_ref else s.ref + 1)
    quiet = not p.settle or not s.wire
    if p.on_unknown == "fall_back":
        yield "SMS goes out on unknown", replace(s, row="fallen", sms=s.sms + 1)
    elif p.on_unknown == "resend":
        yield "recovery requeues", again
    elif p.on_unknown == "resolve" and quiet and p.lookup:
        yield looked_up(p, s, again)
    elif p.on_unknown == "resolve" and quiet and p.dedupe:
        yield "recovery requeues", again


def looked_up(p: Protocol, s: State, again: State) -> Step:
    """Ask the provider for the reference."""
    shown = s.listed if p.lag else s.known | s.refused
    if s.ref in s.known & shown:
        return "look-up says delivered", replace(s, row="accepted")
    if s.ref in s.refused & shown:
        return "look-up says refused", replace(s, row="rejected")
    return "look-up says no", again


@dataclass(frozen=True)
class Explored:
    """All reachable states with the way to each, and a nearest state for each fault found."""

    came: dict[State, tuple[State, str] | None]
    found: dict[str, State]

    def trace(self, fault: str) -> list[str]:
        """Give the shortest way to a fault, step by step."""
        out: list[str] = []
        way = self.came[self.found[fault]]
        while way is not None:
            out.append(way[1])
            way = self.came[way[0]]
        return out[::-1]


def explore(p: Protocol) -> Explored:
    """Visit every reachable state, nearest first."""
    came: dict[State, tuple[State, str] | None] = {State(): None}
    back: dict[State, list[State]] = {}
    found: dict[str, State] = {}
    todo = deque(came)
    while todo:
        s = todo.popleft()
        for fault in faults(s):
            found.setdefault(fault, s)
        for label, following in steps(p, s):
            back.setdefault(following, []).append(s)
            if following not in came:
                came[following] = (s, label)
                todo.append(following)
    alive = leading_to_an_end(came, back)
    # a try budget used up by repeated kills is a bound of this check, not a fault
    stuck = next((s for s in came if s not in alive and s.tries < TRIES), None)
    if stuck is not None:
        found["stuck"] = stuck
    return Explored(came, found)


def faults(s: State) -> Iterator[str]:
    """List what is wrong in a state."""
    if s.phone > 1:
        yield "twice"
    if s.phone and s.sms:
        yield "both"
    if s.row == "accepted" and s.phone == 0:
        yield "false accept"


def leading_to_an_end(
    came: dict[State, tuple[State, str] | None], back: dict[State, list[State]]
) -> set[State]:
    """Collect the states from which an end can be reached."""
    good = deque(s for s in came if s.row in ("accepted", "fallen"))
    alive = set(good)
    while good:
        for previous in back.get(good.popleft(), []):
            if previous not in alive:
                alive.add(previous)
                good.append(previous)
    return alive


DEDUPE, LOOK_UP, BLIND = Protocol(dedupe=True), Protocol(lookup=True), Protocol(on_unknown="hold")
VARIANTS = {
    "Dedupe, all rules": DEDUPE,
    "Dedupe without the settle window (R4)": replace(DEDUPE, settle=False),
    "Dedupe without the lease guard (R3)": replace(DEDUPE, lease_guard=False),
    "Dedupe without the fence (R5)": replace(DEDUPE, fence=False),
    "Dedupe with a new reference on retry (R2)": replace(DEDUPE, same_ref=False),
    "Dedupe, the provider forgets the key (ttl)": replace(DEDUPE, forgets=True),
    "Dedupe, looks up once past the ttl (R6)": replace(DEDUPE, forgets=True, lookup=True),
    "Dedupe, a refusal burns the key (R6)": replace(DEDUPE, burns=True),
    "LookUp, all rules": LOOK_UP,
    "LookUp without the settle window (R4)": replace(LOOK_UP, settle=False),
    "LookUp with a list that lags behind the window (R4)": replace(LOOK_UP, lag=True),
    "LookUp without the lease guard (R3)": replace(LOOK_UP, lease_guard=False),
    "LookUp, row committed after sending (R1)": replace(LOOK_UP, commit_first=False),
    "LookUp without the fence": replace(LOOK_UP, fence=False),
    "Blind, hold": BLIND,
    "Blind, resend": replace(BLIND, on_unknown="resend"),
    "Blind, fall_back": replace(BLIND, on_unknown="fall_back"),
    "naive: requeue what is unfinished": Protocol(
        on_unknown="resend", lease_guard=False, fence=False
    ),
    "Dedupe, frozen between lease check and write": replace(DEDUPE, atomic_guard=False),
    "LookUp, frozen between lease check and write": replace(LOOK_UP, atomic_guard=False),
}  # fmt: skip


def main(wanted: str) -> None:
    """Print the table, with traces for the variants whose name holds the wanted words."""
    lines = []
    for name, protocol in VARIANTS.items():
        seen = explore(protocol)
        marks = "".join(f"{'YES' if fault in seen.found else 'no':<14}" for fault in FAULTS)
        lines.append(f"{name:<54}{len(seen.came):>8}  {marks}")
        if wanted and wanted in name:
            lines += [f"  {fault}: {' -> '.join(seen.trace(fault))}" for fault in seen.found]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))

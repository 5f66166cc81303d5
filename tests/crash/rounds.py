"""One round: a fresh installation, its kills, the wait until everything ended, the judgement."""

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash import recovery
from tests.crash.installation import SETTLE_S, Variant
from tests.crash.killer import ANSWER_S, Killer
from tests.crash.ledger import Evidence, Judgement, Rule, judge
from tests.crash.nursery import Nursery
from tests.crash.plan import draw
from tests.crash.sender import Sender
from tests.crash.witness import Witness, count
from tests.journeys.town import Town, approve, town
from tests.needs import fresh_database

STUCK_S = 40.0  # nothing moved for so long: what is open now stays open
QUIET_S = SETTLE_S + 2.0  # what is still unknown then was not found by a late receipt either
FREEZES = 30  # kills of a round that has time for a freeze


@dataclass(frozen=True)
class Round:
    """What one round found."""

    variant: Variant
    seed: int
    seconds: float
    kills: dict[str, int]  # by who and how
    judgement: Judgement
    resolved: int  # attempts that were unknown and found a definite end
    met: dict[str, int]  # what the kills met and what recovery did about it
    first_send_s: list[float] = field(default_factory=list)
    resolved_s: list[float] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All kills."""
        return sum(self.kills.values())

    def broken(self) -> list[str]:
        """Why this round is no success, in words."""
        wanted = ["open calls", "unknown"]
        if self.variant.kind == "look_up":
            wanted.append("found")
        if self.variant.kind != "blind_hold":
            wanted.append("sent again")
        idle = [f"tested nothing: {name} = 0" for name in wanted if not self.met[name]]
        return [*self.judgement.broken(self.variant.rule), *idle]


async def run(variant: Variant, kills: int, seed: int, nursery: Nursery) -> Round:
    """One round of so many kills. Raises AssertionError when a process ended by itself."""
    began, dice = time.monotonic(), random.Random(seed)
    freezes = kills >= FREEZES and variant.rule is Rule.RESOLVED
    async with _place(variant) as (place, start_s), _witness(place) as witness:
        sender = Sender(place, variant.template()["code"], dice)
        killer = Killer(place, nursery, sender, witness, start_s)
        async with _sending(sender):
            await killer.all(*draw(kills, dice, freezes=freezes))
            await sender.all_heard()
        await all_ended(place, witness)
        return await _found(variant, seed, time.monotonic() - began, (sender, killer, witness))


@asynccontextmanager
async def _place(variant: Variant) -> AsyncIterator[tuple[Town, float]]:
    """A town with fresh stores, its template approved, its scheduler gone again.

    With it: how long a scheduler took on this machine until it worked.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="naru-crash-")))
        url = stack.enter_context(fresh_database()) if variant.database == "postgres" else ""
        async with town(folder, database_url=url, settle_in=variant.settle_in) as place:
            started = time.monotonic()
            await approve(place, variant.template())
            place.kill("scheduler")
            await place.desk("PATCH", "/settings", json={"answer_delay_s": ANSWER_S})
            yield place, time.monotonic() - started


@asynccontextmanager
async def _witness(place: Town) -> AsyncIterator[Witness]:
    witness = Witness(place)
    try:
        yield witness
    finally:
        await witness.close()


@asynccontextmanager
async def _sending(sender: Sender) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sender.run())
        yield
        task.cancel()


async def all_ended(place: Town, witness: Witness) -> None:
    """Switch phones on until nothing moves any more: all ended, or what is open stays open."""
    last: tuple[Any, ...] = ()
    moved = time.monotonic()
    while True:
        await place.desk("POST", "/phones/on")  # also those whose notice left only now
        states = await witness.open_messages()
        now = (tuple(sorted(states.items())), witness.taken(), witness.undecided())
        if now != last:
            last, moved = now, time.monotonic()
        only_unknown = not set(states) - {"unknown"} and not witness.undecided()
        quiet = time.monotonic() - moved
        if not states or quiet > (QUIET_S if only_unknown else STUCK_S):
            return
        await asyncio.sleep(0.2)


async def _found(
    variant: Variant, seed: int, seconds: float, parts: tuple[Sender, Killer, Witness]
) -> Round:
    sender, killer, witness = parts
    messages = await witness.messages()
    states: dict[str, list[str]] = {}
    for order, status, _ in messages:
        states.setdefault(order, []).append(status)
    said = await witness.attempts()
    told = frozenset(one.message for one in said if one.kind == "resent")
    evidence = Evidence(sender.accepted, await witness.arrived(), states, told)
    due, sent = {order: at for order, _, at in messages}, witness.sent_at()
    sendable = recovery.sendable(due, sent, said)
    return Round(
        variant=variant,
        seed=seed,
        seconds=round(seconds, 1),
        kills=dict(sorted(killer.kills.items())),
        judgement=judge(evidence),
        resolved=recovery.resolved(said),
        met={
            "open calls": killer.left_open,
            "unknown": count(said, "unknown"),
            "found": count(said, "accepted", looked_up=True),
            "sent again": sum(count(said, kind) for kind in ("absent", "repeated", "resent")),
            "heard again": sender.replayed,
        },
        first_send_s=recovery.first_send_s(killer.starts, sendable, sent),
        resolved_s=recovery.resolved_s(said, SETTLE_S),
    )

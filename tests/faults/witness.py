"""A provider whose ledger outlives the process that calls it, and processes that die.

What it took is a line in a file, appended before it answers: the test and the processes it kills
speak to the same provider.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.config import Settings
from channels.contract import Answer, Call, Callback, Found, Inbound, Outcome, Receipt, Tried
from channels.vocabulary import Lookup, Reason, Result, Verdict
from tests.engine import Provider

SOURCES = Path(__file__).parents[2]


@dataclass
class Witness(Provider):
    """The scripted provider of the engine, with its ledger in a file."""

    ledger: Path = field(default_factory=Path)
    wait_s: float = 0.0  # between taking a request and answering it

    async def send(self, call: Call) -> Answer:
        """Take the messages, write them down, answer later."""
        self.read()
        answer = await super().send(call)
        rows = zip(call.messages, answer.outcomes, strict=True)
        lines = [f"{o.verdict} {m.ref} {m.to} {call.route}\n" for m, o in rows]
        with self.ledger.open("a", encoding="utf-8") as file:
            file.writelines(lines)
        await asyncio.sleep(self.wait_s)
        return answer

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """What its list says, refusals too."""
        self.read()
        found = await super().look_up(tried, now)
        return [
            Found(f.ref, Lookup.REFUSED, reason=Reason.NOT_REACHABLE, code="3018")
            if f.ref in self.refused
            else f
            for f in found
        ]

    def parse(self, callback: Callback) -> Sequence[Receipt | Inbound]:
        """Its callbacks are a reference: that message was delivered."""
        return [Receipt(Result.DELIVERED, ref=callback.body.decode())]

    def read(self) -> "Witness":
        """Count what all processes have sent."""
        self.taken.clear()
        self.people.clear()
        self.refused.clear()
        text = self.ledger.read_text("utf-8") if self.ledger.exists() else ""
        for line in text.splitlines():
            verdict, ref, to, _ = line.split()
            if verdict == Verdict.ACCEPTED:
                self.taken[ref] += 1
                self.people[to] += 1
            elif verdict == Verdict.REJECTED:
                self.refused.add(ref)
        return self


def refuses_notices(ref: str, to: str) -> Outcome:
    """Nobody is at the messenger."""
    return Outcome(ref, Verdict.REJECTED, Reason.NOT_REACHABLE, "3018")


ANSWERS: dict[str, Callable[[str, str], Outcome]] = {
    "accepts": lambda ref, to: Outcome(ref, Verdict.ACCEPTED),
    "refuses": refuses_notices,
}


async def start(
    settings: Settings, scene: str, *words: str, out: int | None = None, crash_at: str = ""
) -> asyncio.subprocess.Process:
    """A process of its own that plays a scene of ``tests.faults.child`` on the same store."""
    command = (sys.executable, "-m", "tests.faults.child", scene, *words)
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=SOURCES,
        stdout=out,
        env={
            **os.environ,
            "NARU_DATA": str(settings.data),
            "NARU_DATABASE_URL": settings.database_url,
            "NARU_CRASH_AT": crash_at,
        },
    )


def ledger_of(settings: Settings) -> Path:
    """Where the provider of this store keeps its books."""
    return settings.data / "ledger"

"""One rehearsal: the scenario begins, its traffic leaves, the sandbox decides, both sides agree."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from app.cli.api import Problem
from app.cli.failures import Failed
from app.cli.mailing import is_passing
from app.cli.rehearsals import tallies
from app.cli.rehearsals.progress import Progress
from app.cli.rehearsals.stage import Stage
from app.cli.rehearsals.tallies import Count, Ours, Theirs
from app.cli.rehearsals.traffic import Sent, Traffic, send
from app.db.models.fields import now
from app.services.clock import KST

LOOK_S = 0.5
SELDOM = 10  # the unknown ones are asked for in a tenth of the time at most
RUN = "/desk/api/scenarios/run"
STOP = "/desk/api/scenarios/stop"
DECIDED = ("passed", "failed")
OVER = (404, 409)  # somebody else stopped it
Run = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the sandbox's run, and what both sides counted."""

    run: Run
    counts: Sequence[Count]
    twice: int  # messages Naru knows to have arrived twice

    @property
    def agreed(self) -> bool:
        """Both counted the same."""
        return all(count.same for count in self.counts)

    @property
    def passed(self) -> bool:
        """The sandbox is content, and both counted the same."""
        return self.run["state"] == "passed" and self.agreed

    def shown(self) -> dict[str, Any]:
        """For programs."""
        return {
            "scenario": self.run["name"],
            "passed": self.passed,
            "state": self.run["state"],
            "count": self.run["count"],
            "checks": self.run["checks"],
            "counts": [count.shown() for count in self.counts],
            "duplicate_delivery": self.twice,
        }


def today() -> date:
    """The Korean day it is."""
    return now().astimezone(KST).date()


class Rehearsal:
    """Plays one scenario; ``patience_s``: how long nothing may move before it gives up."""

    def __init__(self, stage: Stage, name: str, traffic: Traffic, patience_s: float) -> None:
        self._stage, self._name, self._traffic = stage, name, traffic
        self._patience_s = patience_s
        self._sent = Sent()
        self._progress = Progress(traffic.count)
        self._day = today()
        self._before = (Ours(), Theirs())
        self._unknown, self._unknown_due = "0", 0.0

    async def play(self) -> Outcome:
        """From the start to the comparison. The sandbox is given back whatever happens.

        Raises Failed, Problem, httpx.TransportError.
        """
        self._before = (
            await tallies.ours(self._stage.naru, self._day),
            await tallies.theirs(self._stage.desk),
        )
        async with self._scenario():
            sending = asyncio.ensure_future(
                send(self._stage.naru, self._traffic, self._sent, self._patience_s)
            )
            try:
                return await self._follow(sending)
            finally:
                self._progress.end()
                sending.cancel()
                with suppress(asyncio.CancelledError, Failed, Problem, httpx.TransportError):
                    await sending

    @asynccontextmanager
    async def _scenario(self) -> AsyncIterator[None]:
        """Only a scenario that we started is stopped."""
        path = f"/desk/api/scenarios/{self._name}/start"
        await self._stage.desk.ask("POST", path, {"count": self._traffic.count})
        try:
            yield
        finally:
            try:
                await self._stage.desk.ask("POST", STOP)
            except Problem as problem:
                if problem.status not in OVER:
                    raise

    async def _follow(self, sending: "asyncio.Future[None]") -> Outcome:
        """Look until it is decided and nothing moves any more, or patience is over."""
        before: object = None
        moved_at = time.monotonic()
        while True:
            if all_left := sending.done():  # before the look: what it counts must be all of it
                sending.result()
            out_of_patience = time.monotonic() - moved_at > self._patience_s
            try:
                outcome, present = await self._look()
            except (Problem, httpx.TransportError) as error:
                if out_of_patience or not is_passing(error):
                    raise
            else:
                state = outcome.run["state"]
                is_over = state in DECIDED and all_left and outcome.agreed
                if is_over or state == "stopped" or (present == before and out_of_patience):
                    return outcome
                if present != before:
                    before, moved_at = present, time.monotonic()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> tuple[Outcome, object]:
        """How it stands, and all that moves."""
        run: Run = await self._stage.desk.get(RUN)
        mine = (await tallies.ours(self._stage.naru, self._day)).since(self._before[0])
        other = (await tallies.theirs(self._stage.desk)).since(self._before[1])
        sent = self._sent.messages
        self._progress.tell(sent, mine, await self._count_unknown())
        counts = list(tallies.compare(mine, other, sent))
        return Outcome(run, counts, mine.twice), (run["state"], run["checks"], mine, other, sent)

    async def _count_unknown(self) -> str:
        """How many nobody knows the fate of, up to a page; looking for them takes its time."""
        began = time.monotonic()
        if began >= self._unknown_due:
            found = await self._stage.naru.get("/v1/messages", status="unknown", limit=100)
            self._unknown = f"{len(found['items'])}{'+' if found['next'] else ''}"
            self._unknown_due = began + SELDOM * (time.monotonic() - began)
        return self._unknown

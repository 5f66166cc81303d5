"""The killer: starts the real processes and ends them with SIGKILL where the plan says."""

import asyncio
import csv
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.crash.installation import SETTLE_S
from tests.crash.nursery import Nursery
from tests.crash.plan import Kill
from tests.crash.sender import Sender
from tests.crash.witness import Witness
from tests.journeys.town import ROOT, Process, Town, ready

STOCK = 30  # accepted before the first kill
POLL_S = 0.01
PATIENCE = 6  # starts of a scheduler: how long a point may take to be passed
TRIES = 3  # for a point that was not passed
# results come after the settle window, so that recovery has to decide; later they come at once
LATE, SOON_S = 4, 0.4  # starts of a scheduler, beside two settle windows
ANSWER_S = 0.3  # calls are open long enough to be met by a kill
LONG_ANSWER_S = 1.0  # all calls of a wave have left before one is answered
FROZEN_S, AWAKE_S = 18.0, 1.0  # lease, settle window, and two seconds to ask
BESIDE = "scheduler-2"
BYSTANDER = Kill("scheduler", busy=True, beside=True)
START_S = 300.0  # for an app, however busy the machine is
CSV_ROWS = 30
CSV_S = 600.0


class Killer:
    """Carries out the kills of a round and counts what they met."""

    def __init__(
        self, place: Town, nursery: Nursery, sender: Sender, witness: Witness, start_s: float
    ) -> None:
        """``start_s``: what a scheduler needs on this machine until it works."""
        self._place, self._nursery, self._sender, self._witness = place, nursery, sender, witness
        self._patience_s, self._late_s = PATIENCE * start_s, LATE * start_s + 2 * SETTLE_S
        self.kills: Counter[str] = Counter()  # by who and how
        self.starts: list[float] = []  # of schedulers left alive until they sent, alone
        self.left_open = 0  # most calls a kill left without an end
        self.done = 0  # kills of schedulers so far

    async def all(self, schedulers: Sequence[Kill], apps: Sequence[Kill]) -> None:
        """Both lists at the same time, the command line once; everything runs again at the end."""
        await self._results(self._late_s)
        self._sender.order(STOCK)
        await self._sender.all_heard()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kill_schedulers(schedulers))
            group.create_task(self._kill_apps(apps, len(schedulers)))
            group.create_task(self._kill_csv())

    def _start(self, name: str, kill: Kill, called: str = "") -> Process:
        """Start or fork what this kill is for."""
        armed = {"NARU_CRASH_AT": f"{kill.point}:{kill.passing}"} if kill.point else {}
        if kill.fresh:
            return self._place.start(name, called=called, **armed)
        called, environment = called or name, {**self._place.environment, **armed}
        child = self._nursery.start(name, self._place.folder / f"{called}.log", environment)
        self._place.processes[called] = child
        return child

    # ---- schedulers -----------------------------------------------------------------------

    async def _kill_schedulers(self, kills: Sequence[Kill]) -> None:
        soon = False
        for kill in kills:
            if kill.soon and not soon:
                soon = True
                await self._results(SOON_S)
            await self._second_scheduler(kill.beside)
            for _ in range(TRIES):
                if await self._kill_scheduler(kill):
                    break
            self.done += 1
        await self._second_scheduler(False)
        self._place.start("scheduler")

    async def _second_scheduler(self, wanted: bool) -> None:
        alive = BESIDE in self._place.processes
        if wanted and not alive:
            self._start("scheduler", BYSTANDER, BESIDE)
        elif alive and not wanted:
            await self._end(BESIDE, BYSTANDER)

    async def _kill_scheduler(self, kill: Kill) -> bool:
        """Start one and kill it; False when the point was never passed."""
        self._sender.order()
        if kill.frozen:
            await self._place.desk("PATCH", "/settings", json={"answer_delay_s": LONG_ANSWER_S})
        taken, began = self._witness.taken(), time.time()
        process = self._start("scheduler", kill)
        if kill.point:
            await gone(process, self._patience_s)
        elif kill.busy:
            await until(lambda: self._witness.taken() > taken, self._patience_s)
        if kill.frozen and not await self._freeze(process):
            kill = replace(kill, frozen=False)
        if not kill.point:
            await asyncio.sleep(kill.after_s)
        if kill.fresh and kill.busy and not kill.beside:
            self.starts.append(began)
        passed = await self._end("scheduler", kill)
        await self._place.desk("PATCH", "/settings", json={"answer_delay_s": ANSWER_S})
        self.left_open = max(self.left_open, await self._witness.open_calls())
        return passed

    async def _freeze(self, process: Process) -> bool:
        """Stop it while it waits for answers; whoever is beside takes over what it held.

        Between the check of its lease and the write it must not be stopped so long
        (docs/delivery.md, "Residual risk"), so everything it asked must have arrived.
        """
        end = time.monotonic() + self._patience_s
        while not await self._witness.has_written(process.pid):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(POLL_S)
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_S)
        process.send_signal(signal.SIGCONT)
        await asyncio.sleep(AWAKE_S)
        return True

    async def _results(self, delay_s: float) -> None:
        """How long after acceptance results come from now on; phones are switched on again."""
        await self._place.desk("PATCH", "/settings", json={"result_delay_s": delay_s})
        await self._place.desk("POST", "/phones/on")

    async def _end(self, called: str, kill: Kill) -> bool:
        """SIGKILL, unless it died at its point; any other end is a fault of its own.

        False when it lived beyond its point.
        """
        process = self._place.processes.pop(called)
        died = process.poll() is not None
        if not died:
            process.kill()
        code = process.wait()
        assert code == -9, f"{called} ended with {code}\n{self._place.log(called)[-3000:]}"
        passed = died or not kill.point
        self.kills[str(kill) if passed else f"{kill.who} never at {kill.point}"] += 1
        return passed

    # ---- the app --------------------------------------------------------------------------

    async def _kill_apps(self, kills: Sequence[Kill], others: int) -> None:
        """Spread over the kills of schedulers; dead, it is started again at once."""
        app = self._place.processes["app"]
        for number, kill in enumerate(kills):
            if number:
                app = self._start("app", kill)
            await self._turn(app, number * others // len(kills))
            self._sender.order()
            if kill.point:
                await gone(app, self._patience_s)
            else:
                await self._answers()
                await asyncio.sleep(kill.after_s)
            await self._end("app", kill)
        self._place.start("app")
        await self._answers()

    async def _turn(self, app: Process, others: int) -> None:
        """Wait until so many schedulers were killed, unless it dies at its point before."""
        await until(lambda: app.poll() is not None or self.done >= others)

    async def _answers(self) -> None:
        live = f"{self._place.app_url}/health/live"
        await ready(self._place.http, live, self._place.processes["app"], seconds=START_S)

    # ---- the command line -----------------------------------------------------------------

    async def _kill_csv(self) -> None:
        """A list of orders by ``naru send --csv``, killed once and run again (K09)."""
        phones = self._sender.phones(CSV_ROWS)
        orders = {f"B-{number:06d}": phone for number, phone in enumerate(phones)}
        path = self._place.folder / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["to", "주문번호", "reference"])
            rows.writerows([phone, order, order] for order, phone in orders.items())
        first = self._send_csv()
        await asyncio.sleep(self._late_s / 8)
        first.kill()
        if first.wait() == -9:
            self.kills["csv K09"] += 1
        while await gone(again := self._send_csv(), CSV_S) != 0:
            # nobody answered its first question: the same command is run again
            assert again.returncode == 1, self._place.log("cli")[-3000:]
        self._sender.accepted |= orders

    def _send_csv(self) -> subprocess.Popen[bytes]:
        place = self._place
        words = ["send", "--csv", str(place.folder / "orders.csv"), "--allow-duplicates"]
        words += ["--template", "order_test", "--url", place.app_url, "--key", place.key]
        with (place.folder / "cli.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app.cli", *words],
                cwd=ROOT, env=place.environment, stdout=log, stderr=log,
            )  # fmt: skip


async def until(true: Callable[[], bool], seconds: float = 600.0) -> None:
    """Look until something is so, at most so long."""
    end = time.monotonic() + seconds
    while True:
        if true() or time.monotonic() > end:
            return
        await asyncio.sleep(POLL_S)


async def gone(process: Process, seconds: float) -> int | None:
    """Wait at most so long for a process to end; its exit code, None while it lives."""
    await until(lambda: process.poll() is not None, seconds)
    return process.returncode

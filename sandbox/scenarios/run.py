"""The one who runs scenarios: sets up, goes on, judges, and gives everything back.

One run at a time. What was before is kept in the store, so that a restart gives it back too: the
run is then over as `stopped`.
"""

import asyncio
from dataclasses import asdict, replace

import orjson

from sandbox.clock import CannotTurnBack
from sandbox.clock_changes import change_clock
from sandbox.scenarios.before import Before, give_back, remember
from sandbox.scenarios.checks import Check
from sandbox.scenarios.course import (
    Course,
    Run,
    State,
    change,
    checks_of,
    do,
    is_busy,
    is_due,
    is_over,
    next_step,
    run_of,
)
from sandbox.scenarios.library import Known
from sandbox.store import Store
from sandbox.tally import Tally

TICK_S = 0.25


class AlreadyRuns(Exception):
    """The text: the name of the scenario that runs."""


class Runner:
    """Give its `work` a task."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.course: Course | None = None
        self.woken = asyncio.Event()
        kept = orjson.loads(store.meta("run") or "{}")
        self.last = run_of(kept["run"]) if kept else None
        if self.last and self.last.state == "running":
            give_back(store, Before(**kept["before"]))
            self._keep(replace(self.last, state="stopped", ended_at=store.real(), note="restart"))

    @property
    def run(self) -> Run | None:
        """The run under way, else the last one."""
        return self.course.run if self.course else self.last

    def start(self, known: Known, count: int | None = None) -> Run:
        """Set everything up. Raises AlreadyRuns, or CannotTurnBack when its time is over.

        count: how many references are to come, None for as many as the file says.
        """
        store, scenario = self.store, known.scenario
        if self.course:
            raise AlreadyRuns(self.course.run.name)
        before, now = remember(store), store.real()
        size = scenario.traffic.count if count is None else count
        run = Run(known.name, "running", size, now, len(scenario.steps))
        tally = Tally(store.real, changed_at=now)
        given_up = store.counters().get("webhooks given up", 0)
        course = Course(run, scenario, before, tally, given_up, now)
        with store.tx():
            if scenario.clock:
                change_clock(store, scenario.clock)  # may raise: before anything else is changed
            self.course = course
            self._keep(replace(run, checks=checks_of(store, course, quiet=False, final=False)))
            change(store, scenario.chaos, scenario.settings)
        store.tally, store.town = tally, scenario.town
        self.woken.set()
        return course.run

    def stop(self, note: str = "") -> Run | None:
        """End the run under way and give everything back; what ran last, None if nothing has."""
        if self.course:
            self._end(self.course, "stopped", note)
        return self.last

    async def work(self) -> None:
        """Go on with the run while there is one. Runs until cancelled."""
        while True:
            self.woken.clear()
            self.tick()
            if self.course is None:
                await self.woken.wait()
            await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """Do the steps that are due, look at the checks, end the run when it is over."""
        course = self.course
        if course is None:
            return
        try:
            self._go_on(course)
        except CannotTurnBack as refused:
            self._end(course, "failed", f"step {course.run.steps_done + 1}: {refused}")
            return
        idle_s = (self.store.real() - course.tally.changed_at) / 1000
        patience_s = course.scenario.patience_s
        settled = idle_s >= min(course.scenario.settle_s, patience_s)
        quiet = settled and not is_busy(self.store, course)
        checks = checks_of(self.store, course, quiet, final=False)
        if quiet and is_over(course, checks, idle_s >= patience_s):
            self._judge(course)
        elif checks != course.run.checks:
            course.run = replace(course.run, checks=checks)
            self.store.changes.tell_desk()

    def _go_on(self, course: Course) -> None:
        """Raises CannotTurnBack."""
        while (step := next_step(course)) and is_due(self.store, course, step):
            do(self.store, step)
            course.step_at = course.tally.changed_at = self.store.real()
            self._keep(replace(course.run, steps_done=course.run.steps_done + 1))

    def _judge(self, course: Course) -> None:
        checks = checks_of(self.store, course, quiet=True, final=True)
        whole = next_step(course) is None
        good = whole and all(one.state == "ok" for one in checks)
        self._end(course, "passed" if good else "failed", checks=checks)

    def _end(
        self, course: Course, state: State, note: str = "", checks: tuple[Check, ...] | None = None
    ) -> None:
        told = course.run.checks if checks is None else checks
        self.course = self.store.tally = None
        give_back(self.store, course.before)
        ended_at = self.store.real()
        self._keep(replace(course.run, state=state, ended_at=ended_at, note=note, checks=told))

    def _keep(self, run: Run) -> None:
        """In the store, and with what was before while it runs."""
        self.last = run
        before = None
        if self.course:
            self.course.run, before = run, asdict(self.course.before)
        kept = orjson.dumps({"run": asdict(run), "before": before}).decode()
        self.store.set_meta("run", kept)
        if run.state in ("passed", "failed"):
            self.store.set_meta(f"ran {run.name}", orjson.dumps(asdict(run)).decode())
        self.store.changes.tell_desk()


def last_run(store: Store, name: str) -> Run | None:
    """How this scenario ended when it last went to its end."""
    kept = store.meta(f"ran {name}")
    return run_of(orjson.loads(kept)) if kept else None

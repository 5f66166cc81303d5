"""One run under way: its steps, its checks, and whether anything more will come of it."""

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.clock_changes import change_clock
from sandbox.scenarios.before import Before
from sandbox.scenarios.checks import Check, all_checks, count_up
from sandbox.scenarios.shape import Dial, Scenario, Step
from sandbox.scenarios.townsfolk import switch_town_on
from sandbox.settings_changes import SettingsIn
from sandbox.store import Store
from sandbox.tally import Tally

State = Literal["running", "passed", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Run:
    """What is told of a run. Times in real ms. note: why it ended early, if it did."""

    name: str
    state: State
    count: int
    started_at: int
    steps: int
    steps_done: int = 0
    ended_at: int | None = None
    note: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(slots=True)
class Course:
    """A run with what only one under way needs.

    given_up: receipts given up before it. step_at: when the step before was done (real ms).
    """

    run: Run
    scenario: Scenario
    before: Before
    tally: Tally
    given_up: int
    step_at: int


def run_of(kept: dict[str, Any]) -> Run:
    """As `asdict` wrote it."""
    return Run(**{**kept, "checks": tuple(Check(**one) for one in kept["checks"])})


def next_step(course: Course) -> Step | None:
    steps, done = course.scenario.steps, course.run.steps_done
    return steps[done] if done < len(steps) else None


def is_due(store: Store, course: Course, step: Step) -> bool:
    if step.after_s is not None:
        return store.real() >= course.step_at + step.after_s * 1000
    return course.tally.accepted >= (step.after_accepted or 0) * course.run.count - 0.5


def do(store: Store, step: Step) -> None:
    """Raises CannotTurnBack."""
    change(store, step.chaos, step.settings)
    if step.town:
        switch_town_on(store)
    if step.clock:
        change_clock(store, step.clock)


def change(store: Store, dial: Dial | None, settings: SettingsIn | None) -> None:
    """None leaves one as it is."""
    if dial:
        store.chaos.arm(dial.rules, dial.seed)
    if settings:
        store.change_settings(settings.model_dump(exclude_none=True))
    store.results_due.set()
    store.mail_due.set()


def checks_of(store: Store, course: Course, quiet: bool, final: bool) -> tuple[Check, ...]:
    """quiet: nothing is under way. final: nothing more will come."""
    counts = count_up(store, course.tally, course.run.count, course.given_up, quiet)
    return tuple(all_checks(course.scenario.expect, counts, final))


def is_busy(store: Store, course: Course) -> bool:
    """Whether something will happen by itself within the patience."""
    step = next_step(course)
    if step and step.after_s is not None:
        return True
    soon = (
        store.number("SELECT min(due_at) FROM message WHERE due_at IS NOT NULL"),
        store.number("SELECT min(due_at) FROM outbox WHERE kind <> 'consult'"),
    )
    waits = [store.clock.real_s(at) for at in soon if at]
    return any(wait is not None and wait < course.scenario.patience_s for wait in waits)


def is_over(course: Course, checks: tuple[Check, ...], out_of_patience: bool) -> bool:
    """Of a run in which nothing happens now. Where nothing was accepted yet, it has not begun."""
    if not course.tally.accepted:
        return False
    if out_of_patience:
        return True
    if next_step(course) or course.tally.accepted < course.run.count:
        return False
    states = {one.state for one in checks}
    return states == {"ok"} or "bad" in states

"""The scenarios as part of the desk: what there is, what runs, and how it went."""

from dataclasses import dataclass

from fastapi import Request

from sandbox.pages.moment import Moment, thousands
from sandbox.pages.render import language_of
from sandbox.pages.words import Say
from sandbox.scenarios.checks import Check
from sandbox.scenarios.course import Run, next_step
from sandbox.scenarios.library import Known, find, list_scenarios
from sandbox.scenarios.run import Runner, last_run
from sandbox.scenarios.shape import LONGEST, MOST_COUNT, Scenario, Step
from sandbox.store import Store

LOOKS = {
    "running": ("busy", "clock", "run_running"),
    "passed": ("ok", "check", "run_passed"),
    "failed": ("bad", "x", "run_failed"),
    "stopped": ("", "pause", "run_stopped"),
    "waiting": ("", "clock", "check_waiting"),
    "ok": ("ok", "check", "check_ok"),
    "bad": ("bad", "x", "check_bad"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A tag: its tone, icon and words."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario that can be run. last: how it ended when it last went to its end."""

    name: str
    title: str
    about: str
    traffic: str
    count: int
    own: bool
    runs: bool
    last: Look | None
    last_at: Moment | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    words: str
    wanted: str
    found: str
    look: Look


@dataclass(frozen=True, slots=True)
class StepRow:
    """state: done, next or later."""

    words: str
    when: str
    state: str


@dataclass(frozen=True, slots=True)
class RunView:
    """The run under way, or the last one."""

    name: str
    title: str
    look: Look
    runs: bool
    accepted: int
    count: int
    started_at: Moment
    took: str
    note: str
    steps: list[StepRow]
    checks: list[CheckRow]


@dataclass(frozen=True, slots=True)
class Scenarios:
    """wrong: why a file was not kept; toml: that file, to be mended."""

    rows: list[Row]
    run: RunView | None
    wrong: str = ""
    toml: str = ""
    longest: int = LONGEST
    most_count: int = MOST_COUNT


def scenarios_of(
    store: Store, request: Request, say: Say, wrong: str = "", toml: str = ""
) -> Scenarios:
    runner: Runner = request.app.state.runner
    korean = language_of(request) == "ko"
    rows = [_row(store, runner, known, say, korean) for known in list_scenarios(store)]
    run = _run(store, runner, runner.run, say, korean) if runner.run else None
    return Scenarios(rows, run, wrong, toml)


def look_of(state: str, say: Say) -> Look:
    tone, icon, words = LOOKS[state]
    return Look(tone, icon, say(words))


def _row(store: Store, runner: Runner, known: Known, say: Say, korean: bool) -> Row:
    one, last = known.scenario, last_run(store, known.name)
    traffic = one.traffic
    pace = say("traffic_pace", n=f"{traffic.per_s:g}") if traffic.per_s else say("traffic_once")
    return Row(
        name=known.name,
        title=_title(one, korean),
        about=one.about if korean or not one.about_en else one.about_en,
        traffic=say("traffic", template=traffic.template, n=thousands(traffic.count), pace=pace),
        count=traffic.count,
        own=known.own,
        runs=bool(runner.course and runner.course.run.name == known.name),
        last=look_of(last.state, say) if last else None,
        last_at=Moment(last.ended_at, store.real(), say) if last and last.ended_at else None,
    )


def _title(one: Scenario, korean: bool) -> str:
    return one.title if korean or not one.title_en else one.title_en


def _run(store: Store, runner: Runner, run: Run, say: Say, korean: bool) -> RunView:
    known = find(store, run.name)
    course = runner.course
    steps = course.scenario.steps if course else known.scenario.steps if known else ()
    waits_for = next_step(course) if course else None
    accepted = next((one.n for one in run.checks if one.what == "accepted"), None)
    if course:
        accepted = course.tally.accepted
    return RunView(
        name=run.name,
        title=_title(known.scenario, korean) if known else run.name,
        look=look_of(run.state, say),
        runs=course is not None,
        accepted=accepted or 0,
        count=run.count,
        started_at=Moment(run.started_at, store.real(), say),
        took=_span((run.ended_at or store.real()) - run.started_at, say),
        note=say(f"note_{run.note}") if run.note in ("restart", "reset") else run.note,
        steps=[
            StepRow(
                _step_words(step, say, korean),
                _when(step, say),
                "done" if n < run.steps_done else "next" if step is waits_for else "later",
            )
            for n, step in enumerate(steps)
        ],
        checks=[_check(one, say) for one in run.checks],
    )


def _step_words(step: Step, say: Say, korean: bool) -> str:
    named = step.title if korean or not step.title_en else step.title_en
    if named:
        return named
    parts = [name for name in ("chaos", "settings", "clock", "town") if getattr(step, name)]
    return " · ".join(say(f"step_{name}") for name in parts) or say("step_pause")


def _when(step: Step, say: Say) -> str:
    if step.after_s is not None:
        return say("step_after_s", n=f"{step.after_s:g}")
    return say("step_after_accepted", share=share_words(step.after_accepted or 0))


def _check(one: Check, say: Say) -> CheckRow:
    found = say("check_unknown")
    if one.n is not None:
        share = f" ({share_words(one.found)})" if one.found is not None else ""
        found = thousands(one.n) + share
    return CheckRow(say(f"check_{one.what}"), _wanted(one, say), found, look_of(one.state, say))


def _wanted(one: Check, say: Say) -> str:
    ((how, bound),) = one.wanted.items()
    if isinstance(bound, tuple | list):
        return say("want_within", least=share_words(bound[0]), most=share_words(bound[1]))
    if bound == 0 and how in ("is", "at_most"):
        return say("want_none")
    return say(f"want_{how}", share=share_words(bound))


def share_words(share: float) -> str:
    """A share as per cent; what is not quite all or nothing is not written so."""
    shown = f"{share * 100:.4g}"
    if shown == "100" and share < 1:
        shown = "99.99"
    return shown + "%"


def _span(ms: int, say: Say) -> str:
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    return say("span_minutes", m=minutes, s=seconds) if minutes else say("span_s", s=seconds)

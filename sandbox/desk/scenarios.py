"""Scenarios: what there is, a person's own, and the one run at a time."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from sandbox.clock import CannotTurnBack
from sandbox.desk.deps import runner_of, store_of
from sandbox.desk.shapes import Body, Times
from sandbox.problems import Problem, not_found, refusals
from sandbox.scenarios.course import Run
from sandbox.scenarios.library import Known, drop, find, keep, list_scenarios
from sandbox.scenarios.run import AlreadyRuns, Runner
from sandbox.scenarios.shape import LONGEST, MOST_COUNT, BadScenario
from sandbox.store import Store

router = APIRouter(prefix="/desk/api/scenarios", tags=["desk"])


class FileIn(Body):
    toml: str = Field(max_length=LONGEST)


class StartIn(Body):
    """count: how many references instead of the file's; the checks are shares and stay."""

    count: int | None = Field(None, ge=1, le=MOST_COUNT)


class ScenarioOut(BaseModel):
    """traffic: what a sender should send. own: a person's, which may be deleted."""

    name: str
    title: str
    title_en: str
    about: str
    about_en: str
    traffic: dict[str, Any]
    own: bool


class WholeOut(ScenarioOut):
    """scenario: everything in the file, read. toml: the file."""

    scenario: dict[str, Any]
    toml: str


class CheckOut(BaseModel):
    """wanted: the bound by its name. found: a share, null while unknown; n: what was counted."""

    what: str
    wanted: dict[str, float | list[float]]
    found: float | None
    n: int | None
    state: Literal["waiting", "ok", "bad"]


class RunOut(BaseModel):
    """Times are real ones. note: why it ended early: `restart`, `reset`, or a step's trouble."""

    name: str
    state: Literal["running", "passed", "failed", "stopped"]
    count: int
    started_at: Times
    ended_at: Times | None
    steps_done: int
    steps: int
    note: str
    checks: list[CheckOut]


@router.get("")
async def get_scenarios(store: Store = Depends(store_of)) -> list[ScenarioOut]:
    """The package's, then a person's own."""
    return [ScenarioOut(**_told(known)) for known in list_scenarios(store)]


@router.post("", status_code=201, responses=refusals("bad_scenario", "invalid"))
async def put_scenario(body: FileIn, store: Store = Depends(store_of)) -> WholeOut:
    """Check a file and keep it; its name comes of `title_en`, and an own one of it is replaced.

    What is wrong is a 422 `bad_scenario` with the field, and the line in the detail.
    """
    try:
        return _whole(keep(store, body.toml))
    except BadScenario as bad:
        raise Problem(422, "bad_scenario", str(bad), bad.field) from None


@router.get("/run", responses=refusals("none"))
async def get_run(runner: Runner = Depends(runner_of)) -> RunOut:
    """The run under way, else the last one; 404 `none` when nothing has run."""
    return _run(runner.run)


@router.post("/stop", responses=refusals("none"))
async def stop(runner: Runner = Depends(runner_of)) -> RunOut:
    """End the run: dial, town, settings and clock are as before. Without one, the last run."""
    return _run(runner.stop())


@router.get("/{name}", responses=refusals("not_found"))
async def get_scenario(name: str, store: Store = Depends(store_of)) -> WholeOut:
    """One scenario, read and as its file."""
    return _whole(_need(store, name))


@router.delete("/{name}", status_code=204, responses=refusals("not_found", "built_in", "running"))
async def delete_scenario(
    name: str, store: Store = Depends(store_of), runner: Runner = Depends(runner_of)
) -> None:
    """Only own ones (else 409 `built_in`), and not the one that runs (409 `running`)."""
    if not _need(store, name).own:
        raise Problem(409, "built_in", "처음부터 있는 시나리오는 지울 수 없어요")
    if runner.course and runner.course.run.name == name:
        raise Problem(409, "running", "지금 실행 중이에요: 먼저 멈춰 주세요")
    drop(store, name)


@router.post(
    "/{name}/start",
    status_code=201,
    responses=refusals("not_found", "running", "clock_back", "invalid"),
)
async def start(
    name: str,
    body: StartIn | None = None,
    store: Store = Depends(store_of),
    runner: Runner = Depends(runner_of),
) -> RunOut:
    """Set dial, town, settings and clock, and wait for traffic. One at a time: 409 `running`."""
    known = _need(store, name)
    try:
        return _run(runner.start(known, body.count if body else None))
    except AlreadyRuns as other:
        detail = f"{other} 시나리오가 실행 중이에요: 먼저 멈춰 주세요"
        raise Problem(409, "running", detail) from None
    except CannotTurnBack as refused:
        detail = f"시나리오의 시각이 지났어요 ({refused})"
        raise Problem(409, "clock_back", detail, "clock.at") from None


def _need(store: Store, name: str) -> Known:
    known = find(store, name)
    if known is None:
        raise not_found("시나리오가")
    return known


def _run(run: Run | None) -> RunOut:
    if run is None:
        raise Problem(404, "none", "아직 실행한 시나리오가 없어요")
    return RunOut.model_validate(asdict(run))


def _told(known: Known) -> dict[str, Any]:
    one = known.scenario
    texts = {key: getattr(one, key) for key in ("title", "title_en", "about", "about_en")}
    return {"name": known.name, "own": known.own, "traffic": one.traffic.model_dump(), **texts}


def _whole(known: Known) -> WholeOut:
    told = known.scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return WholeOut(**_told(known), scenario=told, toml=known.toml)

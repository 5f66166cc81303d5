"""What a person does with scenarios on the desk: run, stop, keep a file, delete one, read one."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from sandbox.clock import CannotTurnBack
from sandbox.pages.desk import desk_page
from sandbox.pages.forms import PageProblem, PageRoute, from_here, maybe_whole, read_form
from sandbox.pages.render import HEADERS, say_for, store_of
from sandbox.pages.scenarios import scenarios_of
from sandbox.scenarios.library import Known, drop, find, keep
from sandbox.scenarios.run import AlreadyRuns, Runner
from sandbox.scenarios.shape import LONGEST, MOST_COUNT, BadScenario
from sandbox.store import Store

LARGEST_FORM = 4 * LONGEST

router = APIRouter(include_in_schema=False, route_class=PageRoute)
here = [Depends(from_here)]


@router.get("/desk/scenarios")
async def reread(request: Request) -> Response:
    """Where a refused file leaves the reader; a live page reads its address again."""
    return RedirectResponse("/desk#scenarios", 303)


@router.get("/desk/scenarios/{name}.toml")
async def show_file(request: Request, name: str) -> Response:
    """The file as text, to read and to copy."""
    known = _need(store_of(request), name)
    return Response(known.toml, headers=HEADERS, media_type="text/plain; charset=utf-8")


@router.post("/desk/scenarios/{name}/start", dependencies=here)
async def start(request: Request, name: str) -> Response:
    known = _need(store_of(request), name)
    form = await read_form(request)
    count = maybe_whole(form, "count")
    if form.get("count") and not (count and 1 <= count <= MOST_COUNT):
        raise PageProblem("err_value")
    try:
        _runner(request).start(known, count)
    except AlreadyRuns as other:
        raise PageProblem("err_runs", 409) from other
    except CannotTurnBack as refused:
        raise PageProblem("err_clock_back", 409) from refused
    return RedirectResponse("/desk#scenarios", 303)


@router.post("/desk/scenarios/stop", dependencies=here)
async def stop(request: Request) -> Response:
    _runner(request).stop()
    return RedirectResponse("/desk#scenarios", 303)


@router.post("/desk/scenarios/{name}/delete", dependencies=here)
async def delete(request: Request, name: str) -> Response:
    known, runner = _need(store_of(request), name), _runner(request)
    if not known.own:
        raise PageProblem("err_built_in", 409)
    if runner.course and runner.course.run.name == name:
        raise PageProblem("err_runs", 409)
    drop(store_of(request), name)
    return RedirectResponse("/desk#scenarios", 303)


@router.post("/desk/scenarios", dependencies=here)
async def put(request: Request) -> Response:
    """A file, or text written into the form. What is wrong is told beside it, to be mended."""
    toml = await _told(request)
    try:
        keep(store_of(request), toml)
    except BadScenario as bad:
        store, say = store_of(request), say_for(request)
        told = scenarios_of(store, request, say, wrong=str(bad), toml=toml)
        return desk_page(request, status=422, scenarios=told)
    return RedirectResponse("/desk#scenarios", 303)


async def _told(request: Request) -> str:
    """The file if one was chosen, else the text."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_FORM:
        raise PageProblem("err_file_large", 413)
    async with request.form(max_files=1, max_fields=4) as form:
        file, text = form.get("file"), form.get("toml")
        if isinstance(file, UploadFile) and file.size:
            raw = await file.read(LONGEST + 1)
            try:
                return raw.decode("utf-8-sig")
            except UnicodeDecodeError as wrong:
                raise PageProblem("err_file_text") from wrong
        return text.replace("\r\n", "\n") if isinstance(text, str) else ""


def _need(store: Store, name: str) -> Known:
    known = find(store, name)
    if known is None:
        raise PageProblem("err_no_scenario", 404)
    return known


def _runner(request: Request) -> Runner:
    runner: Runner = request.app.state.runner
    return runner

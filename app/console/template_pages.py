"""Templates: the list, and the page of one with its review, its picture and what to mend."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console import sending, statuses, template_words
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.paging import after_of
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import say
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import GatewayError, Invalid
from app.services import access, drafts, removal, reviews, templates, wordings
from app.services import preview as previews
from app.services.actions import Reach
from app.services.credentials import MODES
from app.services.logins import Visit
from app.services.messages import NewMessage
from app.services.registrations import offers
from app.services.runtime import Runtime
from app.services.versions import Numbered, Stored
from channels.vocabulary import ReviewAction
from templates.findings import Severity
from templates.lint.linter import lint

router = APIRouter(prefix="/console/templates", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("templates:read"))]
Writer = Annotated[Visit, Depends(visit("templates:write"))]
MOST = 50
NOT_STORED = "template_not_approved"  # of a wording that is only looked at: no news here
WORDS = template_words


def modes_of(who: Visit) -> tuple[str, ...]:
    """Which accounts a visit sees: in the sandbox those of the sandbox only."""
    return MODES if who.mode == "live" else (who.mode,)


@router.get("")
async def show_list(request: Request, runtime: RuntimeDep, who: Reader) -> Response:
    """All templates, with how the newest version of each stands at every account."""
    after = after_of(request)
    async with runtime.database.read() as session:
        found = await templates.list_templates(session, who.workspace_id, after, MOST + 1)
    modes = modes_of(who)
    rows = [_row(stored, modes) for stored in found[:MOST]]
    values = {
        "here": "templates",
        "rows": rows,
        "next": found[MOST - 1].template.id if len(found) > MOST else None,
        "first": after is None,
        "states": WORDS.STATES,
    }
    return await page(request, who, "templates.html", values)


def _row(stored: Stored, modes: tuple[str, ...]) -> dict[str, Any]:
    used = {mode: one for mode in modes if (one := stored.in_use(mode))}
    return {
        "template": stored.template,
        "newest": stored.version,
        "pill": WORDS.STOPPED
        if stored.template.stopped_at
        else WORDS.of_version(stored, stored.versions[0], modes),
        "places": [one for one in stored.registered if one.account.mode in modes],
        "used": sorted({one.version.number for one in used.values()}, reverse=True),
    }


@router.get("/{code}")
async def show_one(request: Request, runtime: RuntimeDep, who: Reader, code: str) -> Response:
    """One template; ``?version=`` another version of it, ``?with=`` compares two."""
    return await _page(request, runtime, who, code)


@router.post("/{code}")
async def act(request: Request, runtime: RuntimeDep, who: Writer, code: str) -> Response:
    """Ask for its review, take that back, stop it, use it again, say something, delete it."""
    form = await read_form(request)
    do, text = form.get("do", ""), form.get("text", "").strip()
    try:
        async with runtime.database.write() as tx:
            is_gone = await _do(tx, who, code, do, text)
            await access.note(tx, who, f"template.{DONE[do]}", None, code)
    except GatewayError as error:
        return await _page(request, runtime, who, code, error, text)
    return see("/console/templates" if is_gone else f"/console/templates/{code}")


DONE = {
    "submit": "submitted",
    "withdraw": "withdrawn",
    "comment": "commented",
    "release": "released",
    "stop": "stopped",
    "resume": "resumed",
    "sync": "asked",
    "delete": "deleted",
}


async def _do(tx: Tx, who: Visit, code: str, do: str, text: str) -> bool:
    """Whether it is gone then. Raises Invalid ``unknown_action`` and as the services do."""
    reach, place = Reach(modes_of(who)), who.workspace_id
    if do == "delete":
        return await removal.remove(tx, place, code, reach) is None
    if do == "submit":
        await reviews.submit(tx, place, code, reach, text)
    elif do in ("withdraw", "comment", "release"):
        await reviews.act(tx, place, code, ReviewAction(do), reach, text)
    elif do in ("stop", "resume", "sync"):
        work = {"stop": reviews.stop, "resume": reviews.resume, "sync": reviews.sync}[do]
        await work(tx, place, code, reach)
    else:
        raise Invalid("unknown_action", "There is no such action.", field="do")
    return False


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    code: str,
    error: GatewayError | None = None,
    text: str = "",
) -> Response:
    async with runtime.database.read() as session:
        stored = await templates.get(session, who.workspace_id, code)
    language, modes = language_of(request, who), modes_of(who)
    query = request.query_params
    one = _numbered(stored, query.get("version", ""))
    other = _numbered(stored, query["with"]) if query.get("with") else None
    found = lint(one.version.body)
    step, stuck = WORDS.step(one, modes, sum(f.severity is Severity.ERROR for f in found))
    values: dict[str, Any] = {
        "here": "templates",
        "stored": stored,
        "one": one,
        "modes": modes,
        "other": other,
        "lines": wordings.compare(other.version.body, one.version.body) if other else [],
        "places": [r for r in one.registered if r.account.mode in modes],
        "talk": _talk(one, modes),
        "findings": WORDS.told(found, language),
        "at_step": step,
        "stuck": stuck,
        "can": _offered(stored, modes),
        "words": WORDS,
        "error": error,
        "why": explained(error, language) if error else "",
        "text": text,
        **await _look(request, runtime, who, one),
    }
    return await page(request, who, "template.html", values, error.status if error else 200)


def _numbered(stored: Stored, text: str) -> Numbered:
    """Raises NotFound ``unknown_version``."""
    if not text:
        return stored.versions[0]
    return stored.numbered(int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0)


def _offered(stored: Stored, modes: tuple[str, ...]) -> set[str]:
    """What makes sense to ask for now; the services have the last word."""
    rows = [r for v in stored.versions for r in v.registered if r.account.mode in modes]
    newest = [r for r in stored.registered if r.account.mode in modes]
    open_ = {r.standing.state for r in newest}
    can = {"resume"} if stored.template.stopped_at else {"stop"}
    if stored.version.submitted_at is None or not newest or open_ & {"draft", "refused"}:
        can |= {"submit"}
    for row in rows:
        given = offers(row.account.adapter)
        state = row.registration.inspection
        can |= {"withdraw"} if state == "in_review" and ReviewAction.WITHDRAW in given else set()
        can |= {"release"} if row.registration.dormant and ReviewAction.RELEASE in given else set()
        says = state in ("in_review", "rejected") and ReviewAction.COMMENT in given
        can |= {"comment"} if says else set()
    if not any(r.registration.inspection == "approved" for r in rows):
        can |= {"delete"}
    if stored.version.submitted_at is None:
        can -= {"stop"} if len(stored.versions) == 1 else set()
    return can | ({"sync"} if rows else set())


def _talk(one: Numbered, modes: tuple[str, ...]) -> list[dict[str, Any]]:
    """What was said in the review, the oldest first, each once."""
    said: dict[tuple[str, str], dict[str, Any]] = {}
    for place in one.registered:
        if place.account.mode not in modes:
            continue
        for comment in place.registration.comments:
            at = datetime.fromisoformat(comment["at"]) if comment.get("at") else None
            said[comment["text"], comment["kind"]] = {**comment, "at": at}
    return sorted(said.values(), key=lambda c: c["at"].timestamp() if c["at"] else 0.0)


async def _look(request: Request, runtime: Runtime, who: Visit, one: Numbered) -> dict[str, Any]:
    """How a version looks on a phone, filled with what the reader typed or with examples."""
    language = language_of(request, who)
    try:
        draft = drafts.read(one.version.body)
    except GatewayError as error:  # of rules that were other ones then
        return {"steps": [], "problems": [], "refusal": explained(error, language), "names": []}
    names = sending.names_of(draft)
    given = _given(request.query_params, names, language)
    new = NewMessage(template=draft.template.code, to="", variables=given)
    made = await previews.preview(
        runtime, request.app.state.catalogue, who.caller, new, draft, clock()
    )
    return {
        "form": draft.template,
        "names": names,
        "given": given,
        "steps": previews.show(made, language)["steps"],
        "problems": [
            explained(problem, language) if problem and problem.code != NOT_STORED else ""
            for problem in map(made.problem, made.branches)
        ],
        "refusal": "",
        "route": statuses.route,
    }


def _given(query: Mapping[str, str], names: list[str], language: str) -> dict[str, str]:
    """A value for each variable; a name stands for what was left empty."""
    values = {}
    for name in names:
        example = sending.sample_of(name)
        values[name] = query.get(f"v:{name}") or (say(language, example) if example else name)
    return values

"""The head of the desk: what was counted, and the clock's buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sandbox.clock import CannotTurnBack, Line
from sandbox.outbound import KST
from sandbox.pages.clock import RATES
from sandbox.pages.forms import PageProblem, PageRoute, from_here, read_form
from sandbox.pages.moment import Moment, thousands
from sandbox.pages.render import store_of
from sandbox.pages.words import Say
from sandbox.store import Store
from sandbox.waits import lay_clock, next_fall, set_clock

STEPS_S = {"minutes": 300, "day": 86_400}

router = APIRouter(
    include_in_schema=False, route_class=PageRoute, dependencies=[Depends(from_here)]
)


@dataclass(frozen=True, slots=True)
class Counter:
    """below: smaller, what it is made of. bad: it is something to look at."""

    words: str
    n: int
    below: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class DeskTop:
    """next_at: when the next thing falls due, None when nothing waits."""

    counters: list[Counter]
    next_at: Moment | None
    rates: tuple[float, ...] = RATES


def desk_top_of(store: Store, say: Say) -> DeskTop:
    at = next_fall(store)
    return DeskTop(_counters(store, say), None if at is None else Moment(at, store.now(), say))


def _counters(store: Store, say: Say) -> list[Counter]:
    found = store.counters()
    held = store.number("SELECT count(*) FROM message WHERE state = 'held'")
    waiting = store.number("SELECT count(*) FROM message WHERE due_at IS NOT NULL")
    mail = store.number("SELECT count(*) FROM outbox")

    def n(name: str) -> str:
        return thousands(found.get(name, 0))

    requests = sum(many for name, many in found.items() if name.startswith("requests "))
    arrived = sum(found.get(f"arrived {app}", 0) for app in ("chat", "sms", "push"))
    apps = say("c_apps", chat=n("arrived chat"), sms=n("arrived sms"))
    if found.get("arrived push"):
        apps += say("c_pushes", n=n("arrived push"))
    failed, lost = found.get("webhooks failed", 0), found.get("answers lost", 0)
    accepted = say("c_taken", accepted=n("recipients accepted"), refused=n("recipients refused"))
    if lost:
        accepted += say("c_lost", n=thousands(lost))
    return [
        Counter(say("c_requests"), requests, accepted, bool(lost)),
        Counter(say("c_arrived"), arrived, apps),
        Counter(
            say("c_webhooks"),
            found.get("webhooks sent", 0),
            say("c_failed", n=thousands(failed)) if failed else say("c_no_failed"),
            bool(failed),
        ),
        Counter(
            say("c_waiting"),
            waiting + mail,
            say("c_waits", held=thousands(held), mail=thousands(mail)),
        ),
    ]


@router.post("/desk/clock")
async def move_clock(request: Request) -> Response:
    """One button of the clock: a rate, a step, to a time, to what falls due next, or back."""
    form, store = await read_form(request), store_of(request)
    act = form.get("do", "")
    if act == "real":
        lay_clock(store, Line())
    else:
        try:
            set_clock(store, _goal(store, act, form), _rate(act))
        except CannotTurnBack as refused:
            raise PageProblem("err_clock_back", 409) from refused
    return RedirectResponse("/desk#clock", 303)


def _rate(act: str) -> float | None:
    if act == "pause":
        return 0.0
    kind, _, rate = act.partition(" ")
    if kind != "rate":
        return None
    if rate not in [f"{known:g}" for known in RATES]:
        raise PageProblem("err_value")
    return float(rate)


def _goal(store: Store, act: str, form: Mapping[str, str]) -> int | None:
    """Milliseconds, None to stay where it is."""
    if act == "pause" or act.startswith("rate "):
        return None
    if act in STEPS_S:
        return store.now() + STEPS_S[act] * 1000
    if act == "next":
        return next_fall(store)
    if act != "at":
        raise PageProblem("err_value")
    try:
        at = datetime.fromisoformat(form.get("at", ""))
    except ValueError as wrong:
        raise PageProblem("err_value") from wrong
    return round(at.replace(tzinfo=at.tzinfo or KST).timestamp() * 1000)

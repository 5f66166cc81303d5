"""The overview: six numbers, what waits for a person, the day's shape, providers, troubles.

Everything comes from counters, or from small reads of an index.
"""

from collections import Counter as Sums
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.console import moments, statuses
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.render import language_of, page
from app.console.statuses import Status
from app.console.words import mark
from app.db.models import ProviderAccount
from app.db.models.fields import now as clock
from app.services import accounts, choices, counters, eta, health, senders, stats, troubles
from app.services.clock import KST
from app.services.explanations import action, explain
from app.services.logins import Visit
from app.services.troubles import Decision, Trouble
from channels import registry

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Visit, Depends(visit("messages:read"))]
RANGES = {"1": 1, "7": 7, "30": 30}
STEPS = (1, 2, 5)  # times a power of ten: where a scale may end
LINES = 5
PULSES: Mapping[str, Status] = {
    "ok": Status("ok", "check", mark("정상")),
    "slow": Status("warn", "clock", mark("느림")),
    "failing": Status("bad", "alert", mark("실패 많음")),
    "resting": Status("warn", "pause", mark("잠시 쉼")),
    "paused": Status("bad", "pause", mark("멈춤")),
    "disabled": Status("", "stop", mark("꺼짐")),
    "quiet": Status("", "clock", mark("조용함")),
}
TELLS: Mapping[str, Status] = {
    "operator": Status("bad", "alert", mark("손 필요")),
    "staff": Status("bad", "alert", mark("손 필요")),
    "developer": Status("bad", "alert", mark("손 필요")),
    "report": Status("", "check", mark("알아 두기")),
}
# what waits → icon, what to press, where it leads
TODOS: Mapping[str, tuple[str, str, str]] = {
    "template": ("tpl", mark("고치기"), "/console/templates/{code}"),
    "account": ("plug", mark("살펴보기"), "/console/accounts"),
    "parked": ("pause", mark("살펴보기"), "/console/messages/{id}"),
    "webhook": ("hook", mark("살펴보기"), ""),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the chart: what arrived by the first channel, by a fallback, what failed."""

    label: str
    first: int
    fallback: int
    failed: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.first + self.fallback + self.failed


@dataclass(frozen=True, slots=True)
class Scale:
    """The vertical scale: its end, and where the lines are."""

    top: int
    lines: tuple[int, ...]


@router.get("/overview")
async def show_overview(request: Request, runtime: RuntimeDep, who: Reader) -> Response:
    """Today, the last 7 or the last 30 days (``?days=``)."""
    days = RANGES.get(request.query_params.get("days", ""), 1)
    now = clock()
    today = now.astimezone(KST).date()
    first = today - timedelta(days=days - 1)
    async with runtime.database.read() as session:
        values = await _sums(session, who, first, today)
        values |= await _now(session, who, first)
        values["guide"] = None if values["total"]["accepted"] else await _guide(session, who)
    language = language_of(request, who)
    values |= {
        "here": "overview",
        "days": days,
        "first": first,
        "first_day": moments.day(datetime.combine(first, time(), KST), language),
        "clock": f"{now.astimezone(KST):%H:%M}",
        "axis": lambda value: axis(value, language),
        "slowest": max((b.seconds for one in values["health"] for b in one.beats), default=0),
        "hour": now.astimezone(KST).hour + now.astimezone(KST).minute / 60,
        "status": _trouble_status,
        "route": statuses.route,
        "explain": lambda reason: explain(reason, language),
        "action": lambda reason: action(reason, language),
        "todo": _todo,
        "pulses": PULSES,
    }
    return await page(request, who, "overview.html", values)


async def _sums(session: AsyncSession, who: Visit, first: date, today: date) -> dict[str, Any]:
    """What the counters say of the range, and of the one before it."""
    length = (today - first).days + 1
    found = await stats.by_day(session, who.caller, stats.Days(first, today))
    if length == 1:
        hours = await stats.by_hour(session, who.caller, today)
        bars = [_bar(str(hour), sums) for hour, sums in enumerate(hours)]
        before_now = await stats.by_hour(session, who.caller, today - timedelta(days=1))
        as_then = _until(before_now, clock())
    else:
        bars = [_bar(day, sums) for day, sums in found.items()]
        before = stats.Days(first - timedelta(days=length), first - timedelta(days=1))
        earlier = await stats.by_day(session, who.caller, before)
        as_then = _added(earlier.values())[counters.ACCEPTED]
    return {
        "as_then": as_then,
        "total": stats.show(_added(found.values())),
        "bars": bars,
        "scale": scale_of(max((bar.total for bar in bars), default=0)),
    }


async def _now(session: AsyncSession, who: Visit, first: date) -> dict[str, Any]:
    """How it stands this moment."""
    mine = await accounts.list_accounts(session, who.workspace_id, who.mode)
    found = await troubles.lately(session, who.caller, first)
    may_talk = who.may("consultations:read")
    return {
        "waiting": await eta.waiting(session, [one.id for one in mine]),
        "queue": await troubles.queue(session, who.caller) if may_talk else None,
        "troubles": found,
        "decisions": await troubles.decisions(session, who.caller),
        "providers": registry.PROVIDERS,
        "health": await health.of_accounts(
            session, [one for one in mine if _is_watched(one)], clock()
        ),
    }


def _is_watched(account: ProviderAccount) -> bool:
    """Requests are counted of notices: of an account that only chats there is trouble to tell."""
    chats = registry.PROVIDERS[account.adapter].routes.keys() <= {"chat"}
    return account.state != "disabled" and not (chats and account.state == "active")


async def _guide(session: AsyncSession, who: Visit) -> list[tuple[str, bool]]:
    """The first steps of a new installation, and whether each is done."""
    mine = await accounts.list_accounts(session, who.workspace_id, who.mode)
    names = await senders.list_senders(session, who.workspace_id, who.mode)
    offered = await choices.find(session, who.caller)
    return [
        ("account", bool(mine)),
        ("sender", bool(names)),
        ("template", bool(offered.found)),
        ("send", False),
    ]


def _added(days: Any) -> Sums[str]:
    whole: Sums[str] = Sums()
    for sums in days:
        whole.update(sums)
    return whole


def _until(hours: Sequence[Sums[str]], now: datetime) -> int:
    """About how many had been accepted by this time of that day."""
    here = now.astimezone(KST)
    whole = sum(hours[hour][counters.ACCEPTED] for hour in range(here.hour))
    return whole + round(hours[here.hour][counters.ACCEPTED] * here.minute / 60)


def _bar(label: str, sums: Mapping[str, int]) -> Bar:
    """A fallback that is still on its way is shown as one already: it is no first channel's."""
    fallback = min(sums.get("fallback_used", 0), sums.get("delivered", 0))
    return Bar(label, sums.get("delivered", 0) - fallback, fallback, sums.get("failed", 0))


def scale_of(most: int) -> Scale:
    """A round end above the highest bar, and its lines."""
    if most <= 0:
        return Scale(LINES, tuple(range(LINES + 1)))
    step = next(
        step * 10**power
        for power in range(12)
        for step in STEPS
        if step * 10**power * LINES >= most
    )
    return Scale(step * LINES, tuple(step * i for i in range(LINES + 1)))


def axis(value: int, language: str) -> str:
    """A figure on an axis: 25천, 2만, 25k, 2M."""
    steps = (
        ((1_000_000, "M"), (1_000, "k")) if language == "en" else ((10_000, "만"), (1_000, "천"))
    )
    for unit, name in steps:
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value}"


def _trouble_status(one: Trouble) -> Status:
    if one.status == "unknown":
        return statuses.of_message("unknown")
    return TELLS[one.tell]


def _todo(one: Decision) -> tuple[str, str, str]:
    icon, words, href = TODOS[one.kind]
    return icon, words, href.format(code=one.code, id=one.id)

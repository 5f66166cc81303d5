"""The two left columns: queues with their counts, teams, presence, and the list of threads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.console.inbox.place import Place
from app.db.models import Label
from app.errors import Invalid
from app.services import consult_channels, labels, presence, rooms, search, teams
from app.services.cases import Agent
from app.services.consult_channels import ChannelView
from app.services.lines import LineView
from app.services.logins import Visit
from app.services.presence import AgentView
from app.services.queues import Counts, Filters
from app.services.rooms import RoomView
from app.services.runtime import Runtime
from app.services.teams import TeamView

PAGE = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One thread of the list; ``hit`` is the line a search found, else its last line is shown."""

    room: RoomView
    labels: Sequence[Label]
    hit: LineView | None = None


@dataclass(frozen=True, slots=True)
class Queues:
    """What the first column shows; ``me`` is None for who may not answer."""

    counts: Counts
    teams: Sequence[TeamView]
    me: AgentView | None
    people: Sequence[AgentView]
    channels: Sequence[ChannelView]

    @property
    def open_until(self) -> datetime | None:
        """When the last open channel closes; None when none is open, or none ever closes."""
        return max((one.closes_at for one in self._open if one.closes_at), default=None)

    @property
    def opens_at(self) -> datetime | None:
        """When the first channel opens, while all are closed."""
        return min((one.opens_at for one in self.channels if one.opens_at), default=None)

    @property
    def is_open(self) -> bool:
        """Whether somebody may expect an answer now."""
        return bool(self._open) or not self.channels

    @property
    def _open(self) -> list[ChannelView]:
        return [one for one in self.channels if one.is_open]


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of the list; ``cursor`` begins the next one. ``bad``: the search has no words."""

    rows: Sequence[Row]
    cursor: str | None = None
    bad: bool = False


def agent_of(visit: Visit) -> Agent:
    """Who acts: this person, by id."""
    return Agent(visit.name, visit.staff_id)


async def queues(session: AsyncSession, visit: Visit) -> Queues:
    """The first column."""
    caller = visit.caller
    people = await presence.agents(session, caller)
    return Queues(
        counts=await rooms.counts(session, caller, agent_of(visit)),
        teams=await teams.list_teams(session, caller),
        me=next((one for one in people if one.staff_id == visit.staff_id), None),
        people=people,
        channels=await consult_channels.list_channels(session, caller),
    )


async def threads(session: AsyncSession, runtime: Runtime, visit: Visit, place: Place) -> Threads:
    """The second column. Raises Malformed ``bad_cursor``."""
    if place.find:
        return await _found(session, runtime, visit, place)
    filters = Filters(queue=place.queue, agent=agent_of(visit), team_id=place.team)
    where = rooms.Place(place.cursor or None, PAGE)
    page = await rooms.list_rooms(session, runtime, visit.caller, filters, where)
    named = await _labels(session, visit, page.rooms)
    rows = [Row(room, _of(named, room)) for room in page.rooms]
    return Threads(rows, page.cursor)


async def _found(session: AsyncSession, runtime: Runtime, visit: Visit, place: Place) -> Threads:
    try:
        before = UUID(place.cursor) if place.cursor else None
    except ValueError:
        before = None
    try:
        found = await search.search(session, runtime, visit.caller, place.find, before)
    except Invalid:
        return Threads([], bad=True)
    hits: dict[UUID, LineView | None] = dict.fromkeys(found.threads)
    for hit in found.hits:
        hits.setdefault(hit.thread_id, hit.line)
    shown = [await rooms.room(session, runtime, visit.caller, id_) for id_ in hits]
    named = await _labels(session, visit, shown)
    rows = [Row(room, _of(named, room), hits[room.id]) for room in shown]
    return Threads(rows, str(found.next) if found.next else None)


async def _labels(
    session: AsyncSession, visit: Visit, shown: Sequence[RoomView]
) -> Mapping[UUID, Sequence[Label]]:
    ids = [room.case.id for room in shown if room.case]
    return await labels.of_cases(session, visit.workspace_id, ids)


def _of(named: Mapping[UUID, Sequence[Label]], room: RoomView) -> Sequence[Label]:
    return named.get(room.case.id, ()) if room.case else ()

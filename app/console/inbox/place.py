"""Where somebody is in the inbox: the queue, the search and the page of the list, by the URL."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query

from app.console.words import mark
from app.services.queues import QUEUES

ICONS = {
    "all": "talk",
    "mine": "man",
    "waiting": "clock",
    "unread": "bell",
    "bot": "bot",
    "snoozed": "pause",
    "resolved": "check",
}
TITLES = {
    "all": mark("모든 상담"),
    "mine": mark("내 상담"),
    "waiting": mark("기다리는 상담"),
    "unread": mark("안 읽음"),
    "bot": mark("봇이 응대 중"),
    "snoozed": mark("미뤄 둠"),
    "resolved": mark("끝난 상담"),
}
LONGEST_FIND = 100


@dataclass(frozen=True, slots=True)
class Place:
    """``queue``: one of ``TITLES``; ``find``: what is searched for; ``cursor``: of the list."""

    queue: str = "all"
    team: UUID | None = None
    find: str = ""
    cursor: str = ""

    def query(self, **changed: object) -> str:
        """``?queue=…`` for a link; empty at the beginning. None leaves a field out."""
        kept: dict[str, object] = {
            "queue": self.queue if self.queue != "all" else None,
            "team": self.team,
            "find": self.find or None,
        }
        given = {name: value for name, value in (kept | changed).items() if value is not None}
        return f"?{urlencode(given)}" if given else ""


def place(
    queue: Annotated[str, Query()] = "all",
    team: Annotated[str, Query()] = "",
    find: Annotated[str, Query()] = "",
    cursor: Annotated[str, Query()] = "",
) -> Place:
    """The place of a request; what nobody knows is the beginning."""
    try:
        team_id = UUID(team) if team else None
    except ValueError:
        team_id = None
    known = queue if queue in QUEUES else "all"
    return Place(known, team_id, find.strip()[:LONGEST_FIND], cursor)

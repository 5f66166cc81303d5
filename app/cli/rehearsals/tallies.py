"""Counts of a rehearsal: Naru's own beside the sandbox's, since it began."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from app.cli.api import Api

ENDED_BADLY = ("failed", "expired", "cancelled", "blocked", "no_report", "sent")
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ours:
    """What Naru counted: messages by what became of them, and attempts the provider took."""

    accepted: int = 0
    chat: int = 0
    sms: int = 0
    failed: int = 0
    open: int = 0
    taken: int = 0
    twice: int = 0

    def since(self, before: "Ours") -> "Ours":
        """What has come to it since then."""
        return Ours(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(Ours)))


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the sandbox counted: recipients it took, lines that arrived on phones."""

    chat: int = 0
    sms: int = 0
    taken: int = 0

    def since(self, before: "Theirs") -> "Theirs":
        """What has come to it since then."""
        return Theirs(
            *(getattr(self, one.name) - getattr(before, one.name) for one in fields(Theirs))
        )


@dataclass(frozen=True, slots=True)
class Count:
    """One thing both counted."""

    what: str
    naru: int
    sandbox: int

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.naru == self.sandbox

    def shown(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "what": self.what,
            "naru": self.naru,
            "sandbox": self.sandbox,
            "same": self.same,
        }


async def ours(api: Api, first: date) -> Ours:
    """Naru's counters of the messages accepted since a Korean day. Raises Problem."""
    told = await api.get("/v1/stats", **{"from": f"{first}", "to": f"{first + A_WEEK}"}, by="total")
    total: Mapping[str, Any] = told["total"]
    routes: Mapping[str, Mapping[str, int]] = total["routes"]
    texts = [count["delivered"] for name, count in routes.items() if name.endswith("ms")]
    return Ours(
        accepted=total["accepted"],
        chat=routes.get("alimtalk", {}).get("delivered", 0),
        sms=sum(texts),
        failed=sum(total[name] for name in ENDED_BADLY),
        open=total["open"],
        taken=sum(route["accepted"] for route in routes.values()),
        twice=total["duplicate_delivery"],
    )


async def theirs(desk: Api) -> Theirs:
    """The sandbox's counters. Raises Problem."""
    told = await desk.get("/desk/api/counters")
    return Theirs(
        chat=told["arrived"]["chat"],
        sms=told["arrived"]["sms"],
        taken=told["recipients"]["accepted"],
    )


def compare(mine: Ours, other: Theirs, sent: int) -> Iterator[Count]:
    """What both sides must agree on when nothing is on its way any more."""
    yield Count("accepted", mine.accepted, sent)
    yield Count("taken", mine.taken, other.taken)
    yield Count("chat", mine.chat, other.chat)
    yield Count("sms", mine.sms, other.sms)

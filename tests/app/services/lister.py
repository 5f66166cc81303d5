"""A scripted provider that lists what it took, and a comparison with it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.db.models.fields import now as clock
from app.services.differences import Difference
from app.services.reconcile import Report, Span, reconcile
from channels.contract import Listed, Listing
from channels.management import ProviderSilent
from channels.vocabulary import Standing
from tests.engine import Engine, Provider

PAGE = 3
NUMBERS = [f"0101234{n:04d}" for n in range(8)]


@dataclass
class Lister(Provider):
    """It lists what it took, three on a page."""

    entries: list[Listed] = field(default_factory=list)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    silent: bool = False

    async def listed(self, since: datetime, until: datetime, cursor: str | None) -> Listing:
        """One page."""
        self.asked.append((since, until))
        if self.silent and cursor:
            raise ProviderSilent("gone")
        start = int(cursor or 0)
        more = start + PAGE < len(self.entries)
        return Listing(
            tuple(self.entries[start : start + PAGE]), str(start + PAGE) if more else None
        )


def around() -> Span:
    now = clock()
    return Span(now - timedelta(hours=1), now + timedelta(minutes=1), timedelta(seconds=3))


async def compare(
    eng: Engine, provider: Lister, span: Span | None = None
) -> tuple[list[Difference], Report]:
    report = Report()
    found = reconcile(eng.runtime, eng.account, provider, span or around(), report)
    return [one async for one in found], report


async def taken(eng: Engine, provider: Lister, state: Standing = Standing.ACCEPTED) -> None:
    """The provider's list says of everything it took what it took."""
    for call in provider.calls:
        for message in call.messages:
            if provider.taken[message.ref]:
                id_ = f"p-{message.ref}"
                entry = Listed(call.route, id_, state, message.ref, at=clock())
                provider.entries.append(entry)

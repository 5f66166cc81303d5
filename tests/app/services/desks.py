"""A talk whose workspace has staff, teams, bots and channel settings."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import (
    Bot,
    Case,
    ConsultChannel,
    Counter,
    Member,
    Presence,
    Staff,
    Team,
    TeamStaff,
)
from app.ids import new_id
from app.services import case_clocks, cases
from app.services.cases import Agent
from scheduler import routing
from tests.app.services.talks import Talk, talking

NOON = datetime(2026, 12, 4, 3, tzinfo=UTC)  # a Friday, 12:00 in Korea


@asynccontextmanager
async def desk(
    folder: Path, migrated: Path | None = None, database_url: str = ""
) -> AsyncIterator["Desk"]:
    """A fresh one; on SQLite a migrated file is copied."""
    if migrated is not None:
        shutil.copy(migrated, folder / "naru.db")
    async with talking(folder, database_url=database_url) as talk:
        yield Desk(talk)


class Desk:
    """What tests of the rules do."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    async def add(self, *rows: Any) -> None:
        """Rows, in order."""
        async with self.talk.runtime.database.write() as tx:
            for row in rows:
                tx.session.add(row)
                await tx.session.flush()

    async def person(
        self, name: str = "김나루", state: str | None = "active", capacity: int = 5, **more: Any
    ) -> Agent:
        """One of staff, with a presence unless ``state`` is None."""
        home = self.talk.workspace.id
        staff = Staff(email=f"{new_id()}@naru.test", name=name)
        member: dict[str, Any] = {
            "workspace_id": home,
            "name": name,
            "role": "agent",
            "staff_id": staff.id,
        }
        await self.add(staff, Member(**(member | more)))
        if state is not None:
            row = Presence(workspace_id=home, staff_id=staff.id, state=state, capacity=capacity)
            await self.add(row)
        return Agent(name, staff.id)

    async def presence(self, agent: Agent, **values: Any) -> None:
        """As if somebody's presence had become that."""
        await self.talk.change(Presence, col(Presence.staff_id) == agent.id, **values)

    async def team(self, name: str, *agents: Agent) -> UUID:
        """A team of people."""
        team = Team(workspace_id=self.talk.workspace.id, name=name)
        await self.add(team)
        for agent in agents:
            assert agent.id is not None
            await self.add(TeamStaff(team_id=team.id, staff_id=agent.id))
        return team.id

    async def channel(self, **values: Any) -> ConsultChannel:
        """Settings of the only channel."""
        row = ConsultChannel(
            sender_id=self.talk.sender.id, workspace_id=self.talk.workspace.id, **values
        )
        await self.add(row)
        return row

    async def bot(self, **values: Any) -> Bot:
        """The only channel's bot."""
        bot = Bot(workspace_id=self.talk.workspace.id, name="길잡이", kind="rules", **values)
        await self.add(bot)
        await self.channel(bot_id=bot.id)
        return bot

    async def customers(self, *keys: str, at: datetime | None = None) -> list[Case]:
        """Customers write, one after the other; their cases in that order."""
        for key in keys:
            await self.talk.hear(user_key=f"customer-{key}")
        found = (await self.cases())[-len(keys) :]
        if at is not None:
            for n, case in enumerate(found):
                since = at + timedelta(minutes=n)
                await self.talk.change(Case, col(Case.id) == case.id, waiting_since=since)
        return await self.cases()

    async def cases(self) -> list[Case]:
        """All cases by number."""
        return sorted(await self.talk.all(Case), key=lambda case: case.number)

    async def case(self) -> Case:
        """The newest case."""
        return (await self.cases())[-1]

    async def now(self, **values: Any) -> None:
        """As if the newest case had become that."""
        await self.talk.change(Case, col(Case.id) == (await self.case()).id, **values)

    async def take(self, agent: Agent, case: Case | None = None) -> Case:
        """Somebody takes a case, the newest unless told."""
        case_id = (case or await self.case()).id
        async with self.talk.runtime.database.write() as tx:
            return await cases.take(tx, self.talk.caller(), case_id, agent)

    async def resolve(self, case: Case | None = None) -> Case:
        """Somebody resolves a case."""
        case_id = (case or await self.case()).id
        async with self.talk.runtime.database.write() as tx:
            return await cases.resolve(tx, self.talk.caller(), case_id)

    async def answer(self, agent: Agent, text: str = "네") -> None:
        """An agent answers in the only thread."""
        case = await self.case()
        await self.talk.post(text, agent=agent.name, staff_id=agent.id, epoch=case.epoch)

    async def route(self) -> int:
        """The scheduler's turn."""
        return await routing.route_due(self.talk.runtime)

    async def receive(self) -> int:
        """Its first half: deadlines and automatic texts."""
        return await routing.receive_new(self.talk.runtime)

    async def sums(self) -> dict[str, int]:
        """Counters of consultations, without those of time."""
        found = await self.counters()
        return {name: value for name, value in found.items() if name in case_clocks.COUNTS}

    async def counters(self) -> dict[str, int]:
        """Counters of consultations in the sandbox, all days together."""
        prefix = "consult.sandbox."
        async with self.talk.runtime.database.read() as session:
            rows = list(await session.exec(_counters(prefix)))
        found: dict[str, int] = {}
        for name, value in rows:
            found[name.removeprefix(prefix)] = found.get(name.removeprefix(prefix), 0) + value
        return found


def _counters(prefix: str) -> Any:
    from_table = col(Counter.name), col(Counter.value)
    return select(*from_table).where(col(Counter.name).startswith(prefix))


def stand(case: Case) -> tuple[str, str, str, int]:
    """State, owner and epoch."""
    return case.state, case.owner_kind, case.owner, case.epoch

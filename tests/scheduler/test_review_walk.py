"""People, reviewers and dying schedulers in any order: what is sent is what was approved.

NARU_REVIEW_WALKS: how many walks of 40 steps (default 1).
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from sqlmodel import col, select

from app.db.models import TemplateRegistration, TemplateVersion
from app.errors import GatewayError
from app.services import reviews
from app.services.runtime import Runtime
from app.services.ways import USABLE
from channels.vocabulary import ReviewAction
from tests.review_desk import Desk, Killed, Office, open_office

WALKS = int(os.environ.get("NARU_REVIEW_WALKS", "1"))
STEPS = 40
A = ReviewAction


@pytest.fixture
async def office(runtime: Runtime) -> AsyncIterator[Office]:
    desk = Desk()
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk.answer)) as client:
        yield await open_office(runtime, desk, client)


class Walk:
    """One walk; ``said`` is what was done, for whoever has to understand a failure."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.chance, self.said = office, random.Random(seed), [f"seed {seed}"]
        self.texts = 0

    async def step(self) -> None:
        acts: list[Callable[[], Awaitable[object]]] = [
            self.put,
            self.draft,
            self.turn,
            self.turn,
            self.dying_turn,
            self.meanwhile,
            self.judge,
            self.judge,
            self.ask(reviews.act, A.COMMENT, text="네"),
            self.ask(reviews.act, A.WITHDRAW),
            self.ask(reviews.submit),
            self.ask(reviews.stop),
            self.ask(reviews.resume),
        ]
        act = self.chance.choice(acts)
        self.said.append(getattr(act, "__name__", str(act)))
        try:
            await act()
        except GatewayError as refused:
            self.said.append(refused.code)

    async def put(self, *, submit: bool = True) -> None:
        self.texts += 1
        await self.office.put(submit=submit, content=f"{self.texts}번째 문구")

    async def draft(self) -> None:
        await self.put(submit=False)

    async def turn(self) -> None:
        await self.office.turn()

    async def meanwhile(self) -> None:
        """Somebody edits while the scheduler asks."""
        await asyncio.gather(self.office.turn(), self.put())

    async def dying_turn(self) -> None:
        """The process dies before or after it asked, or never hears the answer."""
        end = self.chance.choice([Killed(), httpx.ReadTimeout("lost")])

        def die(action: str) -> None:
            raise end

        where = self.chance.choice(["before", "after"])
        setattr(self.office.desk, where, die)
        try:
            await self.office.turn()
        except BaseExceptionGroup as died:
            if died.subgroup(Killed) is None:
                raise
        self.office.desk.before = self.office.desk.after = lambda action: None

    async def judge(self) -> None:
        """The reviewers take one, also what they had rejected, and decide."""
        known = self.office.desk.known
        codes = [code for code, row in known.items() if row["inspection"] != "approved"]
        if codes:
            verdict = self.chance.choice(["approved", "rejected", "rejected", "in_review"])
            self.office.desk.judge(verdict, self.chance.choice(codes), "의견")
            self.said.append(verdict)

    def ask(
        self, what: Callable[..., object], *more: object, **named: object
    ) -> Callable[..., Awaitable[object]]:
        async def asked() -> None:
            await self.office.do(what, *more, **named)

        asked.__name__ = " ".join(map(str, (what.__name__, *more)))
        return asked

    async def check(self) -> None:
        """Everything that may be sent is at the provider with that very text, and approved."""
        async with self.office.runtime.database.read() as session:
            rows = await session.exec(
                select(TemplateRegistration.code, TemplateVersion.body)
                .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
                .where(*USABLE)
            )
            usable = rows.all()
        for code, body in usable:
            form = self.office.desk.known[code]["form"]
            assert form["content"] == body["content"], self.said
        assert len({code for code, _ in usable}) == len(usable), self.said

    async def finish(self) -> None:
        """With time and kind reviewers the newest submitted version comes into use."""
        await self.office.do(reviews.resume)
        for _ in range(8):
            await self.office.turn()
            for code, row in self.office.desk.known.items():
                if row["inspection"] in ("in_review", "registered"):
                    self.office.desk.judge("approved", code)
        stored = await self.office.get()
        newest = next(v for v in stored.versions if v.version.submitted_at)
        (one,) = newest.registered
        assert one.registration.action in ("", "replaced"), self.said
        if one.registration.inspection != "rejected":
            assert await self.office.in_use() == newest.version.number, self.said
        await self.check()


@pytest.mark.parametrize("seed", range(WALKS))
async def test_what_may_be_sent_is_what_was_approved(office: Office, seed: int) -> None:
    walk = Walk(office, seed)
    await office.create()
    for _ in range(STEPS):
        await walk.step()
        await walk.check()
    await walk.finish()

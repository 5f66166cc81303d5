"""A workspace that has sent: messages in every state, by the engine and a scripted provider."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col

from app.config import Settings
from app.db.models import Message
from app.services.runtime import Runtime, open_runtime
from channels.contract import Outcome
from channels.vocabulary import Reason, Result, Verdict
from tests.app.console.visitors import Visitor, logged_in, somebody
from tests.applications import application
from tests.engine import Engine, Provider, engine, verdict

FALLS_BACK = [{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}]


@dataclass
class Sent:
    """The engine's workspace, and messages by what became of them."""

    eng: Engine
    ids: dict[str, UUID]


def answer(ref: str, to: str) -> Outcome:
    """The last digit of a number decides: 2 has no KakaoTalk, 3 is not answered, 4 is no number."""
    told = {
        "2": verdict(Verdict.REJECTED, Reason.NOT_REACHABLE, code="3018"),
        "3": verdict(Verdict.UNKNOWN, Reason.NO_ANSWER),
        "4": verdict(Verdict.REJECTED, Reason.BAD_ADDRESS, code="1001"),
    }.get(to[-1])
    if told is not None:
        return told(ref, to)
    return Outcome(ref, Verdict.ACCEPTED, provider_id=f"p-{ref}")


async def sent(runtime: Runtime, **template: Any) -> Sent:
    """One delivered, one that fell back, one unknown, one failed, one waiting."""
    eng = await engine(runtime, Provider(answer=Falling()), **template)
    ids: dict[str, UUID] = {}
    for name, number in (
        ("delivered", "01000001001"),
        ("fallen", "01000001002"),
        ("unknown", "01000001003"),
        ("failed", "01000001004"),
    ):
        (ids[name],) = await eng.accept(number, reference=f"order-{name}", plan=FALLS_BACK)
    await eng.run()
    for name in ("delivered", "fallen"):
        for attempt in await eng.attempts(ids[name]):
            if attempt.status == "accepted":
                await eng.report(attempt, Result.DELIVERED)
    (ids["waiting"],) = await eng.accept("01000001001", reference="order-waiting")
    return Sent(eng, ids)


class Falling:
    """Only Alimtalk refuses the number without KakaoTalk: the text message reaches it."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, ref: str, to: str) -> Outcome:
        if to.endswith("2") and to in self.seen:
            return Outcome(ref, Verdict.ACCEPTED, provider_id=f"p-{ref}")
        self.seen.add(to)
        return answer(ref, to)


async def visitor_of(
    app: FastAPI, runtime: Runtime, workspace_id: UUID, role: str, mode: str = "sandbox"
) -> Visitor:
    """Somebody of a workspace, looking at one mode."""
    person = await somebody(runtime, workspace_id, role)
    return await logged_in(app, runtime, person, mode)


@dataclass
class World:
    """The application over a workspace that has sent. ``foreign``: a message of another one.

    ``live`` is one of the workspace's own that is no rehearsal.
    """

    app: FastAPI
    runtime: Runtime
    workspace_id: UUID
    other_id: UUID
    ids: dict[str, UUID]

    async def visitor(self, role: str, mode: str = "sandbox") -> Visitor:
        """Somebody of the workspace."""
        return await visitor_of(self.app, self.runtime, self.workspace_id, role, mode)

    def page(self, name: str) -> str:
        """The address of a message."""
        return f"/console/messages/{self.ids[name]}"


HOSTILE: dict[str, Any] = {
    "content": "<script>alert(1)</script> #{주문번호} <img src=x onerror=alert(2)>",
    "buttons": [{"kind": "WL", "name": "<b>열기", "url_mobile": "https://a.test/?a=1&b=2"}],
}


async def _fill(settings: Settings) -> dict[str, UUID]:
    async with open_runtime(settings) as runtime:
        one = await sent(runtime)
        other = await engine(runtime, **HOSTILE)
        ids = {**one.ids, "workspace": one.eng.workspace_id, "other": other.workspace_id}
        (ids["foreign"],) = await other.accept("01000001001", reference="order-delivered")
        (ids["live"],) = await one.eng.accept("01000001001", reference="order-live")
        async with runtime.database.write() as tx:
            await tx.session.exec(
                update(Message).where(col(Message.id) == ids["live"]).values(mode="live")
            )
        return ids


@pytest.fixture(scope="session")
def kept(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, UUID]]:
    """An installation that has sent; sending once and copying takes a tenth of the time."""
    folder = tmp_path_factory.mktemp("sent")
    shutil.copy(migrated, folder / "naru.db")
    return folder, asyncio.run(_fill(Settings(data=folder, database_url="")))


@pytest.fixture
async def world(tmp_path: Path, kept: tuple[Path, dict[str, UUID]]) -> AsyncIterator[World]:
    """A copy of it, with the application."""
    shutil.copytree(kept[0], tmp_path / "var")
    settings = Settings(data=tmp_path / "var", database_url="")
    async with application(settings) as app:
        ids = dict(kept[1])
        yield World(app, app.state.runtime, ids.pop("workspace"), ids.pop("other"), ids)

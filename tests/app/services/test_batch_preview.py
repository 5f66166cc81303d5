"""A batch looked at: ten thousand are counted without storing one, and others get their turn."""

import asyncio

import pytest

from app.db.models.fields import now as clock
from app.errors import Forbidden, Refused
from app.services.batch_preview import preview
from app.services.callers import SCOPES, Caller
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage
from app.services.runtime import Runtime
from tests.engine import FORM, Engine, engine


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


def people(count: int) -> list[NewMessage]:
    """Every tenth has a text message too long for an SMS, every hundredth one for anything."""
    values = {0: "가" * 1_000, 10: "가" * 60}
    return [
        NewMessage(
            FORM["code"],
            f"0101{i:07d}",
            {"주문번호": values.get(i % 100, values[10] if i % 10 == 0 else f"A-{i}")},
        )
        for i in range(count)
    ]


async def test_a_thousand_are_counted_and_others_get_their_turn(eng: Engine) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    told = await preview(eng.runtime, Catalogue(eng.runtime), eng.caller, people(1_000), clock())
    beside.cancel()
    assert turns >= 10
    assert (told["messages"], told["refused"]) == (1_000, 10)
    assert [step["routes"] for step in told["steps"]] == [
        {"alimtalk": 990}, {"lms": 90, "sms": 900}
    ]  # fmt: skip
    assert [one["index"] for one in told["refusals"]] == list(range(0, 1_000, 100))
    assert {(r["code"], r["count"], r["limit"]) for r in told["refusals"]} == {
        ("too_long", 1_024, 1_000)
    }


async def test_a_team_key_hears_of_people_it_may_not_write_to(
    eng: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Caller(eng.workspace_id, eng.caller.key_id, "team", frozenset(SCOPES))
    with pytest.raises(Refused):  # it is a live key, and there is no live account
        await preview(eng.runtime, Catalogue(eng.runtime), team, people(1), clock())
    monkeypatch.setattr(Caller, "mode", "sandbox")
    with pytest.raises(Forbidden):
        await preview(eng.runtime, Catalogue(eng.runtime), team, people(1), clock())

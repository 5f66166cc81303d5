"""How accounts answered lately: one word from their state and their newest calls."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.db.models import ProviderAccount
from app.db.models.fields import now as clock
from app.services import health
from app.services.health import BEATS, Beat
from app.services.runtime import Runtime
from tests.engine import engine

FAST, SLOW, FAILED = Beat(0.2, False), Beat(3.0, False), Beat(0.2, True)


@pytest.mark.parametrize(
    ("changes", "calls", "state"),
    [
        ({}, [], "quiet"),
        ({}, [FAST] * 3, "ok"),
        ({}, [SLOW] * 3, "slow"),
        ({}, [FAILED, FAILED, FAST], "failing"),
        ({}, [FAILED, FAST], "ok"),
        ({"state": "paused"}, [FAST], "paused"),
        ({"breaker_until": clock() + timedelta(hours=1)}, [FAST], "resting"),
        ({"breaker_until": clock() - timedelta(hours=1)}, [FAST], "ok"),
    ],
)
def test_a_state_is_one_word(changes: dict[str, object], calls: list[Beat], state: str) -> None:
    account = ProviderAccount(
        workspace_id=UUID(int=1),
        name="a",
        mode="live",
        adapter="nhn",
        credentials_sealed=b"",
        callback_hash=b"",
    ).model_copy(update=changes)
    pulse = health._pulse(account, calls, clock())
    assert pulse.state == state
    assert (pulse.seconds is None) == (not calls)


def test_many_calls_are_few_beats() -> None:
    account = ProviderAccount(
        workspace_id=UUID(int=1),
        name="a",
        mode="live",
        adapter="nhn",
        credentials_sealed=b"",
        callback_hash=b"",
    )
    pulse = health._pulse(account, [FAST] * 100 + [FAILED], clock())
    assert len(pulse.beats) <= BEATS
    assert [one.failed for one in pulse.beats][-1]


async def test_only_what_was_lately(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await eng.accept("01000001001")
    await eng.run()
    async with runtime.database.read() as session:
        (now,) = await health.of_accounts(session, [eng.account], clock())
        (later,) = await health.of_accounts(session, [eng.account], clock() + health.LATELY)
    assert (now.calls, now.state) == (1, "ok")
    assert (later.calls, later.state) == (0, "quiet")

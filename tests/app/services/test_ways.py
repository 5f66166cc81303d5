"""Which account carries a message: weight, health, approval, and how far it reports."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from app.db.models import ProviderAccount
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services.runtime import Runtime
from app.services.ways import Need, Way, choose, is_ready, pick, ways
from channels.vocabulary import Level
from tests.carriers import with_mms, without_mms
from tests.engine import Engine, engine
from tests.neighbours import change, neighbour

BOTH = frozenset({Level.ACCEPTED, Level.DELIVERED})
READ = BOTH | {Level.READ}


def way(weight: int = 100, *, is_ready: bool = True, levels: frozenset[Level] = BOTH) -> Way:
    return Way(new_id(), new_id(), levels, weight=weight, is_ready=is_ready)


def shares(*found: Way, until: Level | None = None) -> list[float]:
    """What part of a thousand choices each of them gets."""
    counts: Counter[UUID] = Counter()
    for _ in range(1_000):
        chosen = choose(found, until)
        assert chosen is not None
        counts[chosen.account_id] += 1
    return [counts[one.account_id] / 1_000 for one in found]


def test_new_messages_are_shared_by_weight() -> None:
    assert shares(way(100), way(100)) == pytest.approx([0.5, 0.5], abs=0.1)
    assert shares(way(90), way(30)) == pytest.approx([0.75, 0.25], abs=0.1)


def test_weight_zero_stands_by() -> None:
    assert shares(way(0), way(1)) == [0, 1]
    assert shares(way(0)) == [1]
    assert shares(way(0), way(100, is_ready=False)) == [1, 0]


def test_who_is_not_ready_gets_nothing_while_another_is() -> None:
    assert shares(way(is_ready=False), way(10)) == [0, 1]
    assert shares(way(is_ready=False)) == [1], "better a queue than a refusal"


def test_who_reports_as_far_as_the_step_asks_is_preferred() -> None:
    assert shares(way(), way(levels=READ), until=Level.READ) == [0, 1]
    assert shares(way(), until=Level.READ) == [1], "the caller is told what is missing"


def test_nobody_is_chosen_from_nobody() -> None:
    only = way()
    assert choose([]) is None
    assert choose([only], None, {only.account_id}) is None


@pytest.mark.parametrize(
    ("state", "paused_for", "broken_for", "ready"),
    [
        ("active", None, None, True),
        ("paused", None, None, False),
        ("paused", 5, None, False),
        ("paused", -5, None, True),
        ("active", None, 5, False),
        ("active", None, -5, True),
        ("disabled", None, None, False),
    ],
)
def test_ready_is_neither_paused_nor_broken(
    state: str, paused_for: int | None, broken_for: int | None, ready: bool
) -> None:
    now = clock()
    ahead = [None if s is None else now + timedelta(seconds=s) for s in (paused_for, broken_for)]
    account = ProviderAccount(
        workspace_id=new_id(), name="a", mode="live", adapter="nhn", credentials_sealed=b"",
        callback_hash=b"", state=state, paused_until=ahead[0], breaker_until=ahead[1],
    )  # fmt: skip
    assert is_ready(account, now) is ready


async def carriers(eng: Engine, channel: str, route: str = "") -> set[UUID]:
    need = Need(eng.workspace_id, "sandbox", channel, eng.version_id, route)
    async with eng.runtime.database.read() as session:
        return {one.account_id for one in await ways(session, eng.runtime, need)}


async def test_alimtalk_goes_only_where_the_template_is_approved(runtime: Runtime) -> None:
    eng = await engine(runtime)
    other = await neighbour(eng, approved=False)
    assert await carriers(eng, "alimtalk") == {eng.account.id}
    assert await carriers(eng, "sms") == {eng.account.id, other.account.id}
    third = await neighbour(eng, name="third")
    assert await carriers(eng, "alimtalk") == {eng.account.id, third.account.id}


async def test_disabled_accounts_and_those_of_others_are_not_there(runtime: Runtime) -> None:
    eng, stranger = await engine(runtime), await engine(runtime)
    other = await neighbour(eng)
    await change(eng, other.account.id, state="disabled")
    assert await carriers(eng, "sms") == {eng.account.id}
    assert stranger.account.id not in await carriers(eng, "alimtalk")
    need = Need(eng.workspace_id, "live", "sms")
    async with runtime.database.read() as session:
        assert await pick(session, runtime, need) is None


async def test_accepted_messages_are_shared_and_later_steps_too(runtime: Runtime) -> None:
    eng = await engine(runtime)
    other = await neighbour(eng)
    ids = await eng.accept(*(f"0101234{i:04d}" for i in range(40)))
    homes = Counter([(await eng.attempts(one))[0].account_id for one in ids])
    assert min(homes[eng.account.id], homes[other.account.id]) >= 5
    await change(eng, other.account.id, weight_now=0)
    (later,) = await eng.accept("01099990000")
    assert (await eng.attempts(later))[0].account_id == eng.account.id


async def test_a_picture_goes_only_where_the_account_carries_it(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    eng = await engine(runtime)
    other = await neighbour(eng)
    await change(eng, other.account.id, adapter="relay")
    without_mms(monkeypatch, "nhn", "relay")
    assert await carriers(eng, "sms", route="mms") == set()
    with_mms(monkeypatch, "nhn")
    assert await carriers(eng, "sms", route="mms") == {eng.account.id}
    assert await carriers(eng, "sms") == {eng.account.id, other.account.id}

"""The same picture at two accounts: each has its own name for it, and one may take what the other
refused."""

import pytest

from app.services.runtime import Runtime
from tests.carriers import with_mms
from tests.engine import Engine
from tests.neighbours import Neighbour, change, neighbour
from tests.scheduler.test_showing import NUMBER, given, mms, state


@pytest.fixture
async def two(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, Neighbour]:
    """The first account gets every message that it can carry."""
    with_mms(monkeypatch, "nhn")
    eng = await mms(runtime)
    other = await neighbour(eng)
    await change(eng, other.account.id, weight=0, weight_now=0)
    eng.account, mine = other.account, eng.account
    await given(eng, provider_name="theirs", due_at=None)
    eng.account = mine
    return eng, other


async def test_each_account_shows_it_by_its_own_name(two: tuple[Engine, Neighbour]) -> None:
    eng, _ = two
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, id_) == ("held", "picture_awaited")  # the other's is not ours
    await given(eng, provider_name="ours")
    (next_,) = await eng.accept(NUMBER)
    await eng.run()
    assert await state(eng, next_) == ("sent", None)
    assert [m.picture for call in eng.provider.calls for m in call.messages] == ["ours"]


async def test_what_one_provider_refused_leaves_through_another(
    two: tuple[Engine, Neighbour],
) -> None:
    eng, other = two
    await given(eng, error_code="-8000")
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    while await other.lane.turn():
        pass
    assert await state(eng, id_) == ("sent", None)
    first, second = await eng.attempts(id_)
    assert (first.reason, second.account_id) == ("no_picture", other.account.id)
    assert (first.step, second.step, second.n) == (0, 0, 2)
    assert eng.provider.calls == []
    assert [m.picture for call in other.provider.calls for m in call.messages] == ["theirs"]

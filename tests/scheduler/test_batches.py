"""What is in a lot: what may leave, what must not, and how it is cut into calls."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, update

from app.db.models import Attempt, Message, Template, TemplateRegistration
from app.ids import new_id, to_ref
from app.services.runtime import Runtime
from app.services.settle import Item
from app.services.states import MESSAGE_EXPIRED, TEMPLATE_STOPPED, UNREADABLE_CONTENT
from channels.contract import Idempotency, Outgoing, Route
from channels.vocabulary import IdempotencyClass
from scheduler.batches import Cargo, Load, cut, read_lot
from templates.plan import DEFAULT
from tests.engine import Engine, engine

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NUMBERS = ["01012340000", "01012340001"]


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def lot_of(eng: Engine, message_id: UUID) -> UUID:
    [attempt] = await eng.attempts(message_id)
    assert attempt.lot_id is not None
    return attempt.lot_id


async def one_lot(eng: Engine, **more: Any) -> tuple[list[UUID], UUID]:
    """Two messages in one lot."""
    ids = await eng.accept(*NUMBERS, **more)
    lot = await lot_of(eng, ids[0])
    await change(eng, Attempt, lot_id=lot)
    return ids, lot


async def change(eng: Engine, model: Any, only: UUID | None = None, **values: Any) -> None:
    statement = update(model).values(**values)
    if only is not None:
        statement = statement.where(col(model.id) == only)
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(statement)


async def read(eng: Engine, lot: UUID, *, after: timedelta = timedelta()) -> Cargo:
    return await read_lot(eng.runtime, lot, datetime.now(UTC) + after)


async def test_what_leaves_is_what_was_frozen(eng: Engine) -> None:
    ids, lot = await one_lot(eng, priority="high")
    cargo = await read(eng, lot)
    assert cargo.refused == []
    assert [item.message_id for item, _ in cargo.ready] == sorted(ids)
    for (item, message), number, i in zip(cargo.ready, NUMBERS, range(2), strict=True):
        [attempt] = await eng.attempts(item.message_id)
        assert message.ref == to_ref(attempt.id)
        assert (message.to, message.sender, message.template) == (number, "k" * 40, "order_test")
        assert message.text == f"[나루상점] 주문번호 A-{i} 상품이 출발했습니다."
        assert (item.attempt_id, item.step, item.tries, item.priority) == (attempt.id, 0, 0, 1)


async def test_a_later_edit_of_the_template_changes_nothing(eng: Engine) -> None:
    _, lot = await one_lot(eng)
    before = [message for _, message in (await read(eng, lot)).ready]
    await change(eng, Template, name="other")
    assert [message for _, message in (await read(eng, lot)).ready] == before


async def test_only_queued_attempts_of_the_lot_are_in_it(eng: Engine) -> None:
    ids, lot = await one_lot(eng)
    [gone] = await eng.attempts(ids[0])
    await change(eng, Attempt, gone.id, status="cancelled")
    assert [item.message_id for item, _ in (await read(eng, lot)).ready] == [ids[1]]
    assert await read(eng, new_id()) == Cargo()


async def test_what_has_expired_does_not_leave(eng: Engine) -> None:
    ids, lot = await one_lot(eng, expires_at=datetime.now(UTC) + timedelta(minutes=1))
    assert len((await read(eng, lot)).ready) == 2
    cargo = await read(eng, lot, after=timedelta(minutes=2))
    assert cargo.ready == []
    assert [(i.message_id, s, r) for i, s, r in cargo.refused] == [
        (message_id, "expired", MESSAGE_EXPIRED) for message_id in sorted(ids)
    ]


@pytest.mark.parametrize(
    "axes", [{"inspection": "rejected"}, {"usage": "stopped"}, {"blocked": True}, {"dormant": True}]
)
async def test_a_template_that_was_stopped_meanwhile_does_not_leave(
    eng: Engine, axes: dict[str, Any]
) -> None:
    _, lot = await one_lot(eng)
    await change(eng, TemplateRegistration, **axes)
    cargo = await read(eng, lot)
    assert cargo.ready == []
    assert [(s, r) for _, s, r in cargo.refused] == [("rejected", TEMPLATE_STOPPED)] * 2


async def test_a_text_message_needs_no_approved_template(eng: Engine) -> None:
    _, lot = await one_lot(eng, plan=[{"channel": "sms"}])
    await change(eng, TemplateRegistration, usage="stopped")
    cargo = await read(eng, lot)
    assert [message.sender for _, message in cargo.ready] == ["0220410100"] * 2
    assert {message.template for _, message in cargo.ready} == {""}


@pytest.mark.parametrize("broken", ["blob", "channel", "sender"])
async def test_one_that_cannot_be_read_does_not_stop_the_others(eng: Engine, broken: str) -> None:
    ids, lot = await one_lot(eng)
    [attempt] = await eng.attempts(ids[0])
    if broken == "blob":
        await change(eng, Message, ids[0], sealed=b"\1\1damaged")
    elif broken == "channel":
        await change(eng, Attempt, attempt.id, channel="push")
    else:
        await change(eng, Attempt, attempt.id, channel="sms", sender_id=new_id())
    cargo = await read(eng, lot)
    assert [item.message_id for item, _ in cargo.ready] == [ids[1]]
    assert [(i.message_id, s, r) for i, s, r in cargo.refused] == [
        (ids[0], "rejected", UNREADABLE_CONTENT)
    ]


async def test_a_step_counts_from_its_planned_time(eng: Engine) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    _, lot = await one_lot(eng, send_at=ahead)
    assert {item.started_at for item, _ in (await read(eng, lot)).ready} == {ahead}


def route(*same: str) -> Route:
    kind = Idempotency(IdempotencyClass.LOOK_UP)
    return Route("sms", 1_000, frozenset(same), kind, frozenset())


def loads(values: Sequence[tuple[str, str]]) -> list[Load]:
    """Messages given as (text, sender)."""
    made = []
    for i, (text, sender) in enumerate(values):
        item = Item(new_id(), new_id(), 0, DEFAULT, NOW, None, 0, 0)
        made.append((item, Outgoing(f"{i:026}", "01012345678", sender, text)))
    return made


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=40),
    st.sampled_from([(), ("text",), ("sender",), ("sender", "text")]),
    st.integers(1, 9),
)
def test_calls_hold_everything_once_and_share_what_the_route_asks(
    values: list[tuple[str, str]], same: tuple[str, ...], batch: int
) -> None:
    given = loads(values)
    calls = cut(given, route(*same), batch)
    refs = [message.ref for call in calls for _, message in call]
    assert sorted(refs) == [message.ref for _, message in given]
    for call in calls:
        assert 1 <= len(call) <= batch
        assert len({tuple(getattr(m, name) for name in same) for _, m in call}) == 1
        assert [m.ref for _, m in call] == sorted(m.ref for _, m in call)
    groups = {tuple(getattr(m, name) for name in same) for _, m in given}
    assert len(calls) <= len(groups) + len(given) // batch  # no more requests than needed

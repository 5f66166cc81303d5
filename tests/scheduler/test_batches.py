"""What is in a lot: what may leave, what must not, and how it is cut into calls."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select, update

from app.db.models import Attempt, Message, Template, TemplateRegistration, TemplateVersion
from app.ids import new_id, to_ref
from app.services.calls import Item
from app.services.content import TABLE
from app.services.runtime import Runtime
from app.services.states import (
    IN_DOUBT,
    MESSAGE_EXPIRED,
    TEMPLATE_STOPPED,
    UNREADABLE_CONTENT,
)
from channels.contract import Idempotency, Outgoing, Route
from channels.vocabulary import IdempotencyClass, Reason
from scheduler.batches import Cargo, Load, cut, read_lot
from templates.plan import DEFAULT
from templates.reading import read_template
from tests.editions import CODE, second_version, stop
from tests.engine import FORM, Engine, engine

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


async def spoil(eng: Engine, message_id: UUID, **parts: Any) -> None:
    """Change what the message froze, as nobody may."""
    message, sealer = await eng.message(message_id), eng.runtime.sealer
    frozen = sealer.open(TABLE, message.workspace_id, message.id, message.sealed)
    frozen["alimtalk"] |= parts
    sealed = sealer.seal(TABLE, message.workspace_id, message.id, frozen)
    await change(eng, Message, message_id, sealed=sealed)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"text": "[나루상점] 주문번호 A-0 상품이 출발했습니다!"}, "text"),
        ({"title": "출발"}, "title"),
        ({"buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://x/"}]}, "buttons"),
    ],
)
async def test_what_is_not_as_approved_does_not_leave(
    eng: Engine, parts: dict[str, Any], field: str
) -> None:
    ids, lot = await one_lot(eng)
    await spoil(eng, ids[0], **parts)
    cargo = await read(eng, lot)
    assert [item.message_id for item, _ in cargo.ready] == [ids[1]]
    [(item, status, reason)] = cargo.refused
    assert (item.message_id, status, reason) == (ids[0], "rejected", Reason.TEMPLATE_MISMATCH)
    assert cargo.differing == {item.attempt_id: field}


async def test_an_sms_of_it_needs_no_approval(eng: Engine) -> None:
    ids, lot = await one_lot(eng, plan=[{"channel": "sms"}])
    await spoil(eng, ids[0], text="other")
    assert len((await read(eng, lot)).ready) == 2


async def test_a_repeat_in_doubt_is_not_ended_here(eng: Engine) -> None:
    """Its first request may have been taken: ended, its next step would send a second one."""
    ids, lot = await one_lot(eng)
    await spoil(eng, ids[0], text="other")
    [attempt] = await eng.attempts(ids[0])
    await change(eng, Attempt, attempt.id, reason=IN_DOUBT)
    cargo = await read(eng, lot)
    assert (len(cargo.ready), cargo.refused) == (2, [])


async def test_a_newer_version_does_not_disturb_the_older_ones_messages(eng: Engine) -> None:
    ids, lot = await one_lot(eng)
    form = read_template(FORM | {"content": "[나루상점] #{주문번호} 발송"}).to_mapping()
    message = await eng.message(ids[0])
    newer = TemplateVersion(
        workspace_id=eng.workspace_id, template_id=message.template_id, number=2, body=form
    )
    async with eng.runtime.database.write() as tx:
        tx.session.add(newer)
    assert len((await read(eng, lot)).ready) == 2
    # and a message of the newer one is held to that
    await change(eng, Message, ids[1], version_id=newer.id)
    await register(eng, newer.id)
    cargo = await read(eng, lot)
    assert [item.message_id for item, _ in cargo.ready] == [ids[0]]
    assert list(cargo.differing.values()) == ["text"]
    await spoil(eng, ids[1], text="[나루상점] A-1 발송")
    assert len((await read(eng, lot)).ready) == 2


async def register(eng: Engine, version_id: UUID) -> None:
    """Approve another version at the engine's sender."""
    async with eng.runtime.database.write() as tx:
        [old] = await tx.session.exec(select(TemplateRegistration))
        values = old.model_dump() | {"id": new_id(), "version_id": version_id}
        tx.session.add(TemplateRegistration(**values))


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


async def test_each_version_leaves_with_its_own_text_and_code(eng: Engine) -> None:
    """An edit changes nothing that was accepted; what is accepted then is the new version's."""
    old, lot = await one_lot(eng)
    await second_version(eng)
    new = await eng.accept("01012340009")
    await change(eng, Attempt, lot_id=lot)
    cargo = await read(eng, lot)
    assert cargo.refused == []
    by_id = {item.message_id: (out.template, out.text) for item, out in cargo.ready}
    assert {by_id[i][0] for i in old} == {"order_test"}
    assert all(by_id[i][1].endswith("상품이 출발했습니다.") for i in old)
    assert by_id[new[0]][0] == CODE
    assert by_id[new[0]][1].endswith("상품을 오늘 보냈습니다.")


async def test_nothing_of_a_template_we_stopped_leaves_by_any_channel(eng: Engine) -> None:
    ids, lot = await one_lot(eng)
    ids += await eng.accept("01012340009", plan=[{"channel": "sms"}])
    await change(eng, Attempt, lot_id=lot)
    await stop(eng)
    cargo = await read(eng, lot)
    assert cargo.ready == []
    assert [(s, r) for _, s, r in cargo.refused] == [("rejected", TEMPLATE_STOPPED)] * 3

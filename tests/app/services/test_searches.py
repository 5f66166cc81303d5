"""Messages found on both databases, by indexes and within a bound; and the lists beside them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlmodel import col, select

from app.db.models import Attempt, Message
from app.db.models.fields import now as clock
from app.ids import first_id, to_ref
from app.services import choices, eta, exchanges, health, notices, searches, stats, troubles
from app.services.clock import KST
from app.services.runtime import Runtime
from app.services.searches import Asked, Found
from tests.app.console.sent import Sent, sent


async def found(world: Sent, limit: int = 50, **asked: object) -> Found:
    runtime = world.eng.runtime
    async with runtime.database.read() as session:
        return await searches.find(
            session,
            runtime.sealer,
            world.eng.caller,
            Asked(**asked),  # type: ignore[arg-type]
            limit,
        )


def names(world: Sent, page: Found) -> list[str]:
    by_id = {id_: name for name, id_ in world.ids.items()}
    return [by_id[hit.id] for hit in page.hits]


NEWEST = ["waiting", "failed", "unknown", "fallen", "delivered"]


async def test_both_databases_find_the_same(store: Runtime) -> None:
    world = await sent(store)
    assert names(world, await found(world)) == NEWEST
    await walks_by_cursor(world)
    for words, expected in (
        ("01000001001", ["waiting", "delivered"]),
        ("+82 10-0000-1002", ["fallen"]),
        ("1004", ["failed"]),
        ("010-••••-1004", ["failed"]),
        ("order-fallen", ["fallen"]),
        (str(world.ids["failed"]), ["failed"]),
        (await ref_of(world, "fallen"), ["fallen"]),
        ("100", []),
        ("%", []),
    ):
        assert names(world, await found(world, words=words)) == expected, words
    assert names(world, await found(world, words="1001", status="delivered")) == ["delivered"]
    assert names(world, await found(world, channel="sms")) == ["fallen"]
    today = clock().astimezone(KST).date()
    assert len((await found(world, first=today, last=today)).hits) == 5
    assert not (await found(world, last=today - timedelta(days=1))).hits
    await looks_beside(world)


async def ref_of(world: Sent, name: str) -> str:
    """What a provider calls an attempt."""
    return to_ref((await world.eng.attempts(world.ids[name]))[0].id)


async def walks_by_cursor(world: Sent) -> None:
    before, seen = None, []
    while True:
        page = await found(world, limit=2, before=before)
        seen += names(world, page)
        if page.following is None:
            break
        before = page.following
    assert seen == NEWEST


async def looks_beside(world: Sent) -> None:
    """What the overview and the message's page read, in the words of this database."""
    eng, now = world.eng, clock()
    async with eng.runtime.database.read() as session:
        lately = await troubles.lately(session, eng.caller, now.astimezone(KST).date())
        assert lately.unknown == 1
        assert lately.since is None
        assert {(one.status, one.count) for one in lately.found} == {("unknown", 1), ("failed", 1)}
        assert await troubles.decisions(session, eng.caller) == []
        assert await troubles.queue(session, eng.caller) == (0, None)
        waits = await eta.waiting(session, [eng.account.id])
        assert waits.count == 1
        assert waits.since is not None
        (pulse,) = await health.of_accounts(session, [eng.account], now)
        assert pulse.state == "ok"
        hours = await stats.by_hour(session, eng.caller, now.astimezone(KST).date())
        assert sum(hour["accepted"] for hour in hours) == 5
        assert sum(hour["delivered"] for hour in hours) == 2
        offered = await choices.find(session, eng.caller, "주문")
        assert [one.code for one in offered.found] == ["order_test"]
        message = await eng.message(world.ids["fallen"])
        tries = await exchanges.tried(session, message)
        assert [one.attempt.route for one in tries] == ["alimtalk", "sms"]
        notice = await notices.read(session, eng.runtime.sealer, message, "ko")
        assert notice.text is not None


async def test_a_look_is_bounded_and_says_how_far_it_went(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "LOOK", 2)
    world = await sent(runtime)
    first = await found(world, status="delivered")
    assert names(world, first) == []
    assert first.looked_to is not None
    second = await found(world, status="delivered", before=first.following)
    third = await found(world, status="delivered", before=second.following)
    assert names(world, second) + names(world, third) == ["fallen", "delivered"]
    assert third.following is None
    # what has an index is found at once, however old
    assert names(world, await found(world, words="order-delivered")) == ["delivered"]


async def test_every_look_goes_by_an_index(runtime: Runtime) -> None:
    """A scan of a million messages would show here as SCAN."""
    world = await sent(runtime)
    workspace, sealer = world.eng.workspace_id, runtime.sealer
    wanted = {
        "ix_message_last4": col(Message.last4_hash) == sealer.last4_hash(workspace, "1001"),
        "ix_message_number": col(Message.number_hash) == sealer.number_hash(workspace, "01"),
        "ix_message_reference": col(Message.reference) == "x",
        "ix_message_list": col(Message.id) < first_id(datetime(2027, 1, 1, tzinfo=UTC)),
    }
    async with runtime.database.read() as session:
        for index, where in wanted.items():
            statement = (
                select(Message.id)
                .where(col(Message.workspace_id) == workspace, where)
                .order_by(col(Message.id).desc())
                .limit(51)
            )
            compiled = statement.compile(
                dialect=sqlite.dialect(), compile_kwargs={"literal_binds": False}
            )
            binds = {name: _wire(value) for name, value in compiled.params.items()}
            conn = await session.connection()
            rows = await conn.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {compiled}",
                tuple(binds[name] for name in compiled.positiontup or ()),
            )
            steps = " ".join(str(row[-1]) for row in rows)
            assert index in steps, (index, steps)
            assert "SCAN" not in steps


def _wire(value: object) -> object:
    return value.bytes if isinstance(value, UUID) else value


async def test_a_number_whose_key_is_gone_is_still_listed(runtime: Runtime) -> None:
    world = await sent(runtime)
    async with runtime.database.write() as tx:
        await tx.session.exec(  # type: ignore[call-overload]
            text("UPDATE message SET sealed = x'00'")
        )
    page = await found(world)
    assert [hit.to for hit in page.hits] == [""] * 5
    assert len((await found(world, words="1001")).hits) == 2


async def test_costs_and_routes_are_of_the_attempts(runtime: Runtime) -> None:
    world = await sent(runtime)
    hits = dict(zip(NEWEST, (await found(world)).hits, strict=True))
    assert hits["fallen"].routes == ("alimtalk", "sms")
    assert (hits["fallen"].cost, hits["delivered"].cost, hits["failed"].cost) == (9.0, 6.5, None)
    async with runtime.database.read() as session:
        assert len((await session.exec(select(Attempt))).all()) == 6

"""Staff: adding, links that work once, roles, and the owner that stays; also side by side."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.db.models import Member, Staff
from app.db.session import Tx
from app.errors import GatewayError, Invalid, NotFound, Refused
from app.services import logins, resets, staff, team
from app.services.runtime import Runtime
from tests.app.services.lobby import cheap, come_in, person, workspace


async def outcome(work: Awaitable[Any]) -> str:
    """ "done", or the code of the refusal."""
    try:
        await work
    except GatewayError as error:
        return error.code
    return "done"


async def add(store: Runtime, place: UUID, email: str, role: str = "agent") -> str | None:
    async with store.database.write() as tx:
        _, token = await staff.add(tx, store.sealer, place, email, "새사람", role)
    return token


async def roles(store: Runtime, place: UUID) -> list[str]:
    async with store.database.read() as session:
        return sorted(one.role for one in await staff.people(session, place))


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        (" A.b+c@Naru.Test ", "a.b+c@naru.test"),
        ("김나루@나루.한국", "김나루@나루.한국"),
        ("nobody", None),
        ("a@b", None),
        ("a b@c.d", None),
        ("a@b.c\n", "a@b.c"),
        ("a@b.c\nbcc:x@y.z", None),
        ("<script>@x.y", None),
        ("a" * 251 + "@x.y", None),
        ("a\u202e@x.y", None),
    ],
)
def test_an_address(email: str, kept: str | None) -> None:
    if kept is not None:
        assert staff.check_email(email) == kept
        return
    with pytest.raises(Invalid) as refused:
        staff.check_email(email)
    assert refused.value.field == "email"


@pytest.mark.parametrize("name", ["", "   ", "가" * 41, "a\u202eb"])
def test_a_name_is_short_and_printable(name: str) -> None:
    with pytest.raises(Invalid):
        staff.check_name(name)
    assert staff.check_name("  한  지우 ") == "한 지우"


async def test_a_link_works_once_and_a_new_one_ends_it(store: Runtime) -> None:
    place = await workspace(store)
    first = await add(store, place, "new@naru.test")
    assert first
    async with store.database.write() as tx:
        who = await staff.by_link(tx, store.sealer, first)
        second = await staff.new_link(tx, store.sealer, who)
    async with store.database.write() as tx:
        assert await outcome(staff.by_link(tx, store.sealer, first)) == "link_over"
        await staff.set_password(tx, await staff.by_link(tx, store.sealer, second), cheap())
    async with store.database.write() as tx:
        assert await outcome(staff.by_link(tx, store.sealer, second)) == "link_over"
    async with store.database.write() as tx:
        kept = await tx.session.get_one(Staff, who.id)
        token = await staff.new_link(tx, store.sealer, kept)
        kept.link_until = tx.now - timedelta(seconds=1)
    async with store.database.write() as tx:
        assert await outcome(staff.by_link(tx, store.sealer, token)) == "link_over"


async def test_two_who_use_one_link_and_one_of_them_does(store: Runtime) -> None:
    token = await add(store, await workspace(store), "new@naru.test") or ""

    async def use() -> None:
        async with store.database.write() as tx:
            who = await staff.by_link(tx, store.sealer, token)
            await asyncio.sleep(0.05)
            await staff.set_password(tx, who, cheap())

    found = await asyncio.gather(outcome(use()), outcome(use()))
    assert sorted(found) == ["done", "link_over"]


async def test_two_add_the_same_person(store: Runtime) -> None:
    place = await workspace(store)
    found = await asyncio.gather(*(outcome(add(store, place, "n@naru.test")) for _ in range(4)))
    assert sorted(found) == ["already_member"] * 3 + ["done"]


async def test_two_first_owners(store: Runtime) -> None:
    place = await workspace(store)

    async def begin(n: int) -> None:
        async with store.database.write() as tx:
            await staff.first_owner(tx, place, f"o{n}@naru.test", "주인", cheap())

    found = await asyncio.gather(*(outcome(begin(n)) for n in range(3)))
    assert sorted(found) == ["done", "not_first", "not_first"]
    assert await roles(store, place) == ["owner"]


async def test_the_last_owner_stays(store: Runtime) -> None:
    place = await workspace(store)
    first = await person(store, place)
    async with store.database.write() as tx:
        assert await outcome(staff.remove(tx, place, first.id)) == "last_owner"
        assert await outcome(staff.change_role(tx, place, first.id, "viewer")) == "last_owner"
    second = await person(store, place, "b@naru.test")
    async with store.database.write() as tx:
        (await tx.session.get_one(Staff, second.id)).disabled_at = tx.now
    async with store.database.write() as tx:  # one who may not come in is no owner to rely on
        assert await outcome(staff.remove(tx, place, first.id)) == "last_owner"


@pytest.mark.parametrize("how", ["remove", "demote"])
async def test_two_owners_who_push_each_other_out(store: Runtime, how: str) -> None:
    place = await workspace(store)
    people = [await person(store, place), await person(store, place, "b@naru.test")]

    async def push(other: Staff) -> None:
        async def work(tx: Tx) -> None:
            if how == "remove":
                await staff.remove(tx, place, other.id)
            else:
                await staff.change_role(tx, place, other.id, "agent")
            await asyncio.sleep(0.02)

        await store.database.transact(work)

    found = await asyncio.gather(*(outcome(push(one)) for one in people))
    assert sorted(found) == ["done", "last_owner"]
    assert "owner" in await roles(store, place)


async def test_a_link_of_one_workspace_opens_no_other(store: Runtime) -> None:
    """An owner who adds somebody of another workspace must not get a link to all they have."""
    here, there = await workspace(store, "가"), await workspace(store, "나")
    await person(store, there)
    assert await add(store, here, "guest@naru.test")
    assert await add(store, there, "guest@naru.test") is None
    async with store.database.write() as tx:
        who = (await tx.session.exec(select(Staff).where(Staff.email == "guest@naru.test"))).one()
        reset = resets.reset_here(tx, store.sealer, there, who.id)
        assert await outcome(reset) == "elsewhere_too"
    assert await add(store, there, "alone@naru.test")
    async with store.database.write() as tx:
        who = (await tx.session.exec(select(Staff).where(Staff.email == "alone@naru.test"))).one()
        strange = resets.reset_here(tx, store.sealer, here, who.id)
        assert await outcome(strange) == "unknown_staff"
        assert await resets.reset_here(tx, store.sealer, there, who.id)


async def test_a_reset_ends_everything(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    token, _ = await come_in(store, who)
    async with store.database.write() as tx:
        found, link = await staff.reset(tx, store.sealer, " A@naru.test")
        assert (found.id, found.password_hash) == (who.id, "")
    assert await logins.find(store, token) is None
    async with store.database.write() as tx:
        assert (await staff.by_link(tx, store.sealer, link)).id == who.id
        with pytest.raises(NotFound):
            await staff.reset(tx, store.sealer, "nobody@naru.test")


async def test_a_number_stays_for_team_keys(store: Runtime) -> None:
    place = await workspace(store)
    await person(store, place)
    who = await person(store, place, "b@naru.test", "agent")
    async with store.database.write() as tx:
        await team.give_number(tx, store.sealer, place, who.id, "01012345678")
    async with store.database.write() as tx:
        await staff.remove(tx, place, who.id)
    async with store.database.read() as session:
        left = (await session.exec(select(Member).where(Member.number_hash != None))).one()  # noqa: E711
    assert (left.staff_id, left.role) == (None, "")
    assert await roles(store, place) == ["owner"]


async def test_roles_and_people_of_others_are_unknown(store: Runtime) -> None:
    here, there = await workspace(store, "가"), await workspace(store, "나")
    who = await person(store, here)
    async with store.database.write() as tx:
        assert await outcome(staff.change_role(tx, there, who.id, "agent")) == "unknown_staff"
        assert await outcome(staff.remove(tx, there, who.id)) == "unknown_staff"
        assert await outcome(staff.change_role(tx, here, who.id, "captain")) == "unknown_role"
        with pytest.raises(Refused):
            await staff.add(tx, store.sealer, here, who.email, "또", "agent")


async def test_one_s_own_name_and_language(store: Runtime) -> None:
    place = await workspace(store)
    who = await person(store, place)
    async with store.database.write() as tx:
        await staff.rename(tx, who.id, " 한  나루 ")
        await staff.speak(tx, who.id, "en")
    _, visit = await come_in(store, who)
    assert (visit.name, visit.language) == ("한 나루", "en")

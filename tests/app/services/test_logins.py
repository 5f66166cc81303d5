"""Logins: how long they last, what ends them, and what happens side by side."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.db.models import Login, Staff
from app.db.models.fields import now
from app.errors import Forbidden, GatewayError, NotFound, Unauthorized
from app.services import browsers, login_throttle, logins, passwords, staff
from app.services.logins import COALESCE, IDLE, KEEP
from app.services.roles import ROLES
from app.services.runtime import Runtime
from tests.app.services.lobby import DOOR, PASSWORD, cheap, come_in, person, workspace


async def log_in(store: Runtime, password: str = PASSWORD, email: str = "a@naru.test") -> str:
    token, _ = await logins.log_in(store, email, password, DOOR, remember=True)
    return token


async def aged(store: Runtime, by: timedelta, seen: timedelta | None = None) -> None:
    """Every login began earlier, and was seen last at another time."""
    async with store.database.write() as tx:
        for one in await tx.session.exec(select(Login)):
            one.created_at -= by
            one.expires_at -= by
            one.seen_at -= by if seen is None else seen
            tx.session.add(one)


async def until(store: Runtime) -> datetime:
    async with store.database.read() as session:
        return (await session.exec(select(Login))).one().expires_at


async def test_a_log_in_shows_who_it_is(store: Runtime) -> None:
    place = await workspace(store)
    await person(store, place, role="operator")
    token = await log_in(store, email="  A@Naru.test ")
    visit = await logins.find(store, token)
    assert visit is not None
    assert (visit.workspace_id, visit.role, visit.mode) == (place, "operator", "sandbox")
    assert visit.scopes == ROLES["operator"]
    assert (visit.caller.workspace_id, visit.caller.kind) == (place, "test")
    assert token not in repr(visit)
    assert visit.csrf not in repr(visit)
    assert await logins.find(store, token[:-1]) is None
    assert await logins.find(store, "") is None


async def test_a_hash_of_other_days_is_made_anew(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    await log_in(store)
    async with store.database.read() as session:
        kept = (await session.get_one(Staff, who.id)).password_hash
    assert not passwords.is_outdated(kept)
    await log_in(store)
    with pytest.raises(Unauthorized):
        await log_in(store, "wrong wrong wrong")


async def test_a_new_password_wins_over_a_log_in_under_way(
    store: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password was checked, then the person changed it: nobody comes in with the old."""
    who = await person(store, await workspace(store))
    real = passwords.hashed

    async def slow(password: str) -> str:  # the log-in makes the outdated hash anew
        async with store.database.write() as tx:
            await staff.set_password(tx, await tx.session.get_one(Staff, who.id), cheap("other"))
        return await real(password)

    monkeypatch.setattr(passwords, "hashed", slow)
    with pytest.raises(Unauthorized):
        await log_in(store)
    async with store.database.read() as session:
        assert (await session.get_one(Staff, who.id)).password_hash == cheap("other")
        assert list(await session.exec(select(Login))) == []


async def test_guesses_side_by_side_are_no_more_than_five(store: Runtime) -> None:
    await person(store, await workspace(store))

    async def guess(n: int) -> str:
        try:
            return await log_in(store, f"guess number {n}")
        except GatewayError as error:
            return error.code

    found = await asyncio.gather(*(guess(n) for n in range(12)))
    assert sorted(set(found)) == ["bad_login", "too_many_logins"]
    assert found.count("bad_login") == login_throttle.MOST_OF_NAME


async def test_who_belongs_nowhere_is_told_so(store: Runtime) -> None:
    place = await workspace(store)
    await person(store, place)
    who = await person(store, place, "b@naru.test", "agent")
    async with store.database.write() as tx:
        await staff.remove(tx, place, who.id)
    with pytest.raises(Forbidden) as refused:
        await log_in(store, email="b@naru.test")
    assert refused.value.code == "no_workspace"


@pytest.mark.parametrize("how", ["removed", "disabled", "logged out", "everywhere", "role"])
async def test_it_ends_at_once(store: Runtime, how: str) -> None:
    place = await workspace(store)
    await person(store, place)
    who = await person(store, place, "b@naru.test", "agent")
    token, visit = await come_in(store, who)
    async with store.database.write() as tx:
        if how == "removed":
            await staff.remove(tx, place, who.id)
        elif how == "disabled":
            (await tx.session.get_one(Staff, who.id)).disabled_at = tx.now
        elif how == "logged out":
            await logins.log_out(tx, visit.login_id)
        elif how == "everywhere":
            await logins.log_out_everywhere(tx, who.id)
        else:
            (await staff.change_role(tx, place, who.id, "viewer")).role = "captain"
    assert await logins.find(store, token) is None


async def test_a_remembered_login_lasts_so_long_whatever_is_done(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    token, _ = await come_in(store, who)
    await aged(store, KEEP - timedelta(minutes=1))
    assert await logins.find(store, token)  # hours of silence, and it was seen just now
    await aged(store, timedelta(minutes=1), timedelta())
    assert await logins.find(store, token) is None


async def test_an_idle_login_ends_and_a_busy_one_goes_on(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    token, _ = await come_in(store, who, remember=False)
    await aged(store, IDLE - timedelta(minutes=1))
    assert await logins.find(store, token)
    assert await until(store) > now() + IDLE - timedelta(minutes=1)
    await aged(store, IDLE - timedelta(minutes=1))
    assert await logins.find(store, token)
    await aged(store, IDLE)
    assert await logins.find(store, token) is None


async def test_an_idle_login_never_passes_its_end_however_busy(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    token, _ = await come_in(store, who, remember=False)
    for hour in range(1, 13):
        await aged(store, timedelta(hours=1))
        found = await logins.find(store, token)
        assert (found is None) == (hour == 12), hour


async def test_a_busy_login_is_seldom_written(store: Runtime) -> None:
    who = await person(store, await workspace(store))
    token, _ = await come_in(store, who, remember=False)
    first = await until(store)
    await logins.find(store, token)
    assert await until(store) == first
    await aged(store, COALESCE + timedelta(seconds=1))
    await logins.find(store, token)
    assert await until(store) >= first


async def test_a_person_stands_in_one_workspace_at_a_time(store: Runtime) -> None:
    here, there, strange = [await workspace(store, name) for name in ("가", "나", "다")]
    who = await person(store, here)
    async with store.database.write() as tx:
        await staff.add(tx, store.sealer, there, who.email, "한지우", "viewer")
    token, visit = await come_in(store, who)
    assert visit.workspace == "가"
    async with store.database.write() as tx:
        with pytest.raises(NotFound):
            await logins.move(tx, visit, strange)
        await logins.move(tx, visit, there)
    moved = await logins.find(store, token)
    assert moved is not None
    assert (moved.workspace_id, moved.role) == (there, "viewer")
    _, again = await come_in(store, who)
    assert again.workspace_id == there  # where they were last


async def test_a_mode_is_one_of_two(store: Runtime) -> None:
    _, visit = await come_in(store, await person(store, await workspace(store)))
    async with store.database.write() as tx:
        with pytest.raises(ValueError, match="no mode"):
            await logins.look_at(tx, visit, "dry")


async def test_the_old_password_is_asked_for_and_counted(store: Runtime) -> None:
    _, visit = await come_in(store, await person(store, await workspace(store)))
    await logins.check_password(store, visit, PASSWORD, DOOR.address)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Unauthorized) as refused:
            await logins.check_password(store, visit, "wrong", DOOR.address)
        assert refused.value.data == {"left": left}
    with pytest.raises(GatewayError) as full:
        await logins.check_password(store, visit, PASSWORD, DOOR.address)
    assert full.value.code == "too_many_logins"


async def test_devices_are_one_s_own(store: Runtime) -> None:
    place = await workspace(store)
    who, other = await person(store, place), await person(store, place, "b@naru.test", "agent")
    token, visit = await come_in(store, who)
    _, second = await come_in(store, who)
    _, strange = await come_in(store, other)
    async with store.database.read() as session:
        mine = await browsers.of_person(session, who.id, now())
    assert {one.id for one in mine} == {visit.login_id, second.login_id}
    for gone in (strange.login_id, place):
        with pytest.raises(NotFound):
            async with store.database.write() as tx:
                await browsers.end(tx, who.id, gone)
    async with store.database.write() as tx:
        await browsers.end(tx, who.id, visit.login_id)
    assert await logins.find(store, token) is None

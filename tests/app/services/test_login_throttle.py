"""Wrong passwords: so many and no more, also side by side, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import LoginFailure
from app.errors import TooMany
from app.services import login_throttle
from app.services.login_throttle import MOST_OF_ADDRESS, MOST_OF_NAME, WAIT
from app.services.runtime import Runtime

HERE, THERE = "203.0.113.7", "203.0.113.8"


async def tries(store: Runtime, name: str, address: str = HERE) -> int | str:
    try:
        return await login_throttle.take(store, name, address)
    except TooMany as error:
        return error.code


async def later(store: Runtime, by: timedelta) -> None:
    """Everything that was counted happened earlier."""
    async with store.database.write() as tx:
        for row in await tx.session.exec(select(LoginFailure)):
            row.last_at -= by
            tx.session.add(row)


async def test_five_tries_of_a_name_then_it_waits(store: Runtime) -> None:
    assert [await tries(store, "a@x.y") for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(TooMany) as refused:
        await login_throttle.take(store, "a@x.y", HERE)
    assert refused.value.data == {"minutes": 10}
    assert 590 < (refused.value.retry_after_s or 0) <= 601
    assert await tries(store, "b@x.y") == 4  # another name from here
    assert await tries(store, "a@x.y", THERE) == 4  # the same name from elsewhere
    await later(store, WAIT / 2)
    with pytest.raises(TooMany) as again:
        await login_throttle.take(store, "a@x.y", HERE)
    assert again.value.data == {"minutes": 5}, "asking makes the wait no longer"
    await later(store, WAIT / 2)
    assert await tries(store, "a@x.y") == 4


async def test_tries_side_by_side_get_no_more(store: Runtime) -> None:
    found = await asyncio.gather(*(tries(store, "a@x.y") for _ in range(20)))
    assert sorted(one for one in found if isinstance(one, int)) == [0, 1, 2, 3, 4]
    assert found.count("too_many_logins") == 20 - MOST_OF_NAME


async def test_an_address_has_an_end_too(store: Runtime) -> None:
    await tries(store, "a@x.y")
    async with store.database.write() as tx:
        await tx.session.exec(update(LoginFailure).values(count=MOST_OF_ADDRESS - 2))
        await login_throttle.forgive(tx, store.sealer, "a@x.y", HERE)
    assert await tries(store, "b@x.y") == 2
    assert [await tries(store, f"{n}@x.y") for n in range(3)] == [1, 0, "too_many_logins"]
    assert await tries(store, "z@x.y", THERE) == 4
    async with store.database.read() as session:
        keys = list(await session.exec(select(LoginFailure.key)))
    assert all(HERE.encode() not in key and b"x.y" not in key for key in keys)


async def test_who_is_right_is_forgiven(store: Runtime) -> None:
    for _ in range(4):
        await tries(store, "a@x.y")
    async with store.database.write() as tx:
        await login_throttle.forgive(tx, store.sealer, "a@x.y", HERE)
    assert await tries(store, "a@x.y") == 4
    async with store.database.read() as session:
        counts = sorted(await session.exec(select(LoginFailure.count)))
    assert counts == [1, 4]  # the name anew; the address keeps what was wrong: 4 - 1 + 1


async def test_what_is_old_is_forgotten(store: Runtime) -> None:
    await tries(store, "a@x.y")
    await later(store, WAIT + timedelta(seconds=1))
    await tries(store, "b@x.y", THERE)
    async with store.database.read() as session:
        kept = list(await session.exec(select(LoginFailure).order_by(col(LoginFailure.key))))
    assert len(kept) == 2

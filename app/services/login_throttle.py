"""Wrong passwords: who fails often waits, without one stranger locking everybody out.

Counted per name from one address, and per address for all names; both as keyed hashes. A try is
taken before the password is looked at, in one statement: tries side by side get no more of them.
"""

from datetime import timedelta

from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.db.models import LoginFailure
from app.db.session import Tx
from app.errors import TooMany
from app.sealing import Sealer
from app.services.runtime import Runtime

WAIT = timedelta(minutes=10)  # how long a wrong password counts, and how long one waits
MOST_OF_NAME, MOST_OF_ADDRESS = 5, 50


async def take(runtime: Runtime, name: str, address: str) -> int:
    """Take one try; how many more this name has from this address when it fails.

    Raises TooMany ``too_many_logins`` while one has to wait; waiting is not made longer by asking.
    """
    limits = _limits(runtime.sealer, name, address)

    async def work(tx: Tx) -> int:
        left = MOST_OF_NAME
        for key, most in limits.items():
            count = await _count(tx, key, most)
            if count is None:
                raise await _wait(tx, key)
            left = min(left, most - count)
        return left

    left = await runtime.database.transact(work)
    if left == MOST_OF_NAME - 1:  # a first try: rare enough to tidy up
        await runtime.database.transact(_forget_old)
    return left


async def forgive(tx: Tx, sealer: Sealer, name: str, address: str) -> None:
    """The password was right: what this name got wrong from here no longer counts."""
    of_name, of_address = _limits(sealer, name, address)
    await tx.session.exec(delete(LoginFailure).where(col(LoginFailure.key) == of_name))
    await tx.session.exec(
        update(LoginFailure)
        .where(col(LoginFailure.key) == of_address, col(LoginFailure.count) > 0)
        .values(count=LoginFailure.count - 1)
        .execution_options(synchronize_session=False)
    )


async def _count(tx: Tx, key: bytes, most: int) -> int | None:
    """One more of a key; None when it has had them all."""
    over = col(LoginFailure.last_at) < tx.now - WAIT
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(LoginFailure)
        .values(key=key, count=1, last_at=tx.now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"count": case((over, 1), else_=LoginFailure.count + 1), "last_at": tx.now},
            where=or_(over, col(LoginFailure.count) < most),
        )
        .returning(col(LoginFailure.count))
    )
    return (await tx.conn.execute(statement)).scalar()


async def _wait(tx: Tx, key: bytes) -> TooMany:
    statement = select(LoginFailure.last_at).where(col(LoginFailure.key) == key)
    left = (await tx.session.exec(statement)).one() + WAIT - tx.now
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    return TooMany(
        "too_many_logins",
        f"Too many wrong passwords. Wait {minutes} minutes, then try again.",
        data={"minutes": minutes},
        retry_after_s=max(1, int(left.total_seconds()) + 1),
    )


async def _forget_old(tx: Tx) -> None:
    await tx.session.exec(delete(LoginFailure).where(col(LoginFailure.last_at) < tx.now - WAIT))


def _limits(sealer: Sealer, name: str, address: str) -> dict[bytes, int]:
    of_name = sealer.key_hash(f"login|{address}|{name}")
    of_address = sealer.key_hash(f"login|{address}")
    return {of_name: MOST_OF_NAME, of_address: MOST_OF_ADDRESS}

"""Callbacks out of the inbox: applied, kept while early, named when unreadable."""

import hashlib

from sqlmodel import select

from app.db.models import ReceiptInbox
from app.ids import new_id, to_ref
from app.services import callbacks
from app.services.runtime import Runtime
from channels.contract import BadCallback, Callback, Receipt
from channels.vocabulary import Result
from scheduler.results import WAITS_S, apply_inbox
from tests.engine import Engine, engine

NUMBER = "01012340001"


async def call_back(eng: Engine, body: bytes) -> None:
    """Store a callback as the API does."""
    row = new_id()
    callback = Callback("", {}, body)
    async with eng.runtime.database.write() as tx:
        sealed = callbacks.seal(
            eng.runtime.sealer, "receipt_inbox", eng.workspace_id, row, callback
        )
        tx.session.add(
            ReceiptInbox(
                id=row,
                workspace_id=eng.workspace_id,
                account_id=eng.account.id,
                kind="",
                body_hash=hashlib.sha256(body).digest(),
                sealed=sealed,
                due_at=tx.now,
            )
        )


def read_ref(callback: Callback) -> list[Receipt]:
    """A provider whose callbacks are a reference, or nonsense."""
    if callback.body == b"nonsense":
        raise BadCallback("not ours")
    return [Receipt(Result.DELIVERED, ref=callback.body.decode())]


async def inbox(runtime: Runtime) -> ReceiptInbox:
    async with runtime.database.read() as session:
        return (await session.exec(select(ReceiptInbox))).one()


async def test_a_callback_is_applied_once(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.parse = read_ref  # type: ignore[method-assign]
    (id_,) = await eng.accept(NUMBER)
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    await call_back(eng, to_ref(attempt.id).encode())
    assert await apply_inbox(runtime, eng.lanes) == 1
    assert (await eng.message(id_)).status == "delivered"
    assert (await inbox(runtime)).due_at is None
    assert await apply_inbox(runtime, eng.lanes) == 0


async def test_an_early_callback_waits(runtime: Runtime) -> None:
    """P13: it names an attempt whose answer is not written yet."""
    eng = await engine(runtime)
    eng.provider.parse = read_ref  # type: ignore[method-assign]
    (id_,) = await eng.accept(NUMBER)
    (attempt,) = await eng.attempts(id_)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET status = 'sending'")
    await call_back(eng, to_ref(attempt.id).encode())
    await apply_inbox(runtime, eng.lanes)
    row = await inbox(runtime)
    assert (row.tries, row.unmatched) == (1, 0)
    assert row.due_at is not None
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE attempt SET status = 'accepted'")
        await tx.conn.exec_driver_sql("UPDATE receipt_inbox SET due_at = 1")
    await apply_inbox(runtime, eng.lanes)
    assert (await eng.message(id_)).status == "delivered"


async def test_nobodys_receipt_ends_on_the_unmatched_list(runtime: Runtime) -> None:
    eng = await engine(runtime)
    eng.provider.parse = read_ref  # type: ignore[method-assign]
    await call_back(eng, to_ref(new_id()).encode())
    for _ in range(len(WAITS_S) + 1):
        async with runtime.database.write() as tx:
            await tx.conn.exec_driver_sql("UPDATE receipt_inbox SET due_at = 1")
        await apply_inbox(runtime, eng.lanes)
    row = await inbox(runtime)
    assert (row.due_at, row.unmatched) == (None, 1)


async def test_an_unreadable_callback_is_kept_and_named(runtime: Runtime) -> None:
    """It stops nothing behind it."""
    eng = await engine(runtime)
    eng.provider.parse = read_ref  # type: ignore[method-assign]
    await call_back(eng, b"nonsense")
    await apply_inbox(runtime, eng.lanes)
    row = await inbox(runtime)
    assert (row.due_at, row.error) == (None, "BadCallback")

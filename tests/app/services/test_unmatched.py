"""Kept callbacks: never more than a page can bear, and readable without any key."""

from typing import Any

from app.db.models import ReceiptInbox
from app.ids import new_id, to_ref
from app.services import callbacks, unmatched
from app.services.runtime import Runtime
from channels.contract import Callback, Receipt
from channels.vocabulary import Result
from tests.engine import Engine, engine


async def keep(eng: Engine, sealed: bytes | None = None) -> None:
    row = new_id()
    callback = Callback("", {}, b"{}")
    seal = callbacks.seal(eng.runtime.sealer, "receipt_inbox", eng.workspace_id, row, callback)
    async with eng.runtime.database.write() as tx:
        tx.session.add(
            ReceiptInbox(
                id=row,
                workspace_id=eng.workspace_id,
                account_id=eng.account.id,
                kind="",
                body_hash=row.bytes,
                sealed=sealed or seal,
                unmatched=1,
            )
        )


async def shown(eng: Engine) -> dict[str, Any]:
    async with eng.runtime.database.read() as session:
        (kept,) = await unmatched.list_kept(session, eng.caller, None, 9)
        found = await unmatched.show(
            session, eng.runtime, lambda account: eng.provider, kept, raw=True
        )
    return dict(found)


async def test_a_flood_in_one_callback_is_cut(runtime: Runtime) -> None:
    eng = await engine(runtime)
    flood = [Receipt(Result.DELIVERED, ref=to_ref(new_id())) for _ in range(1_500)]
    eng.provider.parse = lambda callback: flood  # type: ignore[method-assign]
    await keep(eng)
    assert len((await shown(eng))["receipts"]) == unmatched.SHOWN


async def test_only_what_this_account_does_not_know_is_told(runtime: Runtime) -> None:
    eng = await engine(runtime)
    (id_,) = await eng.accept("01012340001")
    await eng.run()
    (attempt,) = await eng.attempts(id_)
    said = [
        Receipt(Result.DELIVERED, ref=to_ref(attempt.id)),
        Receipt(Result.DELIVERED, provider_id=attempt.provider_id),
        Receipt(Result.DELIVERED, provider_id="p-other"),
        Receipt(Result.DELIVERED, ref="010-1234-5678"),
    ]
    eng.provider.parse = lambda callback: said  # type: ignore[method-assign]
    await keep(eng)
    found = [(one["provider_id"], one["reference"]) for one in (await shown(eng))["receipts"]]
    assert found == [("p-other", ""), ("", "***-5678")]


async def test_one_whose_key_is_gone_is_still_listed(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await keep(eng, b"nobody can open this")
    found = await shown(eng)
    assert (found["receipts"], found["raw"]) == ([], None)

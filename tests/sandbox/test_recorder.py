"""Recorded exchanges and counted requests."""

from sandbox.exchanges import KEPT, LONGEST_BODY
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, HANA, notice, recipient, send


async def test_exchanges_are_bounded_and_cut(quiet: Running) -> None:
    body = notice(HANA)
    body["recipientList"] = [recipient(HANA, text="가" * 5_000)]
    await send(quiet.client, body)
    kept = quiet.store.exchanges[-1]
    assert len(kept.body.encode()) <= LONGEST_BODY + 10
    assert kept.body.endswith("…")
    assert kept.path == f"{ALIMTALK}/raw-messages"
    assert quiet.store.exchanges.maxlen == KEPT


async def test_requests_are_counted_by_path_not_by_key(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    await quiet.client.get("/health/live")
    names = [name for name in quiet.store.counters() if name.startswith("requests ")]
    assert names == ["requests POST /nhn/alimtalk/v2.3/appkeys/{app_key}/raw-messages"]

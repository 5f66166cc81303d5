"""Recorded exchanges and counted requests."""

import pytest

from sandbox.exchanges import LONGEST
from sandbox.recorder import Recorder
from sandbox.store import Store
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, APP, HANA, SMS, SMS_SECRET, notice, recipient, send


async def test_a_call_is_kept_whole_with_its_secrets(quiet: Running) -> None:
    body = notice(HANA)
    body["recipientList"] = [recipient(HANA, text="가" * 5_000)]
    start = quiet.store.changes.seq
    await send(quiet.client, body)
    kept = quiet.store.exchanges[-1]
    assert kept.path == f"{ALIMTALK}/raw-messages"
    assert "가".encode() * 5_000 in kept.asked
    assert b"resultCode" in kept.answered
    assert kept.header("x-secret-key") == "s3"
    assert (kept.provider, kept.account, kept.route) == ("nhn", APP, "alimtalk")
    assert (kept.whole, kept.replay_of, kept.seq) == (True, None, 1)
    change = quiet.store.changes.since(start)
    assert change
    assert change.desk


async def test_the_account_of_a_text_message_is_the_same_one(quiet: Running) -> None:
    await quiet.client.get(f"{SMS}/sendNos", headers=SMS_SECRET)
    assert quiet.store.exchanges[-1].account == APP


async def test_requests_are_counted_by_path_not_by_key(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    await quiet.client.get("/health/live")
    names = [name for name in quiet.store.counters() if name.startswith("requests ")]
    assert names == ["requests POST /nhn/alimtalk/v2.3/appkeys/{app_key}/raw-messages"]


@pytest.mark.parametrize(("method", "is_told"), [("GET", False), ("PUT", True)])
async def test_what_changes_the_desk_is_told_to_its_pages(
    quiet: Running, method: str, is_told: bool
) -> None:
    start = quiet.store.changes.seq
    content = b'{"rules": []}' if method == "PUT" else b""
    headers = {"Content-Type": "application/json"}
    await quiet.client.request(method, "/desk/api/chaos", content=content, headers=headers)
    assert (quiet.store.changes.seq > start) is is_told


async def test_a_body_in_pieces_and_one_that_is_too_large(store: Store) -> None:
    pieces = [b"a" * 10, b"b" * LONGEST]

    async def app(scope: object, receive: object, send: object) -> None:
        while (await receive())["more_body"]:  # type: ignore[operator]
            pass

    async def receive() -> dict[str, object]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    scope = {"type": "http", "path": "/nhn/x", "method": "POST", "headers": [], "query_string": b""}
    await Recorder(app, store)(scope, receive, receive)  # type: ignore[arg-type]
    kept = store.exchanges[-1]
    assert (len(kept.asked), kept.whole, kept.status) == (LONGEST, False, None)
    assert kept.asked.startswith(b"a" * 10 + b"b")

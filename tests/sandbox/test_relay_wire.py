"""Who calls the relay, and with what."""

import httpx

from sandbox.relay_wire import iso, parse_ms
from sandbox.store import Store
from tests.sandbox.relays import AUTH, account, open_relay


async def test_keys_and_bodies(store: Store) -> None:
    account(store)
    async with open_relay(store) as client:
        strange = httpx.Headers({b"Authorization": "Bearer ㄱ".encode()})
        for headers in (None, httpx.Headers({"Authorization": "Bearer k2"}), strange):
            answer = await client.post("/relay/messages", json={}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "misconfigured")
        for body in (b"", b"[]", b"{", b"\xff"):
            refused: httpx.Response = await client.post(
                "/relay/templates", content=body, headers=AUTH
            )
            assert (refused.status_code, refused.json()["code"]) == (400, "request_refused")


def test_times_come_back() -> None:
    assert iso(parse_ms("2026-11-22T10:15:02+09:00")) == "2026-11-22T01:15:02+00:00"

"""The sandbox alone: ready-made batches in, every result settled, every webhook left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from tests.journeys.town import Town

APP, SECRET, CHANNEL = "bench-app", "bench-secret", "b" * 40
BATCH = 1_000  # what NHN takes in one request
PATIENCE_S = 300.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SEND = f"/nhn/alimtalk/v2.3/appkeys/{APP}/raw-messages"
TEMPLATES = f"/nhn/alimtalk/v2.3/appkeys/{APP}/senders/{CHANNEL}/templates"


@dataclass(frozen=True)
class Rates:
    """Messages a second until all were accepted, and until all results had left as webhooks."""

    accepted: float
    settled: float


class Sink(asyncio.Protocol):
    """A customer's web server with nothing behind it: counts results and answers 200."""

    hooks = 0

    def __init__(self) -> None:
        self._heard = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            lines = bytes(self._heard[:end]).lower().split(b"\r\n")
            size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            if len(self._heard) < end + 4 + size:
                return
            Sink.hooks += self._heard.count(b'"hookId"', end, end + 4 + size)
            del self._heard[: end + 4 + size]
            self._transport.write(HEAD)


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """The address of a web server of this process that takes webhooks."""
    Sink.hooks = 0
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()


async def settle_in(place: Town, template: dict[str, Any], webhook_url: str) -> None:
    """An account of our own beside the gateway's, with an approved template of NHN's form."""
    about = {"secret_key": SECRET, "senders": [{"sender_key": CHANNEL, "channel_id": "@bench"}]}
    await place.desk("PUT", f"/accounts/nhn/{APP}", json={**about, "webhook_url": webhook_url})
    answer = await place.http.post(
        place.sandbox_url + TEMPLATES, json=template, headers={"X-Secret-Key": SECRET}
    )
    assert answer.json()["header"]["isSuccessful"], answer.text
    await place.desk("POST", f"/templates/{CHANNEL}/{template['templateCode']}/approve", json={})


def bodies(
    count: int, code: str, recipient: Callable[[int], dict[str, Any]], first: int = 0
) -> list[bytes]:
    """Requests of 1,000 recipients each, ready to leave; `recipient` makes the n-th."""
    return [
        orjson.dumps(
            {
                "senderKey": CHANNEL,
                "templateCode": code,
                "senderGroupingKey": f"bench-{start}",
                "recipientList": [recipient(n) for n in range(start, start + BATCH)],
            }
        )
        for start in range(first, first + count, BATCH)
    ]


async def take(place: Town, requests: Sequence[bytes]) -> Rates:
    """Send all, two on the wire at a time, and wait until the last result has left."""
    wanted = Sink.hooks + len(requests) * BATCH
    left = iter(requests)
    began = time.perf_counter()
    await asyncio.gather(*(_send(place, left) for _ in range(2)))
    accepted_s = time.perf_counter() - began
    while Sink.hooks < wanted:
        assert time.perf_counter() - began < PATIENCE_S, f"{Sink.hooks} of {wanted} results"
        await asyncio.sleep(0.005)
    settled_s = time.perf_counter() - began
    count = len(requests) * BATCH
    return Rates(count / accepted_s, count / settled_s)


async def _send(place: Town, left: Any) -> None:
    headers = {"X-Secret-Key": SECRET, "Content-Type": "application/json"}
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
        for body in left:
            answer = await client.post(place.sandbox_url + SEND, content=body, headers=headers)
            found = orjson.loads(answer.content)
            assert found["header"]["isSuccessful"], answer.text[:300]
            assert all(one["resultCode"] == 0 for one in found["message"]["sendResults"])

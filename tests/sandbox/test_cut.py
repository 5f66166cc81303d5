"""A cut answer over a raw socket: not one byte comes back."""

import asyncio
import contextlib

import httpx
import orjson
import pytest

from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, HANA, LOST, notice, send


async def test_not_one_byte_comes_back(running: Running) -> None:
    host, _, port = running.url.removeprefix("http://").partition(":")
    body = orjson.dumps(notice(LOST))
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST {ALIMTALK}/raw-messages HTTP/1.1\r\nHost: x\r\nX-Secret-Key: s3\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
    assert running.store.number("SELECT count(*) FROM message") == 1


async def test_the_server_goes_on_after_a_cut(running: Running) -> None:
    for turn in range(3):
        body = notice(LOST)
        body["recipientList"][0]["recipientGroupingKey"] = f"r-{turn}"
        with pytest.raises(httpx.RemoteProtocolError):
            await send(running.client, body)
    assert (await send(running.client, notice(HANA)))["header"]["resultCode"] == 0
    assert running.store.exchanges[0].status is None


async def test_without_a_connection_it_raises(quiet: Running) -> None:
    with pytest.raises(ConnectionAbortedError):
        await send(quiet.client, notice(LOST))

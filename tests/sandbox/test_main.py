"""The process: a busy port, signals, a password in production, a store that stays."""

import asyncio
import signal
import socket
import time
from asyncio.subprocess import Process
from pathlib import Path

import httpx
import pytest

from tests.sandbox.server import start_process


async def address(process: Process) -> str:
    """Where a started process listens."""
    assert process.stderr
    line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
    return line.split()[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_while_a_stream_is_open(number: signal.Signals) -> None:
    async with start_process("--port", "0") as process, httpx.AsyncClient() as client:
        url = await address(process)
        while True:
            try:
                await client.get(f"{url}/health/ready")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
        async with client.stream("GET", f"{url}/stream") as stream:
            async for _ in stream.aiter_lines():
                break
            started = time.monotonic()
            process.send_signal(number)
            assert await asyncio.wait_for(process.wait(), 60) == 0
        assert time.monotonic() - started < 12  # the next sign of life is 15 s away


async def test_a_busy_port_is_one_line_naming_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with start_process(NARU_SANDBOX_PORT=port) as process:
            _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert len(said.decode().splitlines()) == 1
    assert "NARU_SANDBOX_PORT" in said.decode()
    assert port in said.decode()


async def test_production_needs_a_password() -> None:
    environment = {"NARU_ENV": "production", "NARU_SANDBOX_PASSWORD": ""}
    async with start_process("--port", "0", **environment) as process:
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "NARU_SANDBOX_PASSWORD" in said.decode()


async def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    bad = tmp_path / "sandbox.db"
    bad.write_bytes(b"this is not a database" * 100)
    async with start_process("--port", "0", "--store", str(bad)) as process:
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "NARU_SANDBOX_STORE" in said.decode()

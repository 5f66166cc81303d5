"""The sandbox under uvicorn on a free port, a receiver of its webhooks, and the real process."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

from sandbox.main import create_app
from sandbox.store import Store


class LoopServer(uvicorn.Server):
    """Leaves the signals of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Running:
    """A sandbox that answers at `url`."""

    url: str
    store: Store
    client: httpx.AsyncClient

    async def until(self, happened: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Wait for a change on the phones that makes `happened` true."""
        async with asyncio.timeout(timeout_s):
            while not happened():
                await self.store.changes.wait(0.05)


@dataclass
class Receiver:
    """Answers with `statuses` in turn, then 200, and keeps what it got."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int, timeout_s: float = 10.0) -> None:
        """Wait until `count` calls were answered."""
        async with asyncio.timeout(timeout_s):
            while len(self.got) < count:
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def serve_app(app: FastAPI) -> AsyncIterator[str]:
    """The address of an app served on this loop."""
    taken = socket.create_server(("127.0.0.1", 0))
    server = LoopServer(
        uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve(sockets=[taken]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        taken.close()


@asynccontextmanager
async def serve(store_path: Path | None = None, password: str = "") -> AsyncIterator[Running]:
    """A whole sandbox on this loop, reached over a real socket."""
    app = create_app(store_path, password)
    store: Store = app.state.store
    async with serve_app(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        try:
            yield Running(url, store, client)
        finally:
            store.changes.close()


@asynccontextmanager
async def open_quiet(store_path: Path | None = None) -> AsyncIterator[Running]:
    """A sandbox without a socket and without workers: nothing is ever delivered."""
    app = create_app(store_path)
    store: Store = app.state.store
    url = "http://sandbox.test"
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url) as client:
            yield Running(url, store, client)
    finally:
        store.close()


@asynccontextmanager
async def receive() -> AsyncIterator[Receiver]:
    """A web server that takes webhooks."""
    receiver = Receiver()
    app = FastAPI()

    @app.post("/{path:path}")
    async def take(request: Request, path: str) -> Response:
        status = receiver.statuses.pop(0) if receiver.statuses else 200
        receiver.got.append((f"/{path}", dict(request.headers), await request.json()))
        receiver.came.set()
        return Response(status_code=status)

    async with serve_app(app) as receiver.url:
        yield receiver


@asynccontextmanager
async def start_process(
    *arguments: str, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m sandbox` as its own process; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()

"""The sandbox for a real browser: served in a thread, opened in Chromium."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from sandbox.main import create_app
from sandbox.store import Store
from tests.needs import browser_path
from tests.sandbox.received import HANA, add_channel, receive

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BUTTONS = [
    {"type": "WL", "name": "주문 보기", "linkMo": "https://shop.test/o/1"},
    {"type": "BC", "name": "상담원과 이야기", "chatExtra": "ab" * 16},
]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Sandbox:
    """The sandbox on a free port, in a thread with its own event loop; its store lives there."""

    def __init__(self) -> None:
        self._taken = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._taken.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        assert self._ready.wait(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.app: FastAPI = create_app()
        self.store: Store = self.app.state.store
        add_channel(self.store)
        config = uvicorn.Config(self.app, log_level="warning", access_log=False, lifespan="on")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._ready.set()
        await self._server.serve(sockets=[self._taken])

    def run(self, act: Callable[[], object]) -> None:
        """Do something on the thread of the store."""

        async def do() -> None:
            act()

        asyncio.run_coroutine_threadsafe(do(), self._loop).result(10)

    def receive(self, text: str, number: str = HANA, buttons: bool = False) -> None:
        """A notice arrives."""
        parts = {"buttons": BUTTONS} if buttons else None
        self.run(lambda: receive(self.store, text, number, parts=parts))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self.store.changes.close)
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser_path(), args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    running = Sandbox()
    yield running
    running.close()


@pytest.fixture
def page(chromium: Browser, sandbox: Sandbox) -> Iterator[Page]:
    context = chromium.new_context(viewport=WIDE, base_url=sandbox.base)  # type: ignore[arg-type]
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    # a refusal (4xx) is told by the browser too, and is no fault of the page
    opened.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and "status of 4" not in said.text
            else None
        ),
    )
    yield opened
    context.close()
    assert wrong == []

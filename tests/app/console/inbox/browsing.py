"""The application on a free port and Chromium before it, in one event loop with the test."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from app.console.deps import PLAIN_COOKIE
from tests.app.console.visitors import Visitor
from tests.needs import browser_path

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
READY_MS = 20_000  # on a busy machine, too


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of an application whose lifespan runs already."""
    taken = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve(sockets=[taken]))
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True  # the pages' live links never end by themselves
        await running


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser_path(), args=SWITCHES)
        yield opened
        await opened.close()


async def page_of(
    browser: Browser,
    base: str,
    visitor: Visitor,
    size: dict[str, int],
    scheme: str = "light",
    *,
    checked: bool = False,
) -> Page:
    """A window in which somebody is logged in; ``checked``: a checker's script may run in it."""
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        base_url=base,
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=checked,
    )
    await context.add_cookies([{"name": PLAIN_COOKIE, "value": visitor.token, "url": base}])
    page = await context.new_page()
    page.set_default_timeout(READY_MS)
    return page

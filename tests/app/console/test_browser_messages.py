"""Messages in a real browser: sent by the form, followed on their page until they have arrived."""

import asyncio
import importlib
import shutil
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from sqlmodel import col, select

from app.config import Settings
from app.console.deps import PLAIN_COOKIE
from app.db.models import Attempt, ProviderAccount
from app.ids import new_id, to_ref
from app.main import create_app
from app.services import logins, receipts
from app.services.runtime import Runtime
from channels.contract import Receipt
from channels.vocabulary import Result
from scheduler.dispatch import Lane
from tests.app.console.sent import Falling
from tests.app.console.visitors import BROWSER, somebody
from tests.engine import Provider
from tests.sandbox.browsing import NARROW, WIDE, chromium  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
AXE: Any = importlib.import_module("axe_playwright_python.sync_playwright").Axe  # has no types
SERIOUS = {"serious", "critical"}


class Served:
    """The application on a free port, in a thread with its own event loop."""

    def __init__(self, settings: Settings, ids: dict[str, UUID]) -> None:
        self.ids, self._settings = ids, settings
        self._taken = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._taken.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        assert self._ready.wait(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.app = create_app(self._settings)
        config = uvicorn.Config(self.app, log_level="error", access_log=False, lifespan="on")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(self._server.serve(sockets=[self._taken]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        self._ready.set()
        await task

    def run(self, act: Callable[[Runtime], Coroutine[Any, Any, Any]]) -> Any:
        """Do something on the thread of the application."""
        todo = act(self.app.state.runtime)
        return asyncio.run_coroutine_threadsafe(todo, self._loop).result(20)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def served(tmp_path: Path, kept: tuple[Path, dict[str, UUID]]) -> Iterator[Served]:
    shutil.copytree(kept[0], tmp_path / "var")
    settings = Settings(data=tmp_path / "var", database_url="", console_http=True)
    running = Served(settings, kept[1])
    yield running
    running.close()


@pytest.fixture
def token(served: Served) -> str:
    async def come_in(runtime: Runtime) -> str:
        person = await somebody(runtime, served.ids["workspace"], "owner")
        async with runtime.database.write() as tx:
            return (await logins.open_login(tx, runtime.sealer, person, BROWSER, remember=True))[0]

    return str(served.run(come_in))


@pytest.fixture
def page(chromium: Browser, served: Served, token: str) -> Iterator[Page]:  # noqa: F811
    context = chromium.new_context(viewport=WIDE, base_url=served.base)  # type: ignore[arg-type]
    context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": served.base}])
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert wrong == []


async def dispatch(runtime: Runtime) -> None:
    """The scheduler's turn, and the provider's word that it arrived."""
    async with runtime.database.read() as session:
        accounts = list(await session.exec(select(ProviderAccount)))
    for account in accounts:
        lane = Lane(runtime, account, Provider(answer=Falling()), new_id())
        while await lane.turn():
            pass
        async with runtime.database.read() as session:
            taken = list(
                await session.exec(
                    select(Attempt).where(
                        col(Attempt.account_id) == account.id, col(Attempt.status) == "accepted"
                    )
                )
            )
        async with runtime.database.write() as tx:
            words = [Receipt(Result.DELIVERED, ref=to_ref(one.id)) for one in taken]
            await receipts.apply(tx, runtime, account.workspace_id, account.id, words)


def test_send_then_follow(page: Page, served: Served) -> None:
    page.goto("/console/overview")
    page.get_by_role("link", name="알림 한 건 보내기").click()
    page.get_by_role("link", name="주문 안내").first.click()
    page.get_by_label("받는 번호").fill("010-0000-1001")
    page.get_by_label("#{주문번호}").fill("B-77")
    page.locator("#look .bubble-text", has_text="주문번호 B-77").first.wait_for()
    page.get_by_role("button", name="1건 보내기").click()
    page.get_by_role("heading", name="지나온 길").wait_for()
    state = page.locator("#m-state")
    assert "접수" in state.inner_text()
    page.get_by_role("link", name="취소").focus()
    served.run(dispatch)
    page.locator("#m-state", has_text="도착").wait_for()  # by itself
    assert "알림톡 도착" in page.locator("#m-tale").inner_text()
    assert page.evaluate("document.activeElement.id") == "b-cancel"
    page.get_by_role("button", name="번호 보기").click()
    page.get_by_text("010-0000-1001", exact=True).wait_for()


def test_a_dialog_says_what_happens_and_begins_on_the_safe_one(page: Page, served: Served) -> None:
    page.goto(f"/console/messages/{served.ids['waiting']}")
    page.get_by_role("link", name="취소", exact=True).click()
    dialog = page.get_by_role("dialog", name="이 메시지 1건을 취소할까요?")
    dialog.wait_for()
    assert page.evaluate("document.activeElement.textContent") == "그대로 두기"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.get_by_role("link", name="취소", exact=True).click()
    dialog.get_by_role("button", name="1건 취소").click()
    page.locator("#m-state", has_text="취소됨").wait_for()


def pages(ids: dict[str, UUID]) -> list[str]:
    return [
        "/console/overview",
        "/console/overview?days=30",
        "/console/messages",
        "/console/messages?q=nothing&status=failed",
        f"/console/messages/{ids['fallen']}",
        f"/console/messages/{ids['unknown']}?show=alimtalk",
        "/console/send",
        "/console/send?template=order_test",
    ]


def looked_over(page: Page, path: str) -> None:
    """No serious fault, and nothing to scroll to sideways."""
    page.goto(path)
    found = AXE().run(page).response["violations"]
    bad = [
        (one["id"], node["html"][:160])
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
    assert bad == [], path
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pages_are_sound(page: Page, served: Served) -> None:
    for path in (f"/console/messages/{served.ids['fallen']}", "/console/overview"):
        looked_over(page, path)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_is_sound(
    page: Page, served: Served, scheme: Any, size: Any, language: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    for path in pages(served.ids):
        looked_over(page, f"{path}{'&' if '?' in path else '?'}lang={language}")

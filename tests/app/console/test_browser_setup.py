"""The setting-up pages in a real browser: nothing moves sideways, axe finds nothing serious."""

import importlib
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.console.deps import PLAIN_COOKIE
from tests.app.console.setting_up import Served
from tests.sandbox.browsing import NARROW, WIDE, chromium  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
PATHS = (
    "/console/templates",
    "/console/templates/order_shipped?with=1",
    "/console/write",
    "/console/write?starter=order_shipped",
    "/console/keys",
    "/console/accounts",
    "/console/accounts/{account}",
    "/console/account",
    "/console/account?adapter=relay",
    "/console/senders",
    "/console/members",
    "/console/profile",
    "/console/access",
    "/console/menu",
)
AXE: Any = importlib.import_module("axe_playwright_python.sync_playwright").Axe  # has no types
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("setting-up"))
    yield running
    running.close()


def enter(browser: Browser, served: Served, **more: Any) -> BrowserContext:
    """A browser that is logged in."""
    context = browser.new_context(**more)
    context.add_cookies([{"name": PLAIN_COOKIE, "value": served.token, "url": served.base}])
    return context


@pytest.fixture
def opened(chromium: Browser, served: Served) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """Opens a page of the owner's."""
    contexts: list[BrowserContext] = []

    def open_page(**more: Any) -> Page:
        contexts.append(enter(chromium, served, **more))
        return contexts[-1].new_page()

    yield open_page
    for one in contexts:
        one.close()


def check(page: Page, path: str, lang: str, served: Served) -> None:
    address = served.base + path.format(**served.ids)
    answer = page.goto(address + ("&" if "?" in path else "?") + f"lang={lang}")
    assert answer is not None
    assert answer.status == 200, path
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, (path, lang, wide)
    if lang == "en":
        heads = page.locator("main header h2, main th, main .head .sub").all_inner_texts()
        ours = "\n".join(heads).replace("한지우", "")  # a person keeps their name
        assert re.findall(".*[가-힣].*", ours) == [], path
    found = AXE().run(page).response["violations"]
    bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS]
    assert bad == [], (path, lang)


Open = Callable[..., Page]


def test_pages_fit_and_can_be_used_by_all(opened: Open, served: Served) -> None:
    page = opened(viewport=NARROW)
    for path in ("/console/templates/order_shipped", "/console/keys", "/console/accounts"):
        check(page, path, "ko", served)


@pytest.mark.long
@pytest.mark.parametrize(("size", "theme"), [*product(("wide", "narrow"), ("light", "dark"))])
def test_every_page_in_every_dress(opened: Open, served: Served, size: str, theme: str) -> None:
    page = opened(viewport=WIDE if size == "wide" else NARROW, color_scheme=theme)
    errors: list[str] = []
    page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
    for path, lang in product(PATHS, ("ko", "en")):
        check(page, path, lang, served)
    assert errors == []  # nothing the policy refused


def test_a_key_is_made_and_revoked_by_keyboard(opened: Open, served: Served) -> None:
    page = opened(viewport=WIDE)
    page.goto(served.base + "/console/keys")
    page.fill("#f-name", "쇼핑몰 서버")
    page.press("#f-name", "Enter")
    secret = page.locator(".secret").inner_text()
    assert secret.startswith("naru_test_")
    row = page.locator("tr", has_text="쇼핑몰 서버")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.locator(".sure-box button").focus()
    page.keyboard.press("Enter")
    page.get_by_text("폐기함").wait_for()
    assert secret not in page.content()


def test_the_phone_follows_the_sample_values(opened: Open, served: Served) -> None:
    page = opened(viewport=WIDE)
    page.goto(served.base + "/console/templates/order_shipped")
    page.locator("form[data-look] input.in").first.fill("윤서아")
    page.locator("#look").get_by_text("윤서아").first.wait_for()

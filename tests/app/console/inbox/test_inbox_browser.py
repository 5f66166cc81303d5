"""The inbox in Chromium: two agents and one customer, drafts, keys, axe."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect
from sqlmodel import select

from app.config import Settings
from app.db.models import Attachment
from app.services import attachment_kinds, attachments, canned
from app.services.cases import Agent
from tests.app.console.inbox.browsing import NARROW, WIDE, chromium, page_of, served
from tests.app.console.inbox.chats import Chats
from tests.app.console.visitors import Visitor
from tests.sandbox.images import png

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def app_settings(app_settings: Settings) -> Settings:
    """Over plain http, as in a closed network: the test has no certificate."""
    return app_settings.model_copy(update={"console_http": True})


@pytest.fixture
async def base(app: FastAPI) -> AsyncIterator[str]:
    async with served(app) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


def watch(page: Page) -> list[str]:
    """What went wrong in the page's own scripts."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


async def test_two_agents_answer_one_customer(
    base: str, browser: Browser, owner: Visitor, agent: Visitor, chats: Chats
) -> None:
    """One wins; the other keeps the draft, sees the newer line, and hears who took it."""
    await chats.hear("문 앞 말고 경비실에 맡겨 주세요")
    address = f"/console/inbox/{await chats.thread()}"
    first = await page_of(browser, base, owner, WIDE)
    second = await page_of(browser, base, agent, WIDE)
    wrong = [watch(page) for page in (first, second)]
    for page in (first, second):
        await page.goto(address)
        await expect(page.locator("#live-state")).to_have_text("실시간")
    await second.fill("#text", "제가 부탁해 둘게요")
    await first.fill("#text", "네, 경비실에 부탁해 둘게요")
    await first.press("#text", "Control+Enter")
    await expect(second.locator("#feed")).to_contain_text("네, 경비실에 부탁해 둘게요")
    await expect(second.locator("#compose")).to_contain_text("김나루 님이 담당하고 있어요")
    await expect(second.locator("#kept")).to_contain_text("제가 부탁해 둘게요")
    # and when both press at once: the second's epoch is an old one
    await second.click("#do-take")
    await expect(second.locator("#text")).to_have_value("제가 부탁해 둘게요")
    await second.press("#text", "Control+Enter")
    await expect(second.locator("#feed .mine")).to_have_count(2)
    await expect(first.locator("#compose")).to_contain_text("이상담 님이 담당하고 있어요")
    assert wrong == [[], []]


async def test_a_stale_answer_keeps_the_draft_and_names_who_took_it(
    base: str, browser: Browser, owner: Visitor, chats: Chats
) -> None:
    await chats.hear("급해요")
    thread = await chats.thread()
    page = await page_of(browser, base, owner, WIDE)
    await page.route("**/console/live*", lambda route: route.abort())
    await page.route("**/console/changes*", lambda route: route.abort())
    await page.goto(f"/console/inbox/{thread}")
    await page.fill("#text", "제가 할게요")
    await chats.taken(thread, Agent("강민재"))  # and nothing tells this page
    await page.press("#text", "Control+Enter")
    await expect(page.locator("#alerts")).to_contain_text("강민재 님이 맡았어요")
    await expect(page.locator("#kept")).to_contain_text("제가 할게요")
    await expect(page.locator("#live-state")).to_have_text("연결이 끊겼어요")


async def test_keys_canned_replies_notes_and_undo(
    base: str, browser: Browser, owner: Visitor, chats: Chats
) -> None:
    async with chats.runtime.database.write() as tx:
        await canned.create(tx, chats.workspace.id, "배송지연", "하루쯤 늦어질 수 있어요.")
    await chats.hear("하나", user_key="customer-one")
    await chats.hear("둘", user_key="customer-two")
    page = await page_of(browser, base, owner, WIDE)
    wrong = watch(page)
    await page.goto("/console/inbox")
    await page.keyboard.press("j")
    await expect(page.locator("#feed")).to_contain_text("둘")
    await page.keyboard.press("j")
    await expect(page.locator("#feed")).to_contain_text("하나")
    await page.keyboard.press("r")
    await page.keyboard.type("/배송")
    await expect(page.locator("#canned li")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_have_value("하루쯤 늦어질 수 있어요.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#feed .mine")).to_contain_text("하루쯤 늦어질")
    await notes_drafts_and_undo(page)
    assert wrong == []


async def notes_drafts_and_undo(page: Page) -> None:
    """A note's draft outlives the page; what was resolved comes back."""
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.locator("#comp")).to_have_class("comp noting")
    await page.keyboard.type("단골이에요")
    await page.reload()
    await page.click("#tab-note")
    await expect(page.locator("#text")).to_have_value("단골이에요")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#feed .note")).to_contain_text("단골이에요")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await page.click("#toasts button")
    await expect(page.locator("#room-head")).to_contain_text("내가 담당")


async def test_new_lines_do_not_move_who_reads_older_ones(
    base: str, browser: Browser, owner: Visitor, chats: Chats
) -> None:
    for number in range(30):
        await chats.say(f"말 {number}")
    await chats.apply()
    page = await page_of(browser, base, owner, NARROW)
    await page.goto(f"/console/inbox/{await chats.thread()}")
    await expect(page.locator("#feed")).to_contain_text("말 29")
    await page.evaluate("document.querySelector('#feed').scrollTop = 0")
    await page.wait_for_timeout(100)
    await chats.hear("새 말이에요")
    await expect(page.locator("#newer")).to_contain_text("새 메시지 1개")
    assert await page.evaluate("document.querySelector('#feed').scrollTop") < 50
    await page.click("#newer button")
    await expect(page.locator("#newer")).to_be_hidden()
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(sideways) == 0
    await chats.hear("한 줄에 다 들어가지 않는 긴 말도 목록에서는 한 줄이고 끝이 잘려요")
    await page.goto("/console/inbox")
    await expect(page.locator("#list")).to_contain_text("한 줄에 다")
    assert await page.evaluate(sideways) == 0


async def test_what_comes_stands_below_what_is_there(
    base: str, browser: Browser, owner: Visitor, chats: Chats
) -> None:
    """Also when all that is there is settled, so that only a day and a notice are told again."""
    _, token = await chats.shipped()
    await chats.press(token)
    await chats.hear("하나")
    page = await page_of(browser, base, owner, WIDE)
    await page.goto(f"/console/inbox/{await chats.thread()}")
    await expect(page.locator("#live-state")).to_have_text("실시간")
    for words in ("둘", "셋"):
        await chats.hear(words)
        await expect(page.locator("#feed")).to_contain_text(words)
    await expect(page.locator("#feed .inn")).to_contain_text(["하나", "둘", "셋"])
    ids = "[...document.querySelectorAll('#feed > li')].map((li) => li.id)"
    shown = await page.evaluate(ids)
    await page.reload()
    assert shown == await page.evaluate(ids)


BELOW = """(() => {
  const feed = document.querySelector("#feed");
  return feed.scrollHeight - feed.scrollTop - feed.clientHeight;
})()"""
GROW = """new Promise((done) => {
  const feed = document.querySelector("#feed"), last = feed.lastElementChild;
  last.style.minHeight = `${last.offsetHeight + 9}px`;
  feed.scrollTop = feed.scrollHeight;
  last.style.minHeight = `${last.offsetHeight + 300}px`;
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)));
})"""


async def test_a_room_opens_at_its_end_with_pictures_in_it(
    base: str, browser: Browser, owner: Visitor, chats: Chats
) -> None:
    for number in range(12):
        await chats.say(f"말 {number}")
    url = {"url": "https://files.test/1.jpg"}
    await chats.say(url, type="photo", contents=[url])
    await chats.say("이 집이에요")
    await chats.apply()
    async with chats.runtime.database.write() as tx:
        data = png(640, 480)
        (stored,) = await tx.session.exec(select(Attachment))
        attachments.store(tx, chats.runtime.sealer, stored, attachment_kinds.read(data), data)
    pages = [await page_of(browser, base, owner, size) for size in (NARROW, WIDE)]
    for page in pages:
        await page.goto(f"/console/inbox/{await chats.thread()}")
        await expect(page.locator("#feed img")).to_have_js_property("naturalWidth", 640)
        await expect(page.locator("#live-state")).to_have_text("실시간")
        await expect(page.locator("#feed .inn").last).to_be_in_viewport(ratio=1)
        assert await page.evaluate(BELOW) < 2
    await pages[1].evaluate(GROW)  # the room gets longer before its own scrolling is told
    await chats.hear("보이나요?")
    await expect(pages[1].locator("#feed")).to_contain_text("보이나요?")
    await expect(pages[1].locator("#newer")).to_be_hidden()
    assert await pages[1].evaluate(BELOW) < 2


SEEN = "[document.documentElement.lang, matchMedia('(prefers-color-scheme: dark)').matches]"
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


async def faults(page: Page) -> list[str]:
    """Serious and critical findings of axe."""
    await page.add_script_tag(path=str(AXE_FILE_PATH))
    found: list[dict[str, Any]] = await page.evaluate(RUN)
    return [
        f"{one['id']}: {node['target']} {node['html'][:150]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("scheme", "language"),
    [
        ("light", "ko"),
        pytest.param("dark", "ko", marks=pytest.mark.long),
        pytest.param("light", "en", marks=pytest.mark.long),
        pytest.param("dark", "en", marks=pytest.mark.long),
    ],
)
async def test_nothing_serious_for_axe(
    base: str, browser: Browser, owner: Visitor, chats: Chats, scheme: str, language: str
) -> None:
    """The inbox empty, open, with the bot, closed; the desk's tabs."""
    page = await page_of(browser, base, owner, WIDE, scheme, checked=True)
    found: dict[str, list[str]] = {}

    async def look(address: str) -> None:
        await page.goto(address + ("&" if "?" in address else "?") + f"lang={language}")
        assert await page.evaluate(SEEN) == [language, scheme == "dark"]
        found[address] = await faults(page)

    await look("/console/inbox")
    _, token = await chats.shipped()
    await chats.press(token)
    await chats.hear("긴 말이에요. " * 60)
    thread = await chats.thread()
    await look(f"/console/inbox/{thread}")
    await look(f"/console/inbox/{thread}?ask=transfer")
    await chats.expire()
    await chats.apply()
    await look(f"/console/inbox/{thread}")
    for tab in ("canned", "labels", "teams", "channels", "bots"):
        await look(f"/console/desk?tab={tab}")
    assert {address: one for address, one in found.items() if one} == {}

"""A customer with a phone, a bot, and a person with the console, in Chromium, through the town."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from app.services import passwords, staff, workspaces
from app.services.runtime import open_runtime
from templates.files import load, starters
from tests.journeys.town import Town, approve, town
from tests.needs import browser_path
from tests.sandbox.images import png

pytestmark = [pytest.mark.browser, pytest.mark.long]
FORM, SAMPLE = load(starters()["order_shipped"])
HANA = "01000001001"
OWNER = "hanjiu@naru.test"
RULES = """
[texts]
welcome = "안녕하세요, 나루상점이에요."

[menus.start]
text = "무엇을 도와드릴까요?"
choices = [{ label = "내 주문", go = "order" }, { label = "배송", go = "delivery" }]

[menus.order]
text = "#{고객명}님, 주문번호는 #{주문번호}예요."
without = "어느 주문인지 아직 몰라요."

[menus.delivery]
text = "보통 이틀 걸려요."

[[keywords]]
words = ["배송"]
go = "delivery"
"""


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as running:
        await approve(running, FORM.to_mapping())
        yield running


async def new_owner(place: Town) -> str:
    """A password of somebody who may log in."""
    password = secrets.token_urlsafe(12)
    stored = await passwords.hashed(password)
    async with open_runtime(place.settings()) as runtime, runtime.database.write() as tx:
        workspace = await workspaces.oldest(tx.session)
        assert workspace is not None
        person, _ = await staff.add(tx, runtime.sealer, workspace.id, OWNER, "한지우", "owner")
        await staff.set_password(tx, person, stored)
    return password


async def the_bot_answers_first(place: Town) -> None:
    """A rule bot on the shop's only channel."""
    body = {"name": "나루 도우미", "rules": RULES}
    bot = await place.api("POST", "/v1/consultations/bots", json=body)
    assert bot.status_code == 201, bot.text
    (channel,) = (await place.api("GET", "/v1/consultations/channels")).json()["items"]
    path = f"/v1/consultations/channels/{channel['sender_id']}"
    settings = {"bot_id": bot.json()["id"]}
    changed = await place.api("PUT", path, json=settings)
    assert changed.is_success, changed.text


@pytest.mark.timeout(600)
async def test_from_a_notice_to_the_end_of_a_consultation(place: Town, tmp_path: Path) -> None:
    """Notice, its button, the bot, a person, a picture each way, resolved: seen on both sides."""
    expect.set_options(timeout=60_000)
    password = await new_owner(place)
    await the_bot_answers_first(place)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        phone = await browser.new_page(base_url=place.sandbox_url)
        desk = await log_in(place, browser, password)
        await talk_to_the_bot(place, phone)
        await ask_for_a_person(phone, desk)
        of_the_bot = await desk.locator("#feed .bot").count()
        await take_and_answer(phone, desk)
        await show_pictures(phone, desk, tmp_path)
        assert await desk.locator("#feed .bot").count() == of_the_bot
        await desk.locator("#text").press("Escape")
        await desk.keyboard.press("e")
        await expect(desk.locator("#toasts")).to_contain_text("상담을 끝냈어요")
        await expect(desk.locator("#compose")).to_contain_text("끝난 상담이에요")
        await browser.close()


async def log_in(place: Town, browser: Browser, password: str) -> Page:
    """The console's inbox, live, before anybody has written."""
    context = await browser.new_context(
        base_url=place.app_url, viewport={"width": 1440, "height": 900}
    )
    page = await context.new_page()
    await page.goto("/console/login?next=/console/inbox")
    await page.get_by_label("이메일").fill(OWNER)
    await page.get_by_label("비밀번호").fill(password)
    await page.get_by_role("button", name="들어가기").click()
    await expect(page.locator("#list")).to_contain_text("아직 상담이 없어요")
    await expect(page.locator("#live-state")).to_have_text("실시간")
    return page


async def talk_to_the_bot(place: Town, phone: Page) -> None:
    """The notice comes, its button is pressed, and the bot knows which order it is about."""
    await phone.goto(f"/phones/{HANA}?app=chat")
    await place.send("order_shipped", HANA, variables=dict(SAMPLE))
    card = phone.get_by_role("article", name="알림톡")
    await card.get_by_role("button", name="상담원과 이야기").click()
    said = phone.locator("#thread .message-in .say")
    await expect(said.last).to_contain_text("무엇을 도와드릴까요?")
    await write(phone, "1")
    await expect(said.last).to_contain_text(f"주문번호는 {SAMPLE['주문번호']}예요.")


async def ask_for_a_person(phone: Page, desk: Page) -> None:
    """The desk sees the bot at work; then the customer wants somebody, and the bot steps back."""
    await desk.goto("/console/inbox?queue=bot")
    await desk.locator("#threads a").first.click()
    feed = desk.locator("#feed")
    await expect(feed.locator(".notice")).to_contain_text(SAMPLE["송장번호"])
    await expect(feed).to_contain_text("버튼 표식으로 확실하게")
    await expect(feed.locator(".bot").last).to_contain_text(SAMPLE["주문번호"])
    await expect(desk.locator("#compose")).to_contain_text("봇이 응대하고 있어요")
    await write(phone, "상담원이요")
    await expect(feed.locator(".hand")).to_contain_text("봇에서 사람으로")
    await write(phone, "경비실에 맡겨 주세요")
    await expect(feed).to_contain_text("경비실에 맡겨 주세요")


async def take_and_answer(phone: Page, desk: Page) -> None:
    """Whoever answers has it."""
    await desk.locator("#text").fill("네, 부탁해 둘게요.")
    await desk.locator("#text").press("Control+Enter")
    await expect(phone.locator("#thread .message-in .say").last).to_have_text("네, 부탁해 둘게요.")
    await expect(desk.locator("#feed .mine + .stamp").last).to_contain_text("보냄")
    await expect(desk.locator("#room-head")).to_contain_text("내가 담당")
    await write(phone, "배송은 언제 와요?")  # a word the bot would have answered
    await expect(desk.locator("#feed .inn").last).to_contain_text("배송은 언제 와요?")


async def show_pictures(phone: Page, desk: Page, folder: Path) -> None:
    """One from the customer, one back, both without words."""
    door, map_ = folder / "door.png", folder / "map.png"
    door.write_bytes(png(320, 240))
    map_.write_bytes(png(640, 480))
    await phone.get_by_label("사진 보내기").set_input_files(door)
    await expect(desk.locator("#feed .inn .photo img")).to_be_visible()
    await desk.locator("#pick").set_input_files(map_)
    await expect(desk.locator("#files")).to_have_text("map.png×")
    await desk.locator("#send").click()
    await expect(desk.locator("#feed .out .photo img")).to_be_visible()
    await expect(phone.locator("#thread .message-in img").first).to_be_visible()


async def write(phone: Page, words: str) -> None:
    """The customer writes a line."""
    await phone.locator("#write").fill(words)
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#thread .message-out .say").last).to_have_text(words)

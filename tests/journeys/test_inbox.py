"""A customer with a phone and a person with the console, in Chromium, through the whole town."""

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


@pytest.mark.timeout(600)
async def test_from_a_notice_to_the_end_of_a_consultation(place: Town, tmp_path: Path) -> None:
    """Notice, its button, words, an answer, a picture, resolved: seen on both sides."""
    expect.set_options(timeout=20_000)
    password = await new_owner(place)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        phone = await browser.new_page(base_url=place.sandbox_url)
        desk = await log_in(place, browser, password)
        await call_for_a_person(place, phone)
        await answer(phone, desk)
        await send_a_picture(phone, desk, tmp_path)
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


async def call_for_a_person(place: Town, phone: Page) -> None:
    """The notice comes, its consultation button is pressed, something is said."""
    await phone.goto(f"/phones/{HANA}?app=chat")
    await place.send("order_shipped", HANA, variables=dict(SAMPLE))
    card = phone.get_by_role("article", name="알림톡")
    await card.get_by_role("button", name="상담원과 이야기").click()
    await expect(phone.locator("#thread")).to_contain_text("상담을 시작했습니다")
    await phone.locator("#write").fill("경비실에 맡겨 주세요")
    await phone.keyboard.press("Enter")


async def answer(phone: Page, desk: Page) -> None:
    """The thread appears by itself, with the very notice; whoever answers has it."""
    await expect(desk.locator("#threads")).to_contain_text("경비실에 맡겨 주세요")
    await desk.locator("#threads a").first.click()
    feed = desk.locator("#feed")
    await expect(feed.locator(".notice")).to_contain_text(SAMPLE["송장번호"])
    await expect(feed).to_contain_text("버튼 표식으로 확실하게")
    await desk.locator("#text").fill("네, 부탁해 둘게요.")
    await desk.locator("#text").press("Control+Enter")
    await expect(phone.locator("#thread .message-in .say")).to_have_text("네, 부탁해 둘게요.")
    await expect(feed.locator(".mine + .stamp").last).to_contain_text("보냄")
    await expect(desk.locator("#room-head")).to_contain_text("내가 담당")


async def send_a_picture(phone: Page, desk: Page, folder: Path) -> None:
    """A picture goes out by itself, without words."""
    picture = folder / "map.png"
    picture.write_bytes(png(640, 480))
    await desk.locator("#pick").set_input_files(picture)
    await expect(desk.locator("#files")).to_have_text("map.png×")
    await desk.locator("#send").click()
    await expect(desk.locator("#feed .photo img")).to_be_visible()
    await expect(phone.locator("#thread .message-in img").first).to_be_visible()

"""A person with a phone in Chromium, in a whole town: our API, the phone, our inbox, the phone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from templates.files import load, starters
from tests.journeys.town import Town, approve, town
from tests.needs import browser_path
from tests.sandbox.images import png

pytestmark = [pytest.mark.browser, pytest.mark.long]
FORM, SAMPLE = load(starters()["order_shipped"])
HANA, MIRI, DORI = "01000001001", "01000001002", "01000001003"
POLL_S = 5.0  # how often the page reads without the live link


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as running:
        await approve(running, FORM.to_mapping())
        yield running


@pytest.mark.timeout(600)
async def test_a_day_with_the_phone(place: Town, tmp_path: Path) -> None:
    """The walks one after another; each on a phone of its own, each without reloading."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(base_url=place.sandbox_url)
        page.set_default_timeout(15_000)
        for walk in (notice_and_answer, blocked_channel, answers_go_missing):
            await walk(place, page)
        await photo(place, page, tmp_path)
        await browser.close()


async def open_phone(page: Page, number: str) -> None:
    await page.goto(f"/phones/{number}?app=chat")
    await expect(page.locator("#phone")).to_have_attribute("data-number", number)
    await page.evaluate("window.sameVisit = true")


async def send(place: Town, number: str) -> str:
    return await place.send("order_shipped", number, variables=dict(SAMPLE))


async def until(
    read: Callable[[], Awaitable[dict[str, Any] | None]], what: str, seconds: float = 90
) -> dict[str, Any]:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while (found := await read()) is None:
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)
    return found


async def timeline(place: Town, message_id: str) -> list[dict[str, Any]]:
    shown = (await place.api("GET", f"/v1/messages/{message_id}/timeline")).json()
    entries: list[dict[str, Any]] = shown["entries"]
    return entries


async def notice_and_answer(place: Town, page: Page) -> None:
    """Our API, a card on the phone, its button, our thread, our answer on the phone."""
    await open_phone(page, HANA)
    message_id = await send(place, HANA)
    card = page.get_by_role("article", name="알림톡: [나루상점] 상품 발송 안내")
    await card.wait_for()
    drawn = await page.evaluate("Date.now()")
    (arrived,) = await place.received(HANA)
    assert drawn - arrived["at"] < POLL_S * 1000 / 2, "live, and not by the page's own poll"
    await expect(card).to_contain_text(SAMPLE["송장번호"])
    await card.get_by_role("button", name="배송 조회").click()
    await expect(page.get_by_role("dialog", name="배송 조회")).to_contain_text(
        f"{SAMPLE['택배사']} {SAMPLE['송장번호']}"
    )
    await card.get_by_role("button", name="상담원과 이야기").click()
    await expect(page.locator("#thread")).to_contain_text("상담을 시작했습니다")
    await page.locator("#write").fill("내일 꼭 받아야 해요!")
    await page.keyboard.press("Enter")
    thread = await until(lambda: answered(place, message_id), "the words are in no thread")
    answer = {
        "text": "내일 오전에 도착합니다.",
        "agent": "윤가람",
        "epoch": thread["case"]["epoch"],
        "client_key": "k1",
    }
    path = f"/v1/consultations/{thread['id']}/messages"
    assert (await place.api("POST", path, json=answer)).status_code == 202
    await expect(page.locator("#thread .message-in .say")).to_have_text("내일 오전에 도착합니다.")
    assert await page.evaluate("window.sameVisit")


async def answered(place: Town, message_id: str) -> dict[str, Any] | None:
    """The thread of a notice, once the customer's words are in it."""
    for item in (await place.api("GET", "/v1/consultations")).json()["items"]:
        shown: dict[str, Any] = (await place.api("GET", f"/v1/consultations/{item['id']}")).json()
        lines = await lines_of(place, item["id"])
        told = [line for line in lines if line["author_kind"] == "customer"]
        if told and shown["notice"] and shown["notice"]["id"] == message_id:
            assert told[-1]["text"] == "내일 꼭 받아야 해요!"
            return shown
    return None


async def lines_of(place: Town, thread_id: str) -> list[dict[str, Any]]:
    shown = (await place.api("GET", f"/v1/consultations/{thread_id}/messages")).json()
    lines: list[dict[str, Any]] = shown["items"]
    return lines


async def blocked_channel(place: Town, page: Page) -> None:
    """The customer blocks the channel by the switch: the next notice comes as a text message."""
    await open_phone(page, MIRI)
    first = await send(place, MIRI)
    await page.get_by_role("article", name="알림톡").wait_for()
    await place.until(first, "delivered")
    await page.get_by_role("switch", name="나루 상점 차단").click()
    await expect(page.locator("#room-foot")).to_contain_text("차단한 채널입니다")
    second = await send(place, MIRI)
    await expect(page.locator("#phone-tabs").get_by_role("link", name="문자")).to_contain_text("1")
    await page.locator("#phone-tabs").get_by_role("link", name="문자").click()
    await expect(page.locator("#thread .say")).to_contain_text(SAMPLE["송장번호"])
    await expect(page.locator("#thread .say-why")).to_have_text(
        "알림톡 3020(채널 차단) 실패 뒤에 온 문자"
    )
    shown = await place.until(second, "delivered")
    assert shown["fallback_used"] is True
    assert await page.evaluate("window.sameVisit")


async def answers_go_missing(place: Town, page: Page) -> None:
    """The dial loses our answer: the phone has the notice once, and our timeline says what was."""
    await open_phone(page, DORI)
    rule = {"effect": "timeout_after", "seconds": 1, "count": 1, "number": DORI}
    await place.desk("PUT", "/chaos", json={"seed": 7, "rules": [rule]})
    message_id = await send(place, DORI)
    await page.get_by_role("article", name="알림톡").wait_for()
    await place.until(message_id, "delivered", seconds=90)
    await place.desk("DELETE", "/chaos")
    entries = await timeline(place, message_id)
    first, doubt, last = entries
    assert (first["title"], last["title"]) == ("접수", "알림톡 도착")
    assert doubt["title"] == "알림톡 확인 중"
    assert doubt["code_meaning"] == "답을 받기 전에 연결이 끊김"
    assert "두 번 가지 않도록 물어보는 중" in doubt["detail"]
    assert len(await place.received(DORI)) == 1


async def photo(place: Town, page: Page, folder: Path) -> None:
    """A photo from the phone is in our thread, and can be fetched from where it says."""
    file = folder / "상자.png"
    file.write_bytes(png(40, 30))
    await open_phone(page, HANA)
    await page.get_by_label("사진 보내기").set_input_files([file])
    await page.locator("#thread .message-out .say-photo").wait_for()

    async def told() -> dict[str, Any] | None:
        for item in (await place.api("GET", "/v1/consultations")).json()["items"]:
            for line in await lines_of(place, item["id"]):
                if line["kind"] == "image":
                    return line
        return None

    line = await until(told, "the photo is in no thread")
    (url,) = [one["url"] for one in line["content"]["contents"]]
    assert (await place.http.get(url)).content == png(40, 30)

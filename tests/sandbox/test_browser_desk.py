"""The desk in a real browser: calls appear by themselves, what a reader does is left alone."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browsing import Sandbox
from tests.sandbox.shop import ALIMTALK as BIZ
from tests.sandbox.shop import HANA, SECRET, notice, settle_in

pytestmark = pytest.mark.browser


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.run(lambda: settle_in(sandbox.store))
    return sandbox


def send(sandbox: Sandbox, **more: object) -> None:
    with httpx.Client(base_url=sandbox.base, trust_env=False) as client:
        body = {**notice(HANA), **more}
        client.post(f"{BIZ}/raw-messages", json=body, headers=SECRET).raise_for_status()


def test_a_misspelt_field_is_seen_live_and_the_call_sent_again(
    page: Page, sandbox: Sandbox
) -> None:
    page.goto("/desk#requests")
    page.evaluate("window.sameVisit = true")
    expect(page.locator("#requests")).to_contain_text("아직 받은 요청이 없어요")
    send(sandbox, recieveTime="2026-11-23T10:00:00")
    row = page.locator("#request-link-1")
    expect(row).to_be_visible()
    expect(page.locator("#top-counts b").first).to_have_text("1")

    row.click()
    marked = page.locator("#request-body .is-unknown")
    expect(marked).to_contain_text("규격에 없음. ‘requestDate’를 쓰려 했나요?")
    expect(page.locator("#request-open")).to_contain_text("한가온")
    expect(row).to_be_focused()
    assert page.evaluate("window.sameVisit")
    assert "request=1" in page.url

    page.get_by_role("button", name="다시 보내기").click()
    expect(page.locator("#request-origin")).to_have_text("#1를 다시 보낸 요청")
    expect(page.locator("#request-first")).to_contain_text('"resultCode": 0')
    expect(page.locator("#request-answer")).to_contain_text('"resultCode": 0')
    expect(page.locator("#request-after-title + ul")).to_contain_text("도착 1000")


@pytest.mark.long
def test_what_is_opened_and_half_written_stays(page: Page, sandbox: Sandbox) -> None:
    send(sandbox, recieveTime="2026-11-23T10:00:00")
    page.goto("/desk?request=1#requests")
    row = page.locator("#request-link-1")
    page.locator("#request-command summary").click()
    page.locator("#call-search").fill("half a word")
    send(sandbox)
    expect(page.locator("#request-link-2")).to_be_visible()
    expect(page.locator("#request-command")).to_have_attribute("open", "")
    expect(page.locator("#call-search")).to_have_value("half a word")
    expect(page.locator("#call-search")).to_be_focused()
    row.focus()
    page.keyboard.press("k")
    expect(page.locator("#request-link-2")).to_have_attribute("aria-current", "true")
    expect(page.locator("#request-open")).not_to_contain_text("모르는 칸")
    page.go_back()
    expect(page.locator("#request-body .is-unknown")).to_be_visible()
    page.get_by_role("link", name="멈추고 보기").click()
    send(sandbox)
    expect(page.locator("#request-list")).to_contain_text("멈췄어요. 그 뒤 새 요청 1건")
    expect(page.locator("#request-link-3")).to_have_count(0)

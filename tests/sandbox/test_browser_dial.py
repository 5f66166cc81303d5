"""The chaos dial in a real browser: turned by keyboard and mouse, it hits the next send."""

from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.browsing import NARROW, WIDE, Sandbox
from tests.sandbox.shop import ALIMTALK, HANA, SECRET, notice, settle_in

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page: Page) -> Page:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    return page


def send(base: str) -> int:
    """The code that a notice through NHN is answered with."""
    answer = httpx.post(f"{base}{ALIMTALK}/raw-messages", json=notice(HANA), headers=SECRET)
    return int(answer.json()["header"]["resultCode"])


def add_rule(page: Page) -> None:
    """The next call of NHN is answered with an error; what was forgotten is told first."""
    page.locator("#chaos").get_by_role("link", name="규칙", exact=True).click()
    form = page.get_by_role("form", name="새 규칙")
    expect(form.get_by_label("시간, 초")).to_be_visible()
    form.get_by_label("어긋나는 모양").select_option(label="오류 코드")
    expect(form.get_by_label("시간, 초")).to_be_hidden()
    form.get_by_role("button", name="규칙 저장").click()
    code = page.get_by_label("제공자의 코드")
    expect(code).to_be_focused()
    expect(page.locator("#rule-code-error")).to_contain_text("이 값이 있어야 해요")
    code.fill("-7000")
    form.get_by_label("제공자", exact=True).select_option(label="NHN")
    page.get_by_label("많아야 몇 번").fill("1")
    page.get_by_role("button", name="규칙 저장").click()
    expect(page.locator(".top-state.is-on")).to_be_visible()
    page.wait_for_load_state()  # the scripts are there


def test_the_next_send_fails_and_the_page_says_so(page: Page, sandbox: Sandbox) -> None:
    sandbox.run(lambda: settle_in(sandbox.store))
    page.goto("/desk")
    expect(page.locator(".top-state.is-on")).to_have_count(0)
    add_rule(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [send(sandbox.base), send(sandbox.base)] == [-7000, 0]
    page.reload()  # a call is kept when its answer is on its way
    assert [one.acted for one in sandbox.store.exchanges] == [("error_code",), ()]
    expect(page.locator("td.c-acted")).to_have_text("걸린 횟수 1")


@pytest.mark.long
def press_until_off(switch: Locator) -> None:
    """A key that goes down before the page is renewed and up after it does nothing: press again."""
    for _ in range(5):
        switch.press("Space")
        with suppress(AssertionError):
            expect(switch).not_to_be_checked(timeout=10_000)
            return
    raise AssertionError("it stays on")


def test_a_rule_is_turned_by_keyboard(page: Page, sandbox: Sandbox) -> None:
    sandbox.run(lambda: settle_in(sandbox.store))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto("/desk")
    add_rule(page)
    slider = page.get_by_role("slider", name="규칙 1: NHN, 오류 코드 확률")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#chaos output")).to_have_text("99%")
    expect(slider).to_have_attribute("aria-valuetext", "99%")
    page.evaluate("document.querySelector('#chaos').dataset.before = ''")
    page.keyboard.press("Enter")  # as in any form
    expect(page.locator("#chaos tr.is-changed")).to_have_count(0)
    expect(page.locator("#chaos[data-before]")).to_have_count(0)  # else the key's end is another's
    assert sandbox.store.chaos.armed[0].rule.probability == 0.99
    switch = page.get_by_role("switch", name="규칙 1: NHN, 오류 코드 켜기")
    press_until_off(switch)
    expect(page.locator(".top-state.is-on")).to_have_count(0)

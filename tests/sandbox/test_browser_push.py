"""A person with a push in a real browser: it arrives by itself, is opened, is confirmed."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from sandbox.delivery import deliver_due
from sandbox.fcm.devices import find_place
from sandbox.fcm.sending import _put
from tests.sandbox.browsing import NARROW, WIDE, Sandbox
from tests.sandbox.firebase import phone_app, push, settle_in
from tests.sandbox.received import HANA
from tests.service_accounts import PROJECT

pytestmark = pytest.mark.browser
WALK = (Path(__file__).parent / "contrast.js").read_text("utf-8")


def arrive(sandbox: Sandbox, title: str) -> None:
    """A push that waits for a confirmation, on the thread of the store."""
    store = sandbox.store

    def act() -> None:
        settle_in(store)
        message = push(phone_app(store, HANA), "http://127.0.0.1:9/r", naru_ask="acknowledge")
        message["notification"]["title"] = title
        place = find_place(store, message["fid"])
        assert place is not None
        store.change_settings({"result_delay_s": 0})
        _put(store, (PROJECT, "0:1"), place, message)
        deliver_due(store)

    sandbox.run(act)


def test_a_banner_arrives_and_is_confirmed(page: Page, sandbox: Sandbox) -> None:
    sandbox.run(lambda: settle_in(sandbox.store))
    sandbox.run(lambda: phone_app(sandbox.store, HANA))
    page.goto(f"/phones/{HANA}?app=push")
    expect(page.locator("#nothing")).to_contain_text("받은 푸시가 없어요")
    arrive(sandbox, "호우 경보")
    banner = page.get_by_role("article", name="한빛상회")
    expect(banner).to_contain_text("호우 경보")
    page.evaluate("window.sameVisit = true")
    opened = banner.get_by_role("button", name="호우 경보")
    opened.focus()
    page.keyboard.press("Enter")
    expect(banner).to_contain_text("읽음")
    banner.get_by_role("button", name="확인했습니다").click()
    expect(banner).to_contain_text("확인함")
    expect(banner.get_by_role("button", name="확인했습니다")).to_have_count(0)
    assert page.evaluate("window.sameVisit")


def test_single_keys_press_the_newest_push(page: Page, sandbox: Sandbox) -> None:
    arrive(sandbox, "호우 경보")
    page.goto(f"/phones/{HANA}?app=push")
    banner = page.get_by_role("article", name="한빛상회")
    page.locator("#room-title").focus()
    page.keyboard.press("2")
    expect(banner).to_contain_text("확인함")
    expect(banner).to_contain_text("읽음")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_both_themes_wide_and_narrow(
    page: Page, sandbox: Sandbox, scheme: Literal["light", "dark"]
) -> None:
    arrive(sandbox, "아주 긴 제목 " * 12)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"/phones/{HANA}?app=push")
        assert page.evaluate(WALK)["found"] == [], size
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        banner = page.get_by_role("article", name="한빛상회")
        expect(banner.get_by_role("button", name="확인했습니다")).to_be_visible()

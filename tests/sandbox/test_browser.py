"""The phones in a real browser: live lines, keyboard, narrow screens, nothing over the edge."""

from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from sandbox.outbound import KST
from sandbox.reviews import register
from sandbox.waits import set_clock
from tests.sandbox.browsing import NARROW, Sandbox
from tests.sandbox.received import HANA, KEY

pytestmark = pytest.mark.browser


def test_a_notice_a_button_and_an_answer_without_reloading(page: Page, sandbox: Sandbox) -> None:
    page.goto("/")
    page.get_by_role("link", name="한가온").click()
    expect(page.get_by_role("heading", name="받은 알림톡이 없어요")).to_be_visible()
    page.evaluate("window.sameVisit = true")
    sandbox.receive("상품이 출발했습니다", buttons=True)
    notice = page.get_by_role("article", name="알림톡: 상품이 출발했습니다")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="상담원과 이야기").click()
    expect(page.locator("#thread").get_by_text("상담을 시작했습니다")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("내일 꼭 받아야 해요")
    page.keyboard.press("Enter")
    expect(page.locator("#thread .message-out .say")).to_have_text("내일 꼭 받아야 해요")
    expect(page.locator("#write")).to_have_value("")
    expect(page.locator("#write")).to_have_attribute("placeholder", "한가온 이름으로 보내기")
    expect(page.locator("#write")).to_be_focused()
    assert page.evaluate("window.sameVisit")


def test_the_virtual_clock_goes_on_by_itself_over_midnight(page: Page, sandbox: Sandbox) -> None:
    """At 60 sandbox seconds a second; what the script writes is what the page would come with."""
    midnight = datetime(2031, 1, 1, tzinfo=KST).timestamp() * 1000
    sandbox.run(lambda: set_clock(sandbox.store, int(midnight) - 180_000, 60))
    page.goto("/desk")
    clock = page.locator("#clock time")
    assert (clock.get_attribute("datetime") or "").startswith("2030-12-31T23:5")
    expect(clock).to_contain_text("1월 1일 (수) 00:0")
    expect(page.locator("#top-clock")).to_contain_text("1월 1일 (수) 00:0")


def test_a_draft_and_the_focus_survive_a_new_line(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("첫째")
    page.goto(f"/phones/{HANA}")
    page.locator("#write").fill("쓰다 만 글")
    sandbox.receive("둘째 글이 왔습니다")
    expect(page.locator("#thread")).to_contain_text("둘째 글이 왔습니다")
    expect(page.locator("#write")).to_have_value("쓰다 만 글")
    expect(page.locator("#write")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("한빛상회, 알림톡: 둘째 글이 왔습니다")


def test_enter_does_not_send_while_hangul_is_composed(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내")
    page.goto(f"/phones/{HANA}")
    box = page.locator("#write")
    box.fill("보내는 주")
    press = "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: %s,"
    press += " bubbles: true, cancelable: true}))"
    box.evaluate(press % "true")
    page.wait_for_timeout(300)
    expect(page.locator("#thread .message-out")).to_have_count(0)
    box.evaluate(press % "false")
    expect(page.locator("#thread .message-out .say")).to_have_text("보내는 주")


def test_a_reader_of_older_lines_is_not_moved(page: Page, sandbox: Sandbox) -> None:
    for n in range(30):
        sandbox.receive(f"{n}번 안내")
    page.goto(f"/phones/{HANA}")
    scroll = page.locator("#room-scroll")
    scroll.evaluate("box => { box.scrollTop = -600 }")
    before = page.locator("#thread .message").nth(20).bounding_box()
    sandbox.receive("새로 온 안내")
    pill = page.get_by_role("button", name="새 글 1개")
    expect(pill).to_be_visible()
    assert page.locator("#thread .message").nth(20).bounding_box() == before
    pill.click()
    expect(page.get_by_text("새로 온 안내").last).to_be_in_viewport()


def test_a_link_is_shown_and_the_page_stays(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내", buttons=True)
    page.goto(f"/phones/{HANA}")
    page.get_by_role("button", name="주문 보기").click()
    panel = page.get_by_role("dialog", name="주문 보기")
    expect(panel.get_by_text("https://shop.test/o/1")).to_be_visible()
    expect(panel).to_be_focused()
    assert page.url.startswith(sandbox.base)
    assert len(page.context.pages) == 1
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_cards_and_new_phones_are_live(page: Page, sandbox: Sandbox) -> None:
    page.goto("/")
    card = page.locator(f"#card-{HANA}")
    expect(card).to_contain_text("받은 것이 없습니다")
    sandbox.receive("카드에 보일 글")
    expect(card).to_contain_text("카드에 보일 글")
    sandbox.receive("처음 보는 번호", number="01099998888")
    expect(page.locator("#card-01099998888")).to_contain_text("처음 보는 번호", timeout=10_000)


def test_switches_and_single_keys(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내", buttons=True)
    page.goto(f"/phones/{HANA}")
    page.locator("#room-title").focus()
    page.keyboard.press("p")
    expect(page.get_by_role("switch", name="전원 끄기")).to_have_attribute("aria-checked", "true")
    expect(page.locator("#room-foot")).to_contain_text("전원이 꺼져 있습니다")
    page.keyboard.press("p")
    expect(page.locator("#write")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#thread")).to_contain_text("상담을 시작했습니다")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#phone")).not_to_have_attribute("data-number", HANA)


def test_a_narrow_phone_fills_the_screen(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("가" * 300 + " https://shop.test/" + "x" * 200, buttons=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for address in ("/", f"/phones/{HANA}", f"/phones/{HANA}?app=sms", "/desk", "/?lang=en"):
        page.goto(address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, address
    page.goto(f"/phones/{HANA}?lang=ko")
    expect(page.locator("#write")).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="이 전화기의 형편 바꾸기").click()
    expect(page.get_by_role("switch", name="카카오톡 탈퇴")).to_be_in_viewport()
    expect(page.get_by_role("link", name="닫기")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()


def test_without_scripts_everything_still_works(chromium: Browser, sandbox: Sandbox) -> None:
    sandbox.receive("안내", buttons=True)
    context = chromium.new_context(base_url=sandbox.base, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"/phones/{HANA}?app=chat&room={KEY}")
    plain.get_by_role("button", name="상담원과 이야기").click()
    plain.get_by_role("textbox", name="한가온").fill("네")
    plain.get_by_role("button", name="보내기", exact=True).click()
    expect(plain.locator("#thread .message-out .say")).to_have_text("네")
    context.close()


def test_a_lost_live_link_is_told_and_polled(chromium: Browser, sandbox: Sandbox) -> None:
    context = chromium.new_context(base_url=sandbox.base)
    page = context.new_page()
    page.route("**/stream*", lambda route: route.abort())
    page.goto(f"/phones/{HANA}")
    expect(page.get_by_role("status").filter(has_text="5초마다")).to_be_visible()
    sandbox.receive("느리게 온 글")
    expect(page.locator("#thread")).to_contain_text("느리게 온 글", timeout=12_000)
    context.close()


def test_what_arrives_before_the_page_listens_is_not_missed(page: Page, sandbox: Sandbox) -> None:
    """The stream begins where the page was drawn, not where it connects."""
    held: list[Route] = []
    page.route("**/stream*", lambda route: held.append(route))
    page.goto("/")
    page.get_by_role("link", name="한가온").click()
    expect(page.get_by_role("heading", name="받은 알림톡이 없어요")).to_be_visible()
    sandbox.receive("상품이 출발했습니다", buttons=True)
    for route in held:
        route.continue_()
    page.unroute("**/stream*")
    notice = page.get_by_role("article", name="알림톡: 상품이 출발했습니다")
    expect(notice).to_be_visible(timeout=15_000)


def test_a_review_by_keys(page: Page, sandbox: Sandbox) -> None:
    def put() -> None:
        for code in ("FIRST", "SECOND"):
            body = {"templateCode": code, "templateName": code, "templateContent": "#{이름}님"}
            register(sandbox.store, KEY, body)

    def press(key: str) -> None:
        expect(page.locator("#keys-switch")).to_have_text("한 글쇠 끄기")  # the scripts are there
        page.keyboard.press(key)

    sandbox.run(put)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{sandbox.base}/desk")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("#opened-title")).to_contain_text("FIRST")
    press("x")  # no words yet: the cursor goes to their place
    expect(page.locator("#comment")).to_be_focused()
    page.locator("#comment").fill("이름이 없어요 ax")
    page.locator("#comment").blur()
    press("x")
    expect(page.locator("#opened .said")).to_have_text("이름이 없어요 ax")
    expect(page.locator(".decide")).to_have_count(0)
    press("j")
    expect(page.locator("#opened-title")).to_contain_text("SECOND")
    press("a")
    expect(page.get_by_role("button", name="사용 중지")).to_be_visible()

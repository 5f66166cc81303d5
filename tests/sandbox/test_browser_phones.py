"""A person with a phone in a real browser: photos, lines that do not go, sheet, speech."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.talks import say
from tests.sandbox.browsing import Sandbox
from tests.sandbox.images import png
from tests.sandbox.received import HANA, KEY, receive
from tests.sandbox.rich import CALLER, furnish

pytestmark = pytest.mark.browser
SMALL, ZOOMED = {"width": 360, "height": 740}, {"width": 720, "height": 450}


def say_unsent(sandbox: Sandbox, text: str) -> None:
    """A line of the customer that was given up."""

    def act() -> None:
        line = say(sandbox.store, HANA, KEY, text)
        sandbox.store.run("DELETE FROM outbox")
        with sandbox.store.tx():
            sandbox.store.run("UPDATE message SET result = 'unsent' WHERE id = ?", (line.id,))
            sandbox.store.changes.touch([HANA])

    sandbox.run(act)


def test_photos_are_chosen_and_stand_in_the_room(
    page: Page, sandbox: Sandbox, tmp_path: Path
) -> None:
    good, bad = tmp_path / "상자.png", tmp_path / "나쁜.png"
    good.write_bytes(png(40, 30))
    bad.write_bytes(b"<html>")
    sandbox.receive("안내")
    page.goto(f"/phones/{HANA}")
    page.evaluate("window.sameVisit = true")
    chooser = page.get_by_label("사진 보내기")
    chooser.set_input_files([good, good])
    expect(page.locator("#thread .message-out .say-photo")).to_have_count(2)
    for n in range(2):  # loaded, and not only there
        picture = page.locator("#thread .say-photo img").nth(n)
        expect(picture).to_have_js_property("naturalWidth", 40)
    chooser.set_input_files([bad])
    expect(page.locator("#live-note")).to_contain_text("jpg, png, gif를 골라 주세요")
    expect(page.locator("#thread .say-photo")).to_have_count(2)
    assert page.evaluate("window.sameVisit")


def test_a_line_that_did_not_go_is_decided_on(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내")
    page.goto(f"/phones/{HANA}")
    expect(page.locator("#write")).to_be_visible()
    say_unsent(sandbox, "들리나요?")
    expect(page.locator("#thread")).to_contain_text("보내지 못함")
    page.get_by_role("button", name="다시").click()
    expect(page.locator("#thread")).not_to_contain_text("보내지 못함")
    expect(page.locator("#thread .message-out")).to_have_count(1)
    say_unsent(sandbox, "여보세요?")
    page.get_by_role("button", name="지우기").click()
    expect(page.locator("#thread .message-out .say")).to_have_text(["들리나요?"])


def test_every_line_is_said_once(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("처음 글")
    page.goto(f"/phones/{HANA}")
    page.evaluate(
        """() => {
          window.said = [];
          new MutationObserver((all) => all.forEach((one) =>
            one.addedNodes.forEach((node) => window.said.push(node.textContent))
          )).observe(document.querySelector('#announcer'), { childList: true });
        }"""
    )
    sandbox.run(lambda: [receive(sandbox.store, f"{n}째 글") for n in range(3)])
    expect(page.locator("#thread .message")).to_have_count(4)
    page.get_by_role("switch", name="다음 답 잃기").click()  # the room is read again
    sandbox.receive("끝 글")
    expect(page.locator("#thread .message")).to_have_count(5)
    said = page.evaluate("window.said")
    assert [words.split(": ")[1].split(",")[0] for words in said] == [
        "0째 글",
        "1째 글",
        "2째 글",
        "끝 글",
    ]
    assert page.locator("#room-scroll").get_attribute("role") == "log"


def test_the_sheet_holds_the_focus_and_gives_it_back(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내")
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto("/?q=한가온")
    page.get_by_role("link", name="한가온").click()
    opener = page.get_by_role("link", name="이 전화기의 형편 바꾸기")
    opener.click()
    sheet = page.get_by_role("dialog", name="이 전화기의 형편 바꾸기")
    expect(sheet).to_be_visible()
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 14:
        page.keyboard.press(key)
        assert sheet.evaluate("(box) => box.contains(document.activeElement)"), key
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(sheet).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(f"#card-{HANA} a")).to_be_focused()
    assert "?q=" in page.url


def test_single_keys_can_be_turned_off(page: Page, sandbox: Sandbox) -> None:
    sandbox.receive("안내")
    page.goto(f"/phones/{HANA}")
    page.get_by_role("button", name="한 글쇠 끄기").click()
    page.reload()
    expect(page.get_by_role("button", name="한 글쇠 켜기")).to_be_visible()
    page.locator("#room-title").focus()
    page.keyboard.press("p")
    page.keyboard.press("r")
    expect(page.locator("#write")).not_to_be_focused()
    expect(page.get_by_role("switch", name="전원 끄기")).to_have_attribute("aria-checked", "false")
    page.keyboard.press("Escape")
    expect(page.locator(f"#card-{HANA} a")).to_be_focused()


@pytest.mark.parametrize("size", [SMALL, ZOOMED], ids=["360", "zoomed"])
def test_nothing_goes_over_the_edge(page: Page, sandbox: Sandbox, size: dict[str, int]) -> None:
    sandbox.run(lambda: furnish(sandbox.store))
    page.set_viewport_size(size)  # type: ignore[arg-type]
    talk = f"/phones/{HANA}?app=chat&room={KEY}"
    for address in (
        "/",
        talk,
        f"{talk}&device=other",
        f"/phones/{HANA}?app=sms&room={CALLER}",
        "/phones/01000001002",
        "/phones/01000003005?lang=en#side",
    ):
        page.goto(address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, address

"""The pages of the sandbox as a browser without scripts gets them."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox import reviews
from sandbox.outbound import open_session
from sandbox.pages.bubbles import count_lines, web_address
from sandbox.pages.moment import grouped
from sandbox.pages.render import linked
from sandbox.pages.words import WORDS
from sandbox.phones import get_phone, make_phones
from sandbox.store import Store
from tests.sandbox.received import HANA, KEY, Pages, open_pages, receive

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        yield opened


@pytest.fixture
def store(pages: Pages) -> Store:
    return pages.store


@pytest.fixture
def browser(pages: Pages) -> httpx.AsyncClient:
    return pages.client


async def test_every_page_is_held_in_by_its_headers(
    browser: httpx.AsyncClient, store: Store
) -> None:
    receive(store, "안내")
    for address in ("/", f"/phones/{HANA}", "/desk", "/phones/01099999999", "/parts"):
        answer = await browser.get(address)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'; object-src 'none'")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(
            r"<script(?! type=\"module\" src=\"/static/)|<style|\son\w+=", answer.text
        )
        assert not re.search(r"\sstyle=|(?:src|href)=\"(?:https?:)?//", answer.text)


async def test_hostile_text_stays_text(browser: httpx.AsyncClient, store: Store) -> None:
    store.run("UPDATE phone SET name = ? WHERE number = ?", (HOSTILE, HANA))
    store.run("UPDATE sender SET name = ?", (HOSTILE,))
    button = {"type": "WL", "name": HOSTILE, "linkMo": "javascript:alert(3)"}
    parts = {
        "templateTitle": HOSTILE,
        "templateSubtitle": f"#{{{HOSTILE}}}",
        "templateHeader": HOSTILE,
        "templateExtra": HOSTILE,
        "templateItem": {"list": [{"title": HOSTILE, "description": HOSTILE}]},
        "buttons": [button],
        "quickReplies": [button],
    }
    receive(store, HOSTILE, parts=parts)
    message_id = receive(store, f"http://x.test/{HOSTILE}", parts=parts)
    body = {"templateCode": HOSTILE, "templateName": HOSTILE, "templateContent": HOSTILE, **parts}
    reviews.register(store, KEY, body)
    store.run("UPDATE message SET template_code = ?, request_id = ?", (HOSTILE, HOSTILE))
    leads = f"/phones/{HANA}?app=chat&room={KEY}&message={message_id}&button=0"
    for address in ("/", f"/phones/{HANA}", leads, f"/phones/{HANA}?part=1", "/desk"):
        text = (await browser.get(address)).text
        assert "&lt;script&gt;" in text
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert not re.search(r"href=\"\s*javascript:", text, re.IGNORECASE)


def test_only_web_addresses_become_links() -> None:
    assert linked("보기 https://a.test/x?y=1&z=2.") == (
        '보기 <a href="https://a.test/x?y=1&amp;z=2" target="_blank" rel="noopener noreferrer">'
        "https://a.test/x?y=1&amp;z=2</a>."
    )
    assert "<a" not in linked("javascript:alert(1) data:text/html,x <a href=//x>")
    assert '"><' not in linked('https://a.test/"><script>')
    assert web_address("https://a.test") == "https://a.test"
    for bad in ("javascript:alert(1)", "//a.test", "https:", "shop://open", "http://[", ""):
        assert web_address(bad) == ""


@pytest.mark.parametrize(("language", "word"), [("ko", "전화기 더하기"), ("en", "Add a phone")])
async def test_both_languages(browser: httpx.AsyncClient, language: str, word: str) -> None:
    first = await browser.get(f"/?lang={language}")
    assert f'<html lang="{language}">' in first.text
    assert "HttpOnly" in first.headers["set-cookie"]
    again = await browser.get("/desk")  # the cookie remembers
    assert f'<html lang="{language}">' in again.text
    assert word in (await browser.get("/")).text


async def test_korean_unless_asked(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/?lang=xx", headers={"Accept-Language": "en"})
    assert '<html lang="ko">' in answer.text
    assert "set-cookie" not in answer.headers


def test_every_word_is_in_both_languages() -> None:
    for key, (korean, english) in WORDS.items():
        assert korean.strip(), key
        assert english.strip(), key
        assert set(re.findall(r"\{\w+\}", korean)) == set(re.findall(r"\{\w+\}", english)), key


async def test_an_empty_wall_says_what_comes(browser: httpx.AsyncClient, store: Store) -> None:
    store.run("DELETE FROM phone")
    assert "아직 전화기가 없어요" in (await browser.get("/")).text
    found = await browser.get("/?q=zzz")
    assert "찾는 전화기가 없어요" in found.text
    assert "템플릿을 등록하면" in (await browser.get("/desk")).text
    assert "아직 받은 요청이 없어요" in (await browser.get("/desk")).text


@pytest.mark.parametrize(
    ("number", "tab", "words"),
    [
        (HANA, "chat", "받은 알림톡이 없어요"),
        (HANA, "sms", "받은 문자가 없어요"),
        ("01000003019", "chat", "카카오톡을 쓰지 않는 손님"),
        ("01000003005", "chat", "전원이 꺼져 있습니다"),
    ],
)
async def test_an_empty_phone_says_what_comes(
    browser: httpx.AsyncClient, number: str, tab: str, words: str
) -> None:
    assert words in (await browser.get(f"/phones/{number}?app={tab}")).text


async def test_two_thousand_phones_page_well(browser: httpx.AsyncClient, store: Store) -> None:
    wanted = {f"0105555{i:04d}" for i in range(2_000)}
    with store.tx():
        make_phones(store, sorted(wanted))
    seen: list[str] = []
    address: str | None = "/?q=0105555"
    while address:
        page = (await browser.get(address)).text
        seen += re.findall(r'data-number="(\d+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following.group(1).replace("&amp;", "&") if following else None
        assert len(page) < 200_000
    assert len(seen) == len(wanted)
    assert set(seen) == wanted
    assert (await browser.get("/?after=nonsense")).status_code == 400


async def test_filters_and_search(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "냉면 주문이 출발했습니다")
    for query, number in (
        ("q=냉면", HANA),
        ("only=no-kakao", "01000003019"),
        ("q=여울", "01000003005"),
    ):
        page = (await browser.get(f"/?{query}")).text
        assert re.findall(r'data-number="(\d+)"', page) == [number]


async def test_several_senders_make_a_list_and_one_opens(
    browser: httpx.AsyncClient, store: Store
) -> None:
    receive(store, "첫째")
    one = (await browser.get(f"/phones/{HANA}")).text
    assert 'id="thread"' in one
    receive(store, "둘째", sender="b" * 40)
    several = (await browser.get(f"/phones/{HANA}")).text
    assert 'id="rooms"' in several
    assert 'id="thread"' not in several


async def test_opening_a_room_reads_it(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내")
    receive(store, "[한빛] 문자입니다", app="sms", sender="15440000", title="배송 안내")
    await browser.get(f"/phones/{HANA}?app=chat")
    phone = get_phone(store, HANA)
    assert phone is not None
    assert (phone.unread_chat, phone.unread_sms) == (0, 1)
    sms = (await browser.get(f"/phones/{HANA}?app=sms")).text
    assert "1544-0000" in sms
    assert '<b class="say-subject">배송 안내</b>' in sms
    assert "LMS 17/2,000바이트" in sms


async def test_a_long_notice_folds_and_opens(browser: httpx.AsyncClient, store: Store) -> None:
    message_id = receive(store, "\n".join(f"{n}번 줄" for n in range(15)))
    page = (await browser.get(f"/phones/{HANA}")).text
    assert "is-folded" in page
    link = re.search(rf'href="([^"]*read={message_id})"', page)
    assert link
    reader = (await browser.get(link.group(1).replace("&amp;", "&"))).text
    assert 'class="reader-text"' in reader
    assert count_lines("가" * 19) == 2
    assert count_lines("\n" * 13) == 14


async def test_a_talk_shows_who_spoke(browser: httpx.AsyncClient, store: Store) -> None:
    with store.tx():
        open_session(store, HANA, KEY)
    await browser.post(f"/phones/{HANA}/say", data={"room": KEY, "text": "내일 올까요?"})
    page = (await browser.get(f"/phones/{HANA}?lang=en")).text
    assert "The consultation began" in page
    assert re.search(r'message-out.*?<p class="say">내일 올까요\?</p>', page, re.DOTALL)
    assert "In consultation" in page


def test_numbers_read_like_phone_numbers() -> None:
    numbers = ("01012345678", "0212345678", "0311234567", "15440000", "050712345678", "a1")
    shown = ("010-1234-5678", "02-1234-5678", "031-123-4567", "1544-0000", "0507-1234-5678", "a1")
    assert tuple(map(grouped, numbers)) == shown

"""What stands in a talk, as a browser without scripts gets it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.arrivals import write_line
from sandbox.pages.attachments import in_words
from sandbox.pages.words import speaker
from sandbox.phones import get_phone
from sandbox.store import Store
from sandbox.talks import say
from tests.sandbox.images import png
from tests.sandbox.received import HANA, KEY, Pages, open_pages, receive

CALLER = "0220410100"
ROOM = f"/phones/{HANA}?app=chat&room={KEY}"


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        opened.client.follow_redirects = True
        yield opened


@pytest.fixture
def store(pages: Pages) -> Store:
    return pages.store


@pytest.fixture
def browser(pages: Pages) -> httpx.AsyncClient:
    return pages.client


async def test_a_secured_notice_hides_itself_on_other_devices(
    browser: httpx.AsyncClient, store: Store
) -> None:
    parts = {
        "securityFlag": True,
        "templateTitle": "본인 확인",
        "buttons": [{"type": "WL", "name": "열기", "linkMo": "https://a.test"}],
        "quickReplies": [{"type": "BK", "name": "네"}],
    }
    message_id = receive(store, "인증번호는 482016입니다\n" * 20, parts=parts)
    receive(store, "비밀이 아닌 안내")
    here = (await browser.get(ROOM)).text
    assert "482016" in here
    link = re.search(r'href="([^"]+device=other)"', here)
    assert link
    other = (await browser.get(link.group(1).replace("&amp;", "&"))).text
    thread = other[other.index('id="thread"') : other.index('id="room-foot"')]
    for secret in ("482016", "본인 확인", "열기", ">네<"):
        assert secret not in thread
    assert "주로 쓰는 휴대폰에서만" in thread
    assert "비밀이 아닌 안내" in thread
    assert "이 휴대폰에서 보는 모습" in thread
    reader = (await browser.get(f"{ROOM}&read={message_id}&device=other")).text
    assert 'class="reader-text"' not in reader


async def test_the_add_button_stands_first_and_the_form_above_the_others(
    browser: httpx.AsyncClient, store: Store
) -> None:
    kinds = ("WL", "BF", "MD", "AC")
    receive(store, "안내", parts={"buttons": [{"type": k, "name": k} for k in kinds]})
    page = (await browser.get(ROOM)).text
    assert re.findall(r'data-kind="(\w\w)" name="button" value="(\d)"', page) == [
        ("AC", "3"),
        ("BF", "1"),
        ("WL", "0"),
        ("MD", "2"),
    ]


async def test_a_photo_by_a_plain_form(browser: httpx.AsyncClient, store: Store) -> None:
    files = [("photo", ("상자.png", png(4, 3), "image/png"))] * 2
    page = await browser.post(f"/phones/{HANA}/photo", data={"room": KEY}, files=files)
    shown = re.findall(r'<a class="say-photo" href="(/consult/photos/[\w-]+\.png)"', page.text)
    assert len(set(shown)) == 2
    assert (await browser.get(shown[0])).content == png(4, 3)
    assert "사진 2장" in (await browser.get("/")).text  # the card has no other words
    wrong = [("photo", ("상자.png", b"<html>", "image/png"))]
    refused = await browser.post(f"/phones/{HANA}/photo", data={"room": KEY}, files=wrong)
    assert refused.status_code == 422
    assert "읽을 수 없는 사진이에요" in refused.text
    headers = {"Origin": "https://evil.test"}
    foreign = await browser.post(
        f"/phones/{HANA}/photo", data={"room": KEY}, files=files, headers=headers
    )
    assert foreign.status_code == 403


async def test_a_line_that_could_not_go_is_decided_on(
    browser: httpx.AsyncClient, store: Store
) -> None:
    for act, left in (("again", 1), ("take_back", 0)):
        line = say(store, HANA, KEY, "들리나요?")
        store.run("DELETE FROM outbox")
        store.run("UPDATE message SET result = 'unsent' WHERE id = ?", (line.id,))
        page = (await browser.get(ROOM)).text
        assert "보내지 못함" in page
        form = {"message": str(line.id), "act": act, "room": KEY}
        page = (await browser.post(f"/phones/{HANA}/unsent", data=form)).text
        assert "보내지 못함" not in page
        assert store.number("SELECT count(*) FROM outbox") == left
        assert (f'id="m{line.id}"' in page) == bool(left)
    form = {"message": "1", "act": "x", "room": KEY}
    assert (await browser.post(f"/phones/{HANA}/unsent", data=form)).status_code == 422


async def test_a_line_under_way_again_is_told(browser: httpx.AsyncClient, store: Store) -> None:
    say(store, HANA, KEY, "들리나요?")
    assert "다시 보내는 중" not in (await browser.get(ROOM)).text
    store.run("UPDATE outbox SET tries = 1")
    assert "다시 보내는 중" in (await browser.get(ROOM)).text


async def test_a_text_message_says_why_it_came(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내", HANA, "sms", CALLER)
    page = (await browser.get(f"/phones/{HANA}?app=sms")).text
    assert "say-why" not in page
    store.run(
        "INSERT INTO message (number, app, sender, kind, text, account, created_at, result,"
        " result_at) VALUES (?, 'chat', ?, 'alimtalk', 'x', 'k', ?, '3019', ?)",
        (HANA, KEY, store.now(), store.now()),
    )
    receive(store, "대신", HANA, "sms", CALLER)
    address = f"/phones/{HANA}?app=sms"
    assert (
        "알림톡 3019(카카오톡 사용자가 아님) 실패 뒤에 온 문자" in (await browser.get(address)).text
    )
    english = (await browser.get(f"{address}&lang=en")).text
    assert "Came after a notice had failed: 3019 (not on KakaoTalk)" in english


async def test_whose_number_a_text_message_came_from(
    browser: httpx.AsyncClient, store: Store
) -> None:
    receive(store, "안내", HANA, "sms", CALLER)
    store.run("INSERT INTO caller VALUES ('A', ?)", (CALLER,))
    assert "등록 번호" not in (await browser.get(f"/phones/{HANA}?app=sms")).text
    store.run("UPDATE sender SET app_key = 'A' WHERE sender_key = ?", (KEY,))
    assert (
        "발신번호 02-2041-0100 · 한빛상회 등록 번호"
        in (await browser.get(f"/phones/{HANA}?app=sms")).text
    )
    store.run("INSERT INTO sender (sender_key, name, app_key) VALUES ('b', '물결서점', 'A')")
    assert "등록 번호" not in (await browser.get(f"/phones/{HANA}?app=sms")).text


async def test_files_and_pictures_of_the_shop(browser: httpx.AsyncClient, store: Store) -> None:
    with store.tx():
        for payload in (
            {"file_url": "https://a.test/x", "file_name": "<b>확인서.pdf", "file_size": 84_000},
            {"file_url": "javascript:alert(1)", "file_name": "나쁜 것"},
            {"image_url": "https://a.test/picture.jpg"},
            {"image_url": "http://phones.test/nhn/pictures/abc.png"},
        ):
            write_line(store, (HANA, KEY, "say"), "", payload=payload)
    page = (await browser.get(ROOM)).text
    assert "&lt;b&gt;확인서.pdf</a><small>84 kB</small>" in page
    assert "<b>나쁜 것</b>" in page
    assert "javascript:" not in page
    assert 'href="https://a.test/picture.jpg" target="_blank"' in page  # not loaded from there
    assert '<img src="/nhn/pictures/abc.png"' in page
    last = write_line(store, (HANA, KEY, "say"), "", payload={"file_url": "https://a.test/b.pdf"})
    assert last
    assert "b.pdf" in (await browser.get("/")).text


def test_a_line_with_nothing_has_no_words(store: Store) -> None:
    line = say(store, HANA, KEY, "글")
    assert in_words(line, speaker("ko")) == ""


async def test_friend_name_and_the_first_day(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내", parts={"buttons": [{"type": "AC", "name": "채널 추가"}]})
    where = {"app": "chat", "room": KEY}
    page = await browser.post(f"/phones/{HANA}/state", data={**where, "friend": "1"})
    assert 'data-kind="AC"' not in page.text
    assert "친구인 채널" in page.text
    page = await browser.post(f"/phones/{HANA}/reset", data=where)
    assert 'data-kind="AC"' in page.text
    wrong = await browser.post(f"/phones/{HANA}/state", data={"room": "x", "friend": "1"})
    assert wrong.status_code == 404
    again = {"number": HANA, "name": "한가온 둘"}
    assert "한가온 둘의 형편" in (await browser.post("/phones", data=again)).text
    phone = get_phone(store, HANA)
    assert phone
    assert (phone.name, phone.auto) == ("한가온 둘", False)


async def test_back_leads_to_the_same_part_of_the_wall(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(f"/phones/{HANA}?q=한가온&only=unread&part=1")).text
    assert 'href="/?q=%ED%95%9C%EA%B0%80%EC%98%A8&amp;only=unread#open-' in page

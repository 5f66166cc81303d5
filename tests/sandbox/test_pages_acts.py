"""What a person does on the pages: press, write, switch, review, set; and who may not."""

import shlex
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from sandbox import inbox, moves, reviews
from sandbox.curl import curl_of
from sandbox.exchanges import Exchange
from sandbox.masks import Mask
from sandbox.phones import get_phone
from sandbox.store import Store
from tests.sandbox.received import HANA, KEY, Pages, open_pages, receive

BUTTONS = [
    {"type": "WL", "name": "주문 보기", "linkMo": "https://shop.test/o/1", "linkPc": "ftp://x"},
    {"type": "WL", "name": "나쁜 곳", "linkMo": "javascript:alert(1)"},
    {"type": "DS", "name": "배송 조회"},
    {"type": "BK", "name": "취소할래요"},
    {"type": "MD", "name": "문의"},
    {"type": "BC", "name": "상담하기", "chatExtra": "ab" * 16},
    {"type": "AC", "name": "채널 추가"},
]
BODY = {"templateCode": "T1", "templateName": "안내", "templateContent": "#{이름}님"}


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        yield opened


@pytest.fixture
def store(pages: Pages) -> Store:
    return pages.store


@pytest.fixture
def browser(pages: Pages) -> httpx.AsyncClient:
    pages.client.follow_redirects = True
    return pages.client


async def press(browser: httpx.AsyncClient, store: Store, index: int) -> str:
    parts = {"templateMessageType": "AD", "buttons": BUTTONS}
    text = "한진택배 1234567890 출발"
    message_id = receive(store, text, parts=parts)
    form = {"message": str(message_id), "button": str(index)}
    answer = await browser.post(f"/phones/{HANA}/press", data=form)
    assert answer.status_code == 200
    message = inbox.get_message(store, message_id)
    assert message is not None
    assert message.pressed == (index,)
    return answer.text


def said(store: Store) -> list[str]:
    return [line.text for line in inbox.list_messages(store, HANA, "chat", KEY) if line.mine]


async def test_a_link_is_shown_and_not_followed(browser: httpx.AsyncClient, store: Store) -> None:
    page = await press(browser, store, 0)
    assert "<code>https://shop.test/o/1</code>" in page
    assert '<a class="btn btn-sm" href="https://shop.test/o/1" target="_blank"' in page
    assert 'rel="noopener noreferrer"' in page
    assert "<code>ftp://x</code>" in page
    assert 'href="ftp:' not in page


async def test_a_link_of_another_kind_cannot_be_opened(
    browser: httpx.AsyncClient, store: Store
) -> None:
    page = await press(browser, store, 1)
    assert "<code>javascript:alert(1)</code>" in page
    assert "http(s) 주소가 아니라서" in page
    assert 'href="javascript:' not in page


async def test_tracking_shows_courier_and_number(browser: httpx.AsyncClient, store: Store) -> None:
    assert "한진택배 1234567890</code>" in await press(browser, store, 2)
    receive(store, "송장이 없는 글", parts={"buttons": [BUTTONS[2]]}, number="01000001002")
    assert "배송 조회" not in (await browser.get("/phones/01000001002")).text


async def test_words_of_a_button_are_sent(browser: httpx.AsyncClient, store: Store) -> None:
    await press(browser, store, 3)
    await press(browser, store, 4)
    assert said(store) == ["취소할래요", "문의\n한진택배 1234567890 출발"]


async def test_a_consultation_button_opens_a_talk(browser: httpx.AsyncClient, store: Store) -> None:
    page = await press(browser, store, 5)
    assert "상담을 시작했습니다" in page
    assert 'id="leads-panel"' not in page
    sent = store.one("SELECT path, body FROM outbox")
    assert sent is not None
    assert sent["path"] == "/reference"
    assert orjson.loads(sent["body"])["reference"]["extra"] == "ab" * 16


async def test_adding_the_channel_hides_its_button(
    browser: httpx.AsyncClient, store: Store
) -> None:
    assert "bubble-ad-line" in await press(browser, store, 0)
    store.run("DELETE FROM message")
    page = await press(browser, store, 6)
    assert "채널을 추가했습니다" in page
    assert 'data-kind="AC"' not in page
    assert "bubble-ad-line" not in page


async def test_write_and_send(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내")
    answer = await browser.post(f"/phones/{HANA}/say", data={"room": KEY, "text": "네, 갈게요"})
    assert '<p class="say">네, 갈게요</p>' in answer.text
    assert said(store) == ["네, 갈게요"]
    for text, status in (("  ", 422), ("가" * 1_001, 422)):
        answer = await browser.post(f"/phones/{HANA}/say", data={"room": KEY, "text": text})
        assert answer.status_code == status
        assert 'id="problem"' in answer.text


@pytest.mark.parametrize(
    ("form", "trait", "value"),
    [
        ({"power": "0"}, "on", False),
        ({"kakao": "0"}, "kakao", False),
        ({"answer_lost": "1"}, "answer_lost", True),
        ({"blocks_all": "1"}, "blocks_all", True),
        ({"slow_s": "45"}, "slow_s", 45.0),
    ],
)
async def test_switches(
    browser: httpx.AsyncClient, store: Store, form: dict[str, str], trait: str, value: Any
) -> None:
    answer = await browser.post(f"/phones/{HANA}/state", data=form)
    assert answer.status_code == 200
    assert getattr(get_phone(store, HANA), trait) == value
    wrong = await browser.post(f"/phones/{HANA}/state", data=dict.fromkeys(form, "999"))
    assert wrong.status_code == 422


async def test_block_and_unblock_one_channel(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내")
    form = {"app": "chat", "room": KEY, "blocked": "1"}
    blocked = await browser.post(f"/phones/{HANA}/state", data=form)
    assert 'data-foot="blocked"' in blocked.text
    again = await browser.post(f"/phones/{HANA}/state", data={**form, "blocked": "0"})
    assert 'data-foot="write"' in again.text


async def test_a_part_is_only_the_open_phone(browser: httpx.AsyncClient, store: Store) -> None:
    receive(store, "안내")
    form = {"room": KEY, "text": "네", "part": "1"}
    answer = await browser.post(f"/phones/{HANA}/say", data=form)
    assert "<html" not in answer.text
    assert 'id="phone"' in answer.text
    assert answer.text.count("data-number=") == 2  # the phone and its card


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_forms_of_other_sites_are_refused(
    browser: httpx.AsyncClient, store: Store, headers: dict[str, str]
) -> None:
    for address, form in (
        (f"/phones/{HANA}/state", {"power": "0"}),
        ("/phones", {"number": "01012345678", "name": "x"}),
        ("/desk/settings", {"webhooks": "0"}),
        ("/desk/review", {"verdict": "approve"}),
    ):
        answer = await browser.post(address, data=form, headers=headers)
        assert answer.status_code == 403
    phone = get_phone(store, HANA)
    assert phone is not None
    assert phone.on
    assert store.settings.webhooks


async def test_our_own_forms_are_taken(browser: httpx.AsyncClient) -> None:
    form = {"number": "010-1234-5678", "name": "새 손님"}
    headers = {"Origin": "http://phones.test", "Sec-Fetch-Site": "same-origin"}
    answer = await browser.post("/phones", data=form, headers=headers)
    assert answer.url.path == "/phones/01012345678"
    assert "새 손님" in answer.text
    wrong = await browser.post("/phones", data={"number": "12", "name": "x"}, headers=headers)
    assert wrong.status_code == 422
    assert "전화번호가 아니에요" in wrong.text


async def test_review_by_hand(browser: httpx.AsyncClient, store: Store) -> None:
    reviews.register(store, KEY, BODY)
    page = (await browser.get("/desk")).text
    assert '<span class="var">#{이름}</span>님' in page
    form = {"sender_key": KEY, "code": "T1", "act": "reject", "comment": " "}
    assert (await browser.post("/desk/review", data=form)).status_code == 422
    form["comment"] = "변수를 빼 주세요"
    assert (await browser.post("/desk/review", data=form)).status_code == 200
    rejected = reviews.get_template(store, KEY, "T1")
    assert rejected is not None
    assert rejected.status_name == "반려"
    assert rejected.comments[-1]["content"] == "변수를 빼 주세요"
    moves.act(store, rejected, "comment", "뺐습니다")
    form |= {"act": "approve", "comment": ""}
    await browser.post("/desk/review", data=form)
    approved = reviews.get_template(store, KEY, "T1")
    assert approved is not None
    assert approved.status_name == "승인"


async def test_settings(browser: httpx.AsyncClient, store: Store) -> None:
    form = {"answer_delay_s": "1.5", "result_delay_s": "0", "webhooks": "0", "review": "auto"}
    assert (await browser.post("/desk/settings", data=form)).status_code == 200
    now = store.settings
    assert (now.answer_delay_s, now.result_delay_s, now.webhooks, now.review) == (
        1.5,
        0,
        False,
        "auto",
    )
    for wrong in ({"answer_delay_s": "-1"}, {"answer_delay_s": "nan"}, {"review": "never"}):
        assert (await browser.post("/desk/settings", data=wrong)).status_code == 422
    assert store.settings.answer_delay_s == 1.5


async def test_requests_are_shown_without_secrets(browser: httpx.AsyncClient) -> None:
    address = "/nhn/alimtalk/v2.3/appkeys/nobody/messages"
    headers = {"X-Secret-Key": "very-secret"}
    await browser.post(address, json={"senderKey": "it's"}, headers=headers)
    page = (await browser.get("/desk?request=1")).text
    assert address in page
    assert "very-secret" not in page
    assert "$X_SECRET_KEY" in page
    assert "찾는 요청이 없어요" in (await browser.get("/desk?q=zzz")).text


def test_a_copied_command_is_safe_in_a_shell() -> None:
    headers = ((b"X-Secret-Key", b"s3"), (b"content-type", b"application/json"))
    body = '{"text": "it\'s $(rm -rf /)"}'
    one = Exchange(1, 0, "POST", "/nhn/a b", "x=1&y=2", headers, body.encode(), 200, b"{}", 3)
    words = shlex.split(curl_of(one, Mask(None), "http://127.0.0.1:8001"))
    assert words[:4] == ["curl", "-X", "POST", "http://127.0.0.1:8001/nhn/a b?x=1&y=2"]
    assert "x-secret-key: $X_SECRET_KEY" in words
    assert words[-1] == body

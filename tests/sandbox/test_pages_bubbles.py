"""What a phone draws of an Alimtalk and of an MMS."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.pages.bubbles import Highlight, Notice, draw, own_picture
from sandbox.pictures import JPEG, keep_picture
from tests.sandbox.images import jpeg
from tests.sandbox.received import HANA, KEY, Pages, open_pages, receive

CALLER = "0220410100"


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        yield opened


def drawn(**parts: Any) -> Any:
    return draw(Notice(1, "", "본문", parts))


def test_struck_titles_have_no_mark() -> None:
    title = drawn(templateTitle="1,000원\\s")
    assert (title.title, title.struck) == ("1,000원", True)
    shown = drawn(templateItemHighlight={"title": "멸치\\s", "description": "내일"})
    assert shown.highlight == Highlight("멸치", True, "내일", False, "")
    assert draw(Notice(1, "제목", "본문", {})).title == "제목"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://127.0.0.1:8001/nhn/pictures/a_-1.png", "/nhn/pictures/a_-1.png"),
        ("/nhn/pictures/a.jpg", "/nhn/pictures/a.jpg"),
        ("https://cdn.example/a.png", ""),
        ("http://x/nhn/pictures/../../desk", ""),
        ('http://x/nhn/pictures/a.png" onerror="x', ""),
        ("", ""),
    ],
)
def test_only_our_own_pictures_are_shown(url: str, path: str) -> None:
    assert own_picture(url) == path


def test_where_the_bubble_leads() -> None:
    both = {"linkPc": "https://pc", "linkMo": "https://mo"}
    assert drawn(templateRepresentLink=both).link_url == "https://mo"
    app = drawn(templateRepresentLink={"schemeIos": "javascript:alert(1)"})
    assert (app.link, app.link_url) == ("javascript:alert(1)", "")
    assert drawn().link == ""


async def test_a_link_that_opens_nothing_is_only_printed(pages: Pages) -> None:
    receive(pages.store, "하나", parts={"templateRepresentLink": {"schemeIos": "javascript:1"}})
    receive(pages.store, "둘", parts={"templateRepresentLink": {"linkMo": "https://s.example/1"}})
    page = (await pages.client.get(f"/phones/{HANA}?app=chat&room={KEY}")).text
    assert "<code>javascript:1</code>" in page
    assert '<a href="https://s.example/1" target="_blank" rel="noopener noreferrer">' in page


async def test_the_pictures_of_an_mms(pages: Pages) -> None:
    picture = keep_picture(pages.store, ("k", "mms"), "쿠폰.jpg", JPEG, jpeg(10, 10))
    saved = picture.path.rsplit("/", 1)[-1]
    files = [{"fileName": "쿠폰.jpg", "saveFileName": saved}, {"saveFileName": "../x.jpg"}]
    receive(pages.store, "본문", HANA, "sms", CALLER, {"attachFileList": files}, "제목")
    page = (await pages.client.get(f"/phones/{HANA}?app=sms&room={CALLER}")).text
    assert page.count('class="say-photo"') == 1
    assert f'href="{picture.path}" target="_blank" rel="noopener noreferrer"' in page
    assert "LMS 그림 1장 1 kB · 4/2,000바이트" in page

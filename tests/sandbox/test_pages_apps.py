"""Pushes and apps on the pages, as a browser without scripts gets them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from sandbox.delivery import deliver_due
from sandbox.fcm.devices import list_devices
from sandbox.inbox import list_messages
from sandbox.phone import Traits, set_traits
from sandbox.store import Store
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.received import HANA, Pages, open_pages
from tests.service_accounts import PROJECT

TO = "http://a.example/r"
ROOM = f"/phones/{HANA}?app=push&room={PROJECT}"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        opened.store.change_settings({"result_delay_s": 0})
        settle_in(opened.store)
        yield opened


@pytest.fixture
def store(pages: Pages) -> Store:
    return pages.store


@pytest.fixture
def browser(pages: Pages) -> httpx.AsyncClient:
    return pages.client


async def arrive(pages: Pages, **data: Any) -> int:
    """A push on Hana's phone; its id."""
    message = push(phone_app(pages.store, HANA), TO, **data)
    await Firebase(pages.client, pages.store).send(message)
    deliver_due(pages.store)
    return list_messages(pages.store, HANA, "push")[-1].id


async def post(browser: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    return await browser.post(path, data=form, follow_redirects=False)


def told(store: Store) -> list[str]:
    rows = store.all("SELECT body FROM outbox WHERE kind = 'app' ORDER BY id")
    return [one["what"] for row in rows for one in orjson.loads(row["body"])["receipts"]]


async def test_a_push_is_a_banner_of_its_app(pages: Pages, browser: httpx.AsyncClient) -> None:
    await arrive(pages)
    wall = (await browser.get("/")).text
    assert "앱 <b" in re.sub(r"</svg>", "", wall)
    shown = (await browser.get(ROOM)).text
    for words in ("한빛상회", "출고 안내", "상품이 출발했습니다.", "눌러서 열기", "<time"):
        assert words in shown
    assert "확인했습니다" not in shown
    assert "앱 <b" not in (await browser.get("/")).text  # seen now, but not read
    assert told(pages.store) == ["received", "shown"]
    assert "톡 0 · 문자 0 · 앱 1" in (await browser.get("/desk")).text


async def test_pressing_reads_and_the_button_confirms(
    pages: Pages, browser: httpx.AsyncClient
) -> None:
    message = await arrive(pages, naru_ask="acknowledge")
    path = f"/phones/{HANA}/push"
    assert "확인했습니다" in (await browser.get(ROOM)).text
    answer = await post(browser, path, message=message, what="read")
    assert (answer.status_code, answer.headers["location"]) == (303, ROOM)
    shown = (await browser.get(ROOM)).text
    assert "읽음" in shown
    assert "확인했습니다" in shown
    part = await post(browser, path, message=message, what="acknowledged", part=1)
    assert part.headers["location"].endswith("&part=1")
    shown = (await browser.get(ROOM)).text
    assert "확인함" in shown
    assert "확인했습니다" not in shown
    assert told(pages.store) == ["received", "shown", "read", "acknowledged"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"what": "eaten", "message": 1}, 422),
        ({"what": "read"}, 422),
        ({"what": "read", "message": 99}, 404),
        ({"what": "acknowledged", "message": "own"}, 404),
    ],
)
async def test_what_cannot_be_pressed_is_told(
    pages: Pages, browser: httpx.AsyncClient, form: dict[str, Any], status: int
) -> None:
    own = await arrive(pages)
    given = {name: own if value == "own" else value for name, value in form.items()}
    assert (await post(browser, f"/phones/{HANA}/push", **given)).status_code == status


async def test_buttons_of_the_app_and_hostile_words(
    pages: Pages, browser: httpx.AsyncClient
) -> None:
    links = [
        {"name": "주문 보기", "url": "https://shop.example/o/1"},
        {"name": HOSTILE, "url": "javascript:alert(3)"},
        {"name": ""},
        7,
    ]
    await arrive(pages, naru_buttons=orjson.dumps(links).decode())
    for odd in ("{", "7", '{"name": 1}'):
        await arrive(pages, naru_buttons=odd)
    shown = (await browser.get(ROOM)).text
    assert 'href="https://shop.example/o/1" target="_blank" rel="noopener noreferrer"' in shown
    assert "javascript:" not in shown
    assert "<script>alert" not in shown


async def test_a_push_without_words_is_told_as_such(
    pages: Pages, browser: httpx.AsyncClient
) -> None:
    message = push(phone_app(pages.store, HANA), TO)
    del message["notification"]
    await Firebase(browser, pages.store).send(message)
    deliver_due(pages.store)
    assert "보이는 글 없이 앱에만 전해졌어요" in (await browser.get(ROOM)).text
    assert (await browser.get("/")).status_code == 200


async def test_the_tab_is_there_when_there_is_an_app(
    browser: httpx.AsyncClient, store: Store
) -> None:
    address = f"/phones/{HANA}"
    assert "?app=push" not in (await browser.get(address)).text
    phone_app(store, HANA)
    assert "?app=push" in (await browser.get(address)).text
    assert "받은 푸시가 없어요" in (await browser.get(f"{address}?app=push")).text
    set_traits(store, HANA, Traits(on=False))
    assert "전원이 꺼져 있습니다" in (await browser.get(f"{address}?app=push")).text


async def test_apps_are_installed_renewed_and_removed_beside_the_phone(
    browser: httpx.AsyncClient, store: Store
) -> None:
    path = f"/phones/{HANA}/apps"
    assert "푸시를 받는 앱이 없어요" in (await browser.get(f"/phones/{HANA}")).text
    made = await post(browser, path, do="install", project=PROJECT, label="배차 앱")
    assert made.status_code == 303
    (device,) = list_devices(store, HANA)
    assert device.label == "배차 앱"
    shown = (await browser.get(f"/phones/{HANA}")).text
    assert device.fid in shown
    await post(browser, path, do="renew", device=device.id)
    (newer,) = list_devices(store, HANA)
    assert newer.fid != device.fid
    await post(browser, path, do="remove", device=device.id)
    assert list_devices(store, HANA) == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "install", "project": "nobody", "label": "앱"}, 404),
        ({"do": "install", "project": PROJECT, "label": " "}, 422),
        ({"do": "install", "project": PROJECT, "label": "가" * 36}, 422),
        ({"do": "eat", "device": "own"}, 422),
        ({"do": "remove", "device": 99}, 404),
        ({"do": "remove"}, 422),
    ],
)
async def test_what_cannot_be_done_with_apps(
    browser: httpx.AsyncClient, store: Store, form: dict[str, Any], status: int
) -> None:
    own = phone_app(store, HANA).id
    given = {name: own if value == "own" else value for name, value in form.items()}
    assert (await post(browser, f"/phones/{HANA}/apps", **given)).status_code == status
    other = await post(browser, "/phones/01000001002/apps", do="remove", device=own)
    assert other.status_code == 404


async def test_thirty_tablets_at_a_click(browser: httpx.AsyncClient, store: Store) -> None:
    assert "태블릿" in (await browser.get("/desk")).text
    made = await post(browser, "/desk/tablets", project=PROJECT, label="배차", count=30)
    assert made.status_code == 303
    assert len(list_devices(store, project=PROJECT)) == 30
    wall = (await browser.get(made.headers["location"])).text
    assert "배차 0030" in wall
    for form, status in (
        ({"project": PROJECT, "label": "배차", "count": 501}, 422),
        ({"project": PROJECT, "label": "배차", "count": 0}, 422),
        ({"project": "nobody", "label": "배차", "count": 1}, 404),
    ):
        assert (await post(browser, "/desk/tablets", **form)).status_code == status


async def test_the_desk_says_nothing_of_tablets_without_a_project() -> None:
    async with open_pages() as opened:
        assert 'id="tablets"' not in (await opened.client.get("/desk")).text


async def test_forms_of_other_sites_are_refused(pages: Pages, browser: httpx.AsyncClient) -> None:
    message = await arrive(pages)
    answer = await browser.post(
        f"/phones/{HANA}/push",
        data={"message": str(message), "what": "read"},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert told(pages.store) == ["received", "shown"]

"""The review desk as a page: lists, one template with its talk, the acts its state allows."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.moves import act, edit
from sandbox.pages.reviews import ACTS, LONGEST_COMMENT, desk_of
from sandbox.pages.words import speaker
from sandbox.pictures import PNG, keep_picture
from sandbox.reviews import Template, register
from sandbox.store import Store
from tests.sandbox.images import png
from tests.sandbox.server import open_quiet
from tests.sandbox.shop import APP, KEY, TEMPLATE, need, settle_in

LISTED = {
    "templateCode": "LIST",
    "templateName": "결제 내역",
    "templateContent": "영수증을 다시 받을 수 있습니다.",
    "templateEmphasizeType": "ITEM_LIST",
    "templateHeader": "#{상점} 결제",
    "templateItemHighlight": {"title": "#{금액} 결제", "description": "온라인"},
    "templateItem": {
        "list": [
            {"title": "주문", "description": "#{주문}"},
            {"title": "결제", "description": "카드"},
        ],
        "summary": {"title": "합계", "description": "#{금액}"},
    },
    "templateRepresentLink": {"linkMo": "https://shop.example/#{주문}"},
    "quickReplies": [{"ordering": 1, "type": "BK", "name": "배송 문의"}],
    "templateImageName": "dawn.png",
}


@pytest.fixture
async def browser() -> AsyncIterator[tuple[httpx.AsyncClient, Store]]:
    async with open_quiet() as quiet:
        settle_in(quiet.store)
        quiet.client.follow_redirects = True
        yield quiet.client, quiet.store


def acts_in(page: str) -> list[str]:
    return re.findall(r'name="act" value="(\w+)"', page)


def address(code: str, tab: str = "waiting") -> str:
    return f"/desk?tab={tab}&sender={KEY}&template={code}"


async def test_the_whole_template_is_seen(browser: tuple[httpx.AsyncClient, Store]) -> None:
    client, store = browser
    picture = keep_picture(store, (APP, "template"), "dawn.png", PNG, png(500, 250))
    register(store, KEY, {**LISTED, "templateImageUrl": f"http://elsewhere{picture.path}"})
    page = (await client.get("/desk")).text
    assert f'<img src="{picture.path}"' in page
    assert '<span class="var">#{상점}</span> 결제' in page
    assert '<span class="var">#{금액}</span> 결제</p>' in page
    assert "<dt>합계</dt>" in page
    assert "배송 문의" in page
    assert 'https://shop.example/<span class="var">#{주문}</span>' in page
    assert "변수 3개" in page
    assert (await client.get(picture.path)).status_code == 200


async def test_a_picture_of_elsewhere_is_only_named(
    browser: tuple[httpx.AsyncClient, Store],
) -> None:
    client, store = browser
    for url in ("https://cdn.example/a.png", "http://x/nhn/pictures/../secret.png", "javascript:1"):
        store.run("DELETE FROM template WHERE code = 'LIST'")
        register(store, KEY, {**LISTED, "templateImageUrl": url})
        page = (await client.get("/desk")).text
        assert "<img src=" not in page.split("review-preview")[1].split("review-form")[0]
        assert "dawn.png" in page


async def test_only_what_the_state_allows(browser: tuple[httpx.AsyncClient, Store]) -> None:
    client, store = browser
    store.change_settings({"registered_s": 600})
    register(store, KEY, {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"})
    here = address("NEW")
    assert acts_in((await client.get(here)).text) == ["approve", "reject", "inspect", "withdraw"]
    form = {"sender_key": KEY, "code": "NEW", "tab": "waiting"}

    async def do(name: str, comment: str = "") -> httpx.Response:
        return await client.post("/desk/review", data={**form, "act": name, "comment": comment})

    page = await do("inspect")
    assert acts_in(page.text) == ["approve", "reject", "withdraw"]
    page = await do("reject", "광고성 문구")
    assert acts_in(page.text) == []
    assert "지금 여기서 할 일이 없어요" in page.text
    assert "광고성 문구" in page.text
    assert (await do("approve")).status_code == 409
    act(store, need(store, "NEW"), "comment", "<b>어디가요</b>")
    page = await client.get(here)
    assert acts_in(page.text) == ["approve", "reject", "answer", "withdraw"]
    assert "&lt;b&gt;어디가요&lt;/b&gt;" in page.text
    page = await do("answer", "둘째 줄이요")
    assert "둘째 줄이요" in page.text
    page = await do("approve")
    assert acts_in(page.text) == ["answer", "stop", "dormant", "block"]
    for name, back in (("stop", "resume"), ("dormant", "release"), ("block", "unblock")):
        assert back in acts_in((await do(name)).text)
        assert name in acts_in((await do(back)).text)


async def test_what_the_form_refuses(browser: tuple[httpx.AsyncClient, Store]) -> None:
    client, _ = browser
    form = {"sender_key": KEY, "code": "ORDER_SHIPPED", "act": "stop", "comment": ""}
    for change, status in (
        ({"act": "comment"}, 422),
        ({"act": "edit"}, 422),
        ({"comment": "가" * (LONGEST_COMMENT + 1)}, 422),
        ({"act": "reject"}, 422),
        ({"code": "NONE"}, 404),
        ({"act": "resume"}, 409),
    ):
        answer = await client.post("/desk/review", data={**form, **change})
        assert answer.status_code == status, change
    foreign = {"Origin": "http://evil.example"}
    assert (await client.post("/desk/review", data=form, headers=foreign)).status_code == 403


async def test_an_edit_stands_beside_the_text_in_use(
    browser: tuple[httpx.AsyncClient, Store],
) -> None:
    client, store = browser
    edit(store, need(store, "ORDER_SHIPPED"), {**TEMPLATE, "templateContent": "새 글입니다."})
    page = (await client.get("/desk")).text  # it waits, so it is the first
    assert page.index("고친 글 (심사 중)") < page.index("새 글입니다.")
    assert (
        page.index("새 글입니다.") < page.index("쓰고 있는 글") < page.index("상품이 출발했습니다")
    )
    english = (await client.get("/desk?lang=en")).text
    assert "The new text (in review)" in english
    assert "Take into review" not in english


def test_tabs_count_and_list(store: Store) -> None:
    say = speaker("ko")
    for n in range(3):
        register(store, KEY, {**TEMPLATE, "templateCode": f"N{n}", "templateName": f"{n}"})
    refused = act(store, need(store, "N0"), "reject", "아니요")

    def tab(name: str, opened: Template | None = None) -> tuple[list[str], str]:
        query = {"tab": name}
        if opened:
            query |= {"sender": KEY, "template": opened.code}
        desk = desk_of(store, query, say)
        assert [one.count for one in desk.tabs] == [2, 1, 1, 4]
        shown = desk.opened.template.code if desk.opened else ""
        return sorted(row.template.code for row in desk.rows), shown

    assert tab("waiting") == (["N1", "N2"], "N1")
    assert tab("waiting", refused) == (["N1", "N2"], "N0")  # what was judged stays on the desk
    assert tab("rejected") == (["N0"], "N0")
    assert tab("approved") == (["ORDER_SHIPPED"], "ORDER_SHIPPED")
    assert tab("no such tab")[0] == ["N1", "N2"]
    assert len(tab("all")[0]) == 4


async def test_an_empty_desk(browser: tuple[httpx.AsyncClient, Store]) -> None:
    client, store = browser
    store.run("DELETE FROM template")
    page = (await client.get("/desk")).text
    assert "심사할 템플릿이 없어요" in page
    assert acts_in(page) == []
    assert "여기에 있는 템플릿이 없어요" in (await client.get("/desk?tab=approved")).text


def test_every_act_has_its_words() -> None:
    for language in ("ko", "en"):
        assert all(speaker(language)(f"act_{name}") for name in ACTS)

"""Templates in the console: list, one, its review, a new one; roles, tenants and odd text."""

import json

import pytest

from app.services import access, templates
from app.services.runtime import Runtime
from templates import files
from tests.app.api.shop import NOTICE, Shop, approve, open_shop
from tests.app.console.visitors import Visitor, words_of

ODD = NOTICE | {"code": "odd", "name": "<b>굵게</b>", "content": "<script>x</script> #{이름} 도착"}


async def store(runtime: Runtime, shop: Shop, *bodies: object, submit: bool = True) -> None:
    async with runtime.database.write() as tx:
        for body in bodies:
            await templates.create(tx, shop.workspace_id, body, submit=submit)


async def test_the_list_says_how_each_stands(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    assert "템플릿이 아직 없어요" in words_of(await owner.get("/console/templates"))
    await store(runtime, shop, NOTICE)
    await approve(runtime, shop)
    await store(runtime, shop, ODD, submit=False)
    page = await owner.get("/console/templates")
    assert "<b>굵게</b>" not in page.text
    for words in ("배송 시작", "order_shipped", "사용 중", "초안", "sandbox", "v1"):
        assert words in words_of(page)
    assert ">live<" not in page.text  # it looks at the sandbox


async def test_many_go_on_by_cursor(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    bodies = [NOTICE | {"code": f"c{n:03}", "name": f"이름{n:03}"} for n in range(52)]
    await store(runtime, shop, *bodies, submit=False)
    page = await owner.get("/console/templates")
    assert "이름049" in page.text
    assert "이름050" not in page.text
    following = page.text.split("?after=")[1].split('"')[0]
    rest = await owner.get(f"/console/templates?after={following}")
    assert "이름050" in rest.text
    assert "이름049" not in rest.text
    await owner.get("/console/templates?after=odd")


async def test_one_is_reviewed_stopped_and_used_again(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    await store(runtime, shop, ODD, submit=False)
    page = await owner.get("/console/templates/odd")
    assert "<script>x" not in page.text
    assert "&lt;script&gt;x" in page.text
    assert 'class="bubble"' in page.text
    await owner.post("/console/templates/odd", do="submit")
    page = await owner.get("/console/templates/odd")
    assert "공급사 검수" in words_of(page)
    assert "곧 검수를 요청합니다" in words_of(page)
    assert 'value="submit"' in page.text
    await approve(runtime, shop)
    await owner.post("/console/templates/odd", do="stop")
    assert "우리가 중지함" in words_of(await owner.get("/console/templates/odd"))
    await owner.post("/console/templates/odd", do="resume")
    assert "사용 중" in words_of(await owner.get("/console/templates/odd"))


async def test_what_a_service_refuses_is_said_on_the_page(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    await store(runtime, shop, NOTICE, submit=False)
    page = await owner.post("/console/templates/order_shipped", 409, do="withdraw")
    assert 'role="alert"' in page.text
    assert "not_in_review" in page.text
    assert "unknown_action" in (
        await owner.post("/console/templates/order_shipped", 422, do="explode")
    ).text  # fmt: skip
    await owner.post("/console/templates/nobody", 404, do="submit")


async def test_values_are_tried_and_versions_compared(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    await store(runtime, shop, NOTICE)
    async with runtime.database.write() as tx:
        body = NOTICE | {"content": "[나루] #{이름}님, #{상품}이 떠났어요."}
        await templates.put(tx, shop.workspace_id, "order_shipped", body)
    page = await owner.get("/console/templates/order_shipped?v:이름=<i>윤서아</i>")
    assert "&lt;i&gt;윤서아" in page.text
    compared = words_of(await owner.get("/console/templates/order_shipped?version=2&with=1"))
    assert "v1에서 v2로" in compared
    assert "떠났어요" in compared
    assert "시작되었습니다" in compared
    for odd in ("9", "x", "-1", "٣"):
        await owner.get(f"/console/templates/order_shipped?version={odd}", 404)


async def test_a_starter_becomes_a_draft(owner: Visitor) -> None:
    assert "order_shipped" in (await owner.get("/console/write")).text
    form = await owner.get("/console/write?starter=order_shipped")
    assert "초안으로 저장" in words_of(form)
    text = files.starters()["order_shipped"].read_text("utf-8")
    checked = await owner.post("/console/write", 200, text=text, do="check", code="")
    assert "검사" in words_of(checked)
    done = await owner.post("/console/write", text=text, do="save", code="")
    assert done.headers["location"] == "/console/templates/order_shipped"
    again = await owner.get("/console/write?from=order_shipped")
    assert "배송" in again.text
    changed = text.replace('name = "', 'name = "새 ', 1)
    await owner.post("/console/write", text=changed, do="submit", code="order_shipped")
    assert "새 " in words_of(await owner.get("/console/templates/order_shipped"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code = ", "고쳐야 할 것이"),
        ('{"code": "a", "name": "<u>", "content": ""}', "고쳐야 할 것이"),
        ("</textarea><script>alert(1)</script>", "고쳐야 할 것이"),
    ],
)
async def test_a_wrong_one_stays_in_the_form(owner: Visitor, text: str, words: str) -> None:
    page = await owner.post("/console/write", 422, text=text, do="save", code="")
    assert words in words_of(page)
    assert 'aria-invalid="true"' in page.text
    assert "<script>alert" not in page.text
    assert text[:8].replace("<", "&lt;").replace('"', "&#34;") in page.text


async def test_a_code_that_is_taken_keeps_the_text(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    await store(runtime, shop, NOTICE, submit=False)
    text = json.dumps(NOTICE | {"name": "다른 이름"}, ensure_ascii=False)
    page = await owner.post("/console/write", 409, text=text, do="save", code="")
    assert "다른 이름" in page.text
    assert "template_exists" in page.text


async def test_nobody_sees_templates_of_others(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    other = await open_shop(runtime, "other")
    await store(runtime, other, NOTICE)
    await owner.get("/console/templates/order_shipped", 404)
    await owner.get("/console/write?from=order_shipped", 404)
    assert "배송 시작" not in (await owner.get("/console/templates")).text


async def test_a_reader_sees_and_changes_nothing(
    viewer: Visitor, runtime: Runtime, shop: Shop
) -> None:
    await store(runtime, shop, NOTICE)
    page = await viewer.get("/console/templates/order_shipped")
    assert "볼 수만 있어요" in words_of(page)
    assert 'name="do"' not in page.text
    assert "/console/write" not in (await viewer.get("/console/templates")).text
    await viewer.post("/console/templates/order_shipped", 403, do="stop")


async def test_a_change_is_in_the_record(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    await store(runtime, shop, NOTICE, submit=False)
    await owner.post("/console/templates/order_shipped", do="delete")
    await owner.get("/console/templates/order_shipped", 404)
    async with runtime.database.read() as session:
        (one,) = await access.entries(session, shop.workspace_id)
    assert (one.kind, one.detail, one.who) == ("template.deleted", "order_shipped", "김나루")


async def test_the_sandbox_stops_nothing_live(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    await store(runtime, shop, NOTICE)
    await approve(runtime, shop)
    page = await owner.post("/console/templates/order_shipped", 409, do="stop")
    assert "live_template" in page.text

"""One notice by a form: chosen, filled, seen, sent once; what is wrong is told beside its field."""

import re
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from app.console.sending import Form, sample_of
from app.db.models import Message
from tests.app.console.sent import World, visitor_of
from tests.app.console.visitors import words_of

FORM: dict[str, Any] = {
    "template": "order_test",
    "to": "010-0000-1001",
    "v:주문번호": "A-7",
    "do": "send",
}


async def messages(world: World) -> int:
    async with world.runtime.database.read() as session:
        return (await session.exec(select(func.count()).select_from(Message))).one()


async def test_a_template_is_chosen_and_filled(world: World) -> None:
    operator = await world.visitor("operator")
    chosen = await operator.get("/console/send?q=주문")
    assert 'href="/console/send?template=order_test"' in chosen.text
    assert "그런 템플릿이 없어요" in words_of(await operator.get("/console/send?q=zzz"))
    form = await operator.get("/console/send?template=order_test")
    shown = words_of(form)
    for words in (
        "#{주문번호}",
        "연습이에요",
        "1. 알림톡",
        "2. SMS",
        "6.5원",
        "값 1개가 비어 있어요",
    ):
        assert words in shown, words
    await operator.get("/console/send?template=nothing", 422)


async def test_it_is_sent_once_and_shown(world: World) -> None:
    operator = await world.visitor("operator")
    page = await operator.get("/console/send?template=order_test")
    found = re.search(r'name="key" value="([\w-]+)"', page.text)
    assert found
    form: dict[str, Any] = {**FORM, "key": found.group(1), "reference": "order-7"}
    before = await messages(world)
    first = await operator.post("/console/send", **form)
    second = await operator.post("/console/send", **form)
    assert first.headers["location"] == second.headers["location"]
    assert await messages(world) == before + 1
    shown = words_of(await operator.get(first.headers["location"]))
    for words in ("주문번호 A-7 상품이 출발했습니다.", "order-7", "콘솔에서 김나루 님"):
        assert words in shown, words
    changed = await operator.post("/console/send", 422, **{**form, "v:주문번호": "A-8"})
    assert "이미 한 건을 보냈어요" in words_of(changed)
    assert form["key"] not in changed.text  # pressed again, it is meant


async def test_what_is_wrong_is_told_beside_its_field(world: World) -> None:
    operator = await world.visitor("operator")
    before = await messages(world)
    for change, field, words in (
        ({"to": "hello"}, "to", "한국 전화번호가 아니에요"),
        ({"to": "+81 90 1234 5678"}, "to", "한국 밖의 번호예요"),
        ({"v:주문번호": " "}, "v:주문번호", "값이 비어 있어요"),
        ({"v:주문번호": "\x07"}, "v:주문번호", "쓸 수 없는 글자"),
    ):
        page = await operator.post("/console/send", 422, **{**FORM, "key": "k", **change})
        assert f'id="e-{field}"' in page.text, change
        assert words in words_of(page)
        assert 'value="010-0000-1001"' in page.text or "to" in change  # what was typed is kept
    long = await operator.post("/console/send", 422, **{**FORM, "v:주문번호": "가" * 1000})
    assert 'role="alert"' in long.text
    assert await messages(world) == before


async def test_the_phone_follows_what_is_typed(world: World) -> None:
    operator = await world.visitor("operator")
    part = await operator.post("/console/send/preview", 200, **{**FORM, "v:주문번호": "<b>B-9"})
    assert "<html" not in part.text
    assert "&lt;b&gt;B-9" in part.text
    assert "<b>B-9" not in part.text
    over = await operator.post("/console/send/preview", 200, **{**FORM, "v:주문번호": "가" * 990})
    assert "한도 1000를 넘어요" in words_of(over)
    page = await operator.post("/console/send", 200, **{**FORM, "do": "preview"})
    assert "주문번호 A-7 상품이 출발했습니다." in words_of(page)


async def test_a_viewer_and_an_agent_send_nothing(world: World) -> None:
    before = await messages(world)
    for role in ("viewer", "agent"):
        visitor = await world.visitor(role)
        await visitor.get("/console/send", 403)
        await visitor.post("/console/send", 403, **FORM)
        await visitor.post("/console/send/preview", 403, **FORM)
    assert await messages(world) == before


async def test_a_rehearsal_is_no_live_message_and_no_other_workspace_s(world: World) -> None:
    operator = await world.visitor("operator")
    sent = await operator.post("/console/send", **{**FORM, "key": "k"})
    id_ = sent.headers["location"].rpartition("/")[2]
    async with world.runtime.database.read() as session:
        row = (await session.exec(select(Message).where(col(Message.id) == UUID(id_)))).one()
    assert (row.mode, row.workspace_id) == ("sandbox", world.workspace_id)
    live = await world.visitor("operator", "live")
    refused = await live.post("/console/send", 409, **{**FORM, "key": "k2"})
    assert 'role="alert"' in refused.text
    other = await visitor_of(world.app, world.runtime, world.other_id, "owner")
    page = await other.get("/console/send")
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text


def test_a_form_keeps_lines_and_leaves_out_what_is_empty() -> None:
    form = Form.of({"template": "t", "to": " 1 ", "v:가": "a\r\nb", "v:나": "  "})
    new = form.message()
    assert (new.to, new.variables, new.reference) == ("1", {"가": "a\nb"}, None)
    assert form.draft(["나", "다"]).variables == {"나": "  ", "다": "#{다}"}
    assert (sample_of("송장번호"), sample_of("x")) == ("6012345678901", "")

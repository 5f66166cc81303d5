"""NHN Cloud: every part of a bubble, in messages and in templates, under documented names."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
import respx

from channels.adapters.nhn.adapter import Nhn
from channels.bubble import Button, Highlight, Item, Links
from channels.contract import Outgoing
from channels.management import TemplateForm, Uploaded
from channels.vocabulary import PictureUse, ReviewAction
from tests.channels.bubbles import FORM, unused
from tests.channels.conformance import FULL, PUSH, call, outgoing
from tests.channels.test_nhn import CONFIG, KAKAO, SMS
from tests.channels.test_nhn_pictures import ATTACHED, JPEG, NOW
from tests.channels.wire import plain_client, recorded
from tests.documented import documented

TEMPLATES = f"{KAKAO}/senders/{FULL.sender}/templates"
IMAGE = Uploaded("banner.png", "https://mud-kage.kakao.com/banner.png")
THUMBNAIL = "https://mud-kage.kakao.com/t.png"
WHOLE = replace(FORM, image=IMAGE, highlight=Highlight("#{이름}님의 주문", "오늘 출발", THUMBNAIL))
# NHN's own fallback, reservations, statistics and advertising: what Naru does not ask for
UNASKED = {
    "requestDate", "createUser", "statsId", "messageOption", "messageOption.price",
    "messageOption.currencyType", "recipientList.resendParameter.resendType",
    "recipientList.resendParameter.resendTitle", "recipientList.resendParameter.resendContent",
    "recipientList.resendParameter.resendSendNo",
}  # fmt: skip


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(CONFIG, client)


def paths(body: Any, place: str = "") -> set[str]:
    """Every field of a JSON value by its path; lists are looked through."""
    if isinstance(body, list):
        return {path for row in body for path in paths(row, place)}
    if not isinstance(body, dict):
        return set()
    found = set()
    for name, value in body.items():
        path = f"{place}.{name}" if place else name
        found |= {path} | paths(value, path)
    return found


FIELDS = {
    name: set().union(*(paths(documented(one)["request"]) for one in examples))
    for name, examples in {
        "POST /raw-messages": ["alimtalk_send_full"],
        "POST templates": ["template_register"],
        "PUT template": ["template_edit"],
        "POST comments": ["template_comment"],
        "POST /sender/sms": ["sms_send"],
        "POST /sender/mms": ["lms_send", "mms_send"],
        "POST /attachfile/binaryUpload": ["sms_upload"],
    }.items()
}


def sent(route: respx.Route) -> Any:
    return orjson.loads(route.calls.last.request.content)


async def send(nhn: Nhn, message: Outgoing, route: str = "alimtalk") -> None:
    await nhn.send(replace(call(route), messages=(message,)))


async def test_a_message_with_every_part(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    assert unused(FULL) == {"picture", "enclosed", *PUSH}
    route = respx_mock.post(f"{KAKAO}/raw-messages").respond(json={})
    await send(nhn, FULL)
    assert sent(route) == recorded("nhn/alimtalk_full_request")
    assert FIELDS["POST /raw-messages"] - paths(sent(route)) == UNASKED


async def test_a_template_with_every_part(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    assert unused(WHOLE) == set()
    route = respx_mock.post(TEMPLATES).respond(json=recorded("nhn/template_image_answer"))
    await nhn.submit(FULL.sender, WHOLE)
    assert sent(route) == recorded("nhn/template_full_request")
    assert paths(sent(route)) == FIELDS["POST templates"]


async def test_an_edit_is_the_same_without_its_code(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.put(f"{TEMPLATES}/ORDER_SHIPPED")
    route.respond(json=recorded("nhn/template_image_answer"))
    await nhn.act(ReviewAction.EDIT, FULL.sender, "ORDER_SHIPPED", form=WHOLE)
    body = recorded("nhn/template_full_request")
    del body["templateCode"]
    assert sent(route) == body
    assert paths(sent(route)) == FIELDS["PUT template"]


async def test_every_field_sent_is_one_the_guide_names(
    nhn: Nhn, respx_mock: respx.MockRouter
) -> None:
    routes = {
        "POST /raw-messages": respx_mock.post(f"{KAKAO}/raw-messages"),
        "POST templates": respx_mock.post(TEMPLATES),
        "PUT template": respx_mock.put(f"{TEMPLATES}/C"),
        "POST comments": respx_mock.post(f"{TEMPLATES}/C/comments"),
        "POST /sender/sms": respx_mock.post(f"{SMS}/sender/sms"),
        "POST /sender/mms": respx_mock.post(f"{SMS}/sender/mms"),
        "POST /attachfile/binaryUpload": respx_mock.post(f"{SMS}/attachfile/binaryUpload"),
    }
    assert routes.keys() == FIELDS.keys()
    for route in routes.values():
        route.respond(json=recorded("nhn/template_image_answer"))
    routes["POST /attachfile/binaryUpload"].respond(json=ATTACHED)
    respx_mock.get(f"{TEMPLATES}/C").respond(json=recorded("nhn/template"))
    for way in ("alimtalk", "sms", "lms", "mms"):
        await send(nhn, replace(FULL, picture="1786"), way)
    await nhn.submit(FULL.sender, WHOLE)
    await nhn.act(ReviewAction.EDIT, FULL.sender, "C", form=WHOLE)
    await nhn.act(ReviewAction.COMMENT, FULL.sender, "C", text="고쳤습니다.")
    await nhn.upload(PictureUse.MMS, JPEG, NOW)
    for name, route in routes.items():
        for one in route.calls:
            asked = paths(orjson.loads(one.request.content))
            assert asked
            assert asked - FIELDS[name] == set(), name


async def test_what_is_empty_is_left_out(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{KAKAO}/raw-messages").respond(json={})
    bare = replace(outgoing(), title="")
    await send(nhn, bare)
    (recipient,) = sent(route)["recipientList"]
    assert recipient.keys() == {
        "recipientNo", "content", "resendParameter", "recipientGroupingKey",
    }  # fmt: skip
    await send(nhn, replace(bare, link=Links()))
    assert sent(route)["recipientList"] == [recipient]
    parts = replace(
        bare,
        highlight=Highlight("제목", "설명"),
        items=(Item("상품", "사과"), Item("수량", "1")),
        link=Links("https://shop.example"),
    )
    await send(nhn, parts)
    (recipient,) = sent(route)["recipientList"]
    assert recipient["templateItemHighlight"] == {"title": "제목", "description": "설명"}
    assert recipient["templateItem"].keys() == {"list"}
    assert recipient["templateRepresentLink"] == {"linkMo": "https://shop.example"}
    templates = respx_mock.post(TEMPLATES).respond(json=recorded("nhn/template_image_answer"))
    await nhn.submit(FULL.sender, TemplateForm("C", "이름", "본문"))
    assert sent(templates).keys() == {
        "templateCode", "templateName", "templateContent", "templateMessageType",
        "templateEmphasizeType", "categoryCode", "securityFlag",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "written"),
    [("1001", 1001), ("form-1", "form-1"), ("일", "일"), ("9" * 5_000, "9" * 5_000)],
)
async def test_a_form_is_a_number_where_it_is_one(
    nhn: Nhn, respx_mock: respx.MockRouter, given: str, written: object
) -> None:
    route = respx_mock.post(f"{KAKAO}/raw-messages").respond(json={})
    button = Button("BF", "톡에서 예약하기", form_id=given)
    await send(nhn, replace(outgoing(), buttons=(button,), quick_replies=(button,)))
    (recipient,) = sent(route)["recipientList"]
    (pressed,), (quick,) = recipient["buttons"], recipient["quickReplies"]
    assert pressed["bizFormId"] == quick["bizFormId"] == written

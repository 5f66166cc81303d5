"""SOLAPI: templates registered, reviewed, edited, withdrawn and deleted."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.solapi import Solapi
from channels.bubble import Button, Item
from channels.management import (
    CanReview,
    Comment,
    ProviderRefused,
    ProviderSilent,
    Review,
    TemplateForm,
    Uploaded,
)
from channels.vocabulary import CommentKind, Inspection, Reason, ReviewAction
from tests.channels import bubbles
from tests.channels.test_solapi import CONFIG, HOST, signed
from tests.channels.wire import plain_client, recorded

TEMPLATES = f"{HOST}/kakao/v2/templates"
ID = "KA01TP191217222937064Dk1olDxTpYF"
ONE = f"{TEMPLATES}/{ID}"
NAME = recorded("solapi/template")["name"]
CHANNEL = "KA01PF190626020502205cl0mYSoplA2"
FORM = TemplateForm(
    "ORDER_SHIPPED",
    "출고 안내",
    "#{이름}님, 상품이 출발했습니다.\n한진택배 #{송장번호}",
    message_type="EX",
    emphasis="TEXT",
    title="출고 안내",
    subtitle="한진택배",
    extra="고객센터 02-2041-0100",
    category="006001",
    security=True,
    buttons=(Button("DS", "배송조회"),),
    image=Uploaded("ST01FP1"),
)
NOBODY = {"errorCode": "ResourceNotFound", "errorMessage": "no such template"}


def template(status: str, **more: Any) -> dict[str, Any]:
    return {**recorded("solapi/template"), "status": status, "comments": [], **more}


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"startKey": None, "nextKey": None, "limit": 20, "templateList": list(rows)}


def sent(route: respx.Route) -> Any:
    assert signed(route.calls.last.request)
    return orjson.loads(route.calls.last.request.content)


@pytest.fixture
async def solapi() -> AsyncIterator[Solapi]:
    async with plain_client() as client:
        yield Solapi(CONFIG, client)


async def test_a_template_is_registered_and_its_review_asked_for(
    solapi: Solapi, respx_mock: respx.MockRouter
) -> None:
    assert isinstance(solapi, CanReview)
    search = respx_mock.get(url__startswith=TEMPLATES).respond(json=listed())
    create = respx_mock.post(TEMPLATES).respond(json=template("PENDING"))
    inspect = respx_mock.put(f"{ONE}/inspection").respond(json=template("INSPECTING"))
    assert await solapi.submit(CHANNEL, FORM) == Review(
        Inspection.IN_REVIEW, provider_code="bizp_20190312165039251028888882", code=ID
    )
    assert sent(create) == recorded("solapi/template_request")
    assert dict(search.calls.last.request.url.params) == {
        "channelId": CHANNEL,
        "name[eq]": NAME,
    }
    assert inspect.call_count == 1


@pytest.mark.parametrize(
    ("status", "asked", "inspection"),
    [
        ("PENDING", 1, Inspection.IN_REVIEW),
        ("INSPECTING", 0, Inspection.IN_REVIEW),
        ("APPROVED", 0, Inspection.APPROVED),
        ("REJECTED", 0, Inspection.REJECTED),
    ],
)
async def test_one_that_is_there_is_not_registered_twice(
    solapi: Solapi,
    respx_mock: respx.MockRouter,
    status: str,
    asked: int,
    inspection: Inspection,
) -> None:
    """Found by its name, which says the wording: its registration may not have been answered."""
    other = template("APPROVED", name="출고 안내 (0000000000)", templateId="KA01TPOTHER")
    respx_mock.get(url__startswith=TEMPLATES).respond(json=listed(other, template(status)))
    respx_mock.put(f"{ONE}/inspection").respond(json=template("INSPECTING"))
    review = await solapi.submit(CHANNEL, FORM)
    assert (review.inspection, review.code) == (inspection, ID)
    assert len(respx_mock.calls) == 1 + asked


async def test_one_under_its_own_id_is_looked_at(
    solapi: Solapi, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(ONE).respond(json=template("APPROVED"))
    review = await solapi.submit(CHANNEL, replace(FORM, code=ID))
    assert (review.inspection, review.code) == (Inspection.APPROVED, ID)


async def name_of(solapi: Solapi, create: respx.Route, **more: Any) -> str:
    await solapi.submit(CHANNEL, replace(FORM, **more))
    return str(sent(create)["name"])


async def test_another_wording_has_another_name(
    solapi: Solapi, respx_mock: respx.MockRouter
) -> None:
    """Else the next version would be taken for the one that is approved already."""
    respx_mock.get(url__startswith=TEMPLATES).respond(json=listed())
    create = respx_mock.post(TEMPLATES).respond(json=template("INSPECTING"))
    assert await name_of(solapi, create) == NAME
    others = [
        await name_of(solapi, create, **more)
        for more in ({"content": "딴 글"}, {"code": "OTHER"}, {"title": "제목"}, {"buttons": ()})
    ]
    assert len({NAME, *others}) == 5
    assert await name_of(solapi, create, image=Uploaded("ST01FP2")) == NAME, "given again"
    long = await name_of(solapi, create, name="가" * 150)
    assert (len(long), long[-13:]) == (150, NAME[-13:])


@pytest.mark.parametrize(
    "more",
    [
        {"header": "주문 #{번호}"},
        {"items": (Item("상품", "사과"), Item("송장", "1"))},
        {"summary": Item("합계", "39,000원")},
        {"highlight": bubbles.FORM.highlight},
        {"quick_replies": bubbles.FORM.quick_replies},
        {"link": bubbles.FORM.link},
        {"buttons": (Button("BC", "상담하기"),)},
        {"buttons": (Button("TN", "전화", phone="0220410100"),)},
        {"buttons": (Button("WL", "보기", "https://a.example", target="out"),)},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_a_template_whose_messages_would_lose_a_part_is_refused_here(
    solapi: Solapi, respx_mock: respx.MockRouter, more: dict[str, Any]
) -> None:
    with pytest.raises(ProviderRefused, match="SOLAPI carries no") as refused:
        await solapi.submit(CHANNEL, replace(FORM, **more))
    assert (refused.value.reason, refused.value.code) == (
        Reason.REQUEST_REFUSED,
        "part_not_carried",
    )
    with pytest.raises(ProviderRefused):
        await solapi.act(ReviewAction.EDIT, CHANNEL, ID, form=replace(FORM, **more))
    assert not respx_mock.calls


def test_every_field_of_a_form_is_written_or_refused() -> None:
    refused = {"header", "highlight", "items", "summary", "quick_replies", "link"}
    written = {f.name for f in fields(TemplateForm)} - refused
    assert {name for name in written if not getattr(FORM, name)} == set()


async def test_a_review_with_its_comments(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(ONE).respond(json=recorded("solapi/template"))
    assert await solapi.review(CHANNEL, ID) == Review(
        Inspection.REJECTED,
        provider_code="bizp_20190312165039251028888882",
        code=ID,
        comments=(
            Comment(
                "광고성 문구 제거 요청",
                CommentKind.ANSWER,
                at=datetime(2026, 11, 23, 2, tzinfo=UTC),
            ),
            Comment(
                "문구를 고쳤습니다.",
                CommentKind.QUESTION,
                at=datetime(2026, 11, 23, 3, tzinfo=UTC),
            ),
        ),
    )


@pytest.mark.parametrize(
    "body", [{}, {"status": "APPROVED"}, template("BLOCKED"), template("APPROVED", templateId=7.5)]
)
async def test_a_template_that_cannot_be_read(
    solapi: Solapi, respx_mock: respx.MockRouter, body: Any
) -> None:
    respx_mock.get(ONE).respond(json=body)
    with pytest.raises(ProviderSilent):
        await solapi.review(CHANNEL, ID)


async def test_refusals_of_questions(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(ONE)
    for status, body, reason in (
        (404, NOBODY, Reason.REQUEST_REFUSED),
        (400, {"errorCode": "SomethingNew", "errorMessage": "?"}, Reason.UNMAPPED),
        (403, {}, Reason.MISCONFIGURED),
    ):
        route.respond(status, json=body)
        with pytest.raises(ProviderRefused) as refused:
            await solapi.review(CHANNEL, ID)
        assert refused.value.reason is reason
    for status in (429, 500, 404, 302):
        route.respond(status, json={})
        with pytest.raises(ProviderSilent):
            await solapi.review(CHANNEL, ID)
    route.side_effect = httpx.ReadTimeout("lost")
    with pytest.raises(ProviderSilent):
        await solapi.review(CHANNEL, ID)


async def test_an_edit_names_what_is_gone_and_is_reviewed_again(
    solapi: Solapi, respx_mock: respx.MockRouter
) -> None:
    """SOLAPI keeps what an edit does not name."""
    assert solapi.review_actions == {
        ReviewAction.EDIT,
        ReviewAction.WITHDRAW,
        ReviewAction.DELETE,
    }
    edit = respx_mock.put(ONE).respond(json=template("PENDING"))
    inspect = respx_mock.put(f"{ONE}/inspection").respond(json=template("INSPECTING"))
    await solapi.act(ReviewAction.EDIT, CHANNEL, ID, form=TemplateForm(ID, "이름", "본문"))
    assert {**sent(edit), "name": ""} == {
        "name": "",
        "content": "본문",
        "categoryCode": "999999",
        "messageType": "BA",
        "emphasizeType": "NONE",
        "securityFlag": False,
        "emphasizeTitle": "",
        "emphasizeSubTitle": "",
        "extra": "",
        "buttons": [],
    }
    assert inspect.call_count == 1


async def test_withdrawing_and_deleting(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    cancel = respx_mock.put(f"{ONE}/inspection/cancel").respond(json=template("PENDING"))
    await solapi.act(ReviewAction.WITHDRAW, CHANNEL, ID)
    assert cancel.call_count == 1
    delete = respx_mock.delete(ONE).respond(json=template("PENDING"))
    await solapi.act(ReviewAction.DELETE, CHANNEL, ID)
    delete.respond(404, json=NOBODY)
    await solapi.act(ReviewAction.DELETE, CHANNEL, ID)
    delete.respond(400, json={"errorCode": "InvalidStatus", "errorMessage": "approved"})
    with pytest.raises(ProviderRefused, match="InvalidStatus"):
        await solapi.act(ReviewAction.DELETE, CHANNEL, ID)


@pytest.mark.parametrize("action", sorted(set(ReviewAction) - {"withdraw", "delete"}))
async def test_no_other_action_is_offered(solapi: Solapi, action: ReviewAction) -> None:
    with pytest.raises(ValueError, match="no such action"):
        await solapi.act(action, CHANNEL, ID, text="?")

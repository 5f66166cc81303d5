"""What the adapter makes of every answer that NHN Cloud's guides print."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import respx

from channels.adapters.nhn import Nhn
from channels.contract import Callback, Receipt, Tried
from channels.management import Picture, Review, TemplateForm
from channels.vocabulary import (
    CommentKind,
    Inspection,
    Lookup,
    PictureUse,
    Result,
    ReviewAction,
    Standing,
    Verdict,
)
from tests.channels.conformance import call
from tests.channels.test_nhn import CONFIG, SIGNED, hook
from tests.channels.wire import plain_client
from tests.documented import documented, filled

NOW = datetime(2026, 11, 22, 1, 17, 30, tzinfo=UTC)
SENDER, REF = "0123456789abcdef0123456789abcdef01234567", call("sms").messages[0].ref
# our values for the names of types; where a sample is printed, it stands
VALUES: dict[str, Any] = {
    "resultCode": 0,
    "resultMessage": "SUCCESS",
    "isSuccessful": True,
    "recipientSeq": 1,
    "recipientGroupingKey": REF,
    "totalCount": 1,
    "isAddedChannel": None,
    "requestId": "20261122101500aB3dE5fG7h0",
    "messageStatus": "COMPLETED",
    "status": "TSC04",
    "createdAt": "2026-11-23 11:00:00",
    "block": False,
    "dormant": True,
    "blockYn": "N",
    "buttons": [],
    "quickReplies": [],
    **dict.fromkeys(("createDate", "requestDate"), "2026-11-22 10:15:00.0"),
    "receiveDate": "2026-11-22 10:15:02.0",
    "kakaoTemplateCode": "ab12",
    "comments": [{"id": 7, "content": "광고 문구 제거", "userName": "검수자", "status": "REJ"}],
}
FORM = TemplateForm("C", "출고 안내", "#{이름}님, 상품이 출발했습니다.")


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(CONFIG, client)


def answer(name: str, **given: Any) -> dict[str, Any]:
    """A printed answer with our values; header and rows may need different ones."""
    printed = documented(name)["answer"]
    values = {**VALUES, **given}
    header = {"header": filled(printed.pop("header"), VALUES)}
    return header | {part: _told(tree, values) for part, tree in printed.items()}


def _told(tree: Any, values: Mapping[str, Any], name: str = "") -> Any:
    if name in values and not isinstance(tree, dict | list):
        return values[name] if _is_type(tree) or name == "recipientGroupingKey" else tree
    if name in values and name in ("buttons", "quickReplies", "comments"):
        return values[name]
    if isinstance(tree, dict):
        return {key: _told(part, values, key) for key, part in tree.items()}
    if isinstance(tree, list):
        return [_told(one, values) for one in tree]
    return {"Integer": 1, "boolean": False, "Boolean": False}.get(str(tree), tree)


def _is_type(tree: Any) -> bool:
    return tree in ("String", "Integer", "Boolean", "boolean")


def answers(respx_mock: respx.MockRouter, name: str, **given: Any) -> respx.Route:
    """The printed answer, given to the printed method and path."""
    example = documented(name)
    path = re.sub("{[A-Za-z]+}", "[^/]+", example["path"])
    route = respx_mock.route(method=example["method"], path__regex=f"^{path}$")
    return route.respond(json=answer(name, **given))


@pytest.mark.parametrize(
    ("route", "name", "request_id"),
    [
        ("alimtalk", "alimtalk_send_full", "20261122101500aB3dE5fG7h0"),
        ("sms", "sms_send", "20180810100630ReZQ6KZzAH0"),
        ("lms", "lms_send", "20180810100630ReZQ6KZzAH0"),
        ("mms", "mms_send", "20180810100630ReZQ6KZzAH0"),
    ],
)
async def test_it_is_accepted(
    nhn: Nhn, respx_mock: respx.MockRouter, route: str, name: str, request_id: str
) -> None:
    answers(respx_mock, name)
    one = replace(call(route).messages[0], ref=REF)
    found = await nhn.send(replace(call(route), messages=(one,)))
    assert found.request_id == request_id
    (outcome,) = found.outcomes
    assert (outcome.verdict, outcome.provider_id) == (Verdict.ACCEPTED, f"{request_id}:1")


DELIVERED = {"resultCode": "1000", "resultCodeName": "성공"}


@pytest.mark.parametrize(
    ("route", "name"), [("alimtalk", "alimtalk_list"), ("sms", "sms_list"), ("lms", "mms_list")]
)
async def test_it_is_found(nhn: Nhn, respx_mock: respx.MockRouter, route: str, name: str) -> None:
    answers(respx_mock, name, **DELIVERED)
    (found,) = await nhn.look_up([Tried(REF, route, "call-17", NOW)], NOW)
    assert found.state is Lookup.ACCEPTED
    assert found.receipt is not None
    assert (found.receipt.result, found.receipt.at is not None) == (Result.DELIVERED, True)


async def test_it_is_listed(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    for name in ("alimtalk_list", "sms_list", "mms_list"):
        answers(respx_mock, name, **DELIVERED)
    page = await nhn.listed(NOW, NOW, None)
    found = [*page.entries]
    while page.cursor:
        page = await nhn.listed(NOW, NOW, page.cursor)
        found += page.entries
    assert [(one.route, one.state, one.ref) for one in found] == [
        (route, Standing.DELIVERED, REF) for route in ("alimtalk", "sms", "lms")
    ]


async def test_results_are_polled(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    for name in ("alimtalk_results", "sms_results"):
        answers(respx_mock, name, **DELIVERED)
    page = await nhn.poll(NOW, NOW, None)
    found = [*page.receipts]
    while page.cursor:
        page = await nhn.poll(NOW, NOW, page.cursor)
        found += page.receipts
    assert {one.result for one in found} == {Result.DELIVERED}
    assert {one.provider_id for one in found} >= {
        "20261122101500aB3dE5fG7h0:1",
        "20230914101505oAJTbxHkIB0:1",
    }


async def test_an_account_is_checked(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    profile = {"plusFriendId": "@shop", "status": "YSC03", "kakaoStatus": "A"}
    spam = dict.fromkeys(("profileSpamLevel", "profileMessageSpamLevel"), "정상")
    answers(respx_mock, "sender_list", **profile, **spam, kakaoProfileStatus="A", dailyMaxCount=0)
    answers(respx_mock, "sms_callers")
    health = await nhn.check()
    assert health.problems == ("발신 프로필 @shop: 휴면 상태입니다.",)
    assert health.details == {"senders": "1", "send_numbers": "2"}


async def test_a_template(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    answers(respx_mock, "template_register")
    assert await nhn.submit(SENDER, FORM) == Review(Inspection.REGISTERED)
    answers(respx_mock, "template_one")
    found = await nhn.review(SENDER, "C")
    assert (found.inspection, found.provider_code) == (Inspection.REJECTED, "ab12")
    assert (found.blocked, found.dormant) == (False, True)
    assert [one.kind for one in found.comments] == [CommentKind.REJECTED]
    for name, action in (
        ("template_edit", ReviewAction.EDIT),
        ("template_comment", ReviewAction.COMMENT),
        ("template_delete", ReviewAction.DELETE),
    ):
        route = answers(respx_mock, name)
        await nhn.act(action, SENDER, "C", form=FORM, text="고쳤습니다.")
        assert route.call_count == 1


@pytest.mark.parametrize(
    ("use", "name", "called"),
    [
        (PictureUse.IMAGE, "template_image", "x"),
        (PictureUse.THUMBNAIL, "template_highlight_image", "x"),
        (PictureUse.MMS, "sms_upload", "0"),
    ],
)
async def test_a_picture(
    nhn: Nhn, respx_mock: respx.MockRouter, use: PictureUse, name: str, called: str
) -> None:
    route = answers(respx_mock, name, templateImageName="x", templateImageUrl="https://x/a.png")
    found = await nhn.upload(use, Picture("a.png", "image/png", b"x"), NOW)
    assert (found.name, route.call_count) == (called, 1)


def printed_hook(name: str) -> Callback:
    body = documented(name)["request"]
    told = _told(body, {**VALUES, "resultCode": "3019"})
    if name == "hook_result":  # the kinds are printed in a row
        told["hooks"][0]["kakaoMessageType"] = "ALIMTALK_NORMAL"
    told["event"] = told["event"] or "TEMPLATE_STATUS_UPDATE"  # the name is not printed
    return hook(told, SIGNED)


def test_webhooks(nhn: Nhn) -> None:
    (notice,) = nhn.parse(printed_hook("hook_result"))
    assert isinstance(notice, Receipt)
    assert (notice.result, notice.code, notice.ref) == (Result.UNDELIVERED, "3019", REF)
    (text,) = nhn.parse(printed_hook("hook_sms"))
    assert isinstance(text, Receipt)
    assert (text.result, text.provider_id) == (
        Result.DELIVERED,
        "20240429205802y0Tl7Gbz0e0:1",
    )
    assert text.ref == "RecipientGroupingKey"  # spelt `recipientGropuingKey` there
    for other in ("hook_template", "hook_unsubscribe"):
        assert nhn.parse(printed_hook(other)) == []

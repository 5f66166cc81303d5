"""NHN Cloud: what may be done to a registered template, once and again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.nhn import Nhn
from channels.management import CanReview, ProviderRefused, ProviderSilent, TemplateForm
from channels.vocabulary import Reason, ReviewAction
from tests.channels.test_nhn import CONFIG, KAKAO, refuses
from tests.channels.wire import plain_client

SENDER = "0123456789abcdef0123456789abcdef01234567"
PATH = f"{KAKAO}/senders/{SENDER}/templates/A%2FB"
OK = {"header": {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}}
FORM = TemplateForm("A/B", "출고 안내", "#{이름}님, 상품이 출발했습니다.")
EDIT, COMMENT, DELETE = ReviewAction.EDIT, ReviewAction.COMMENT, ReviewAction.DELETE


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(CONFIG, client)


async def act(nhn: Nhn, action: ReviewAction) -> None:
    form = FORM if action is EDIT else None
    text = "문구를 고쳤습니다." if action is COMMENT else ""
    await nhn.act(action, SENDER, "A/B", form=form, text=text)


def route_of(respx_mock: respx.MockRouter, action: ReviewAction) -> respx.Route:
    respx_mock.get(PATH).respond(json=talk())
    if action is EDIT:
        return respx_mock.put(PATH)
    return respx_mock.post(f"{PATH}/comments") if action is COMMENT else respx_mock.delete(PATH)


def talk(*comments: tuple[str, str, int]) -> dict[str, Any]:
    """A template in review, and what was said: text, status, minute."""
    rows = [
        {"id": n, "content": text, "status": status, "createdAt": f"2026-11-23 11:{minute:02}:00"}
        for n, (text, status, minute) in enumerate(comments)
    ]
    return OK | {"templates": {"status": "TSC04", "comments": rows}}


def test_what_it_can_do(nhn: Nhn) -> None:
    assert isinstance(nhn, CanReview)
    assert nhn.review_actions == {EDIT, COMMENT, DELETE}


@pytest.mark.parametrize("action", sorted(set(ReviewAction) - {EDIT, COMMENT, DELETE}))
async def test_what_nhn_has_no_call_for(nhn: Nhn, action: ReviewAction) -> None:
    with pytest.raises(ValueError, match="no such action"):
        await nhn.act(action, SENDER, "A/B")


@pytest.mark.parametrize("action", [EDIT, COMMENT, DELETE])
async def test_actions(nhn: Nhn, respx_mock: respx.MockRouter, action: ReviewAction) -> None:
    route = route_of(respx_mock, action).respond(json=OK)
    await act(nhn, action)
    request = route.calls.last.request
    assert request.headers["X-Secret-Key"] == "kakao-secret"
    if action is EDIT:
        body = orjson.loads(request.content)
        assert (body["templateName"], body["templateContent"]) == (FORM.name, FORM.content)
        assert "templateCode" not in body
    else:
        said = {"comment": "문구를 고쳤습니다."}
        assert request.content == (orjson.dumps(said) if action is COMMENT else b"")


@pytest.mark.parametrize(
    ("action", "code", "reason"),
    [
        (EDIT, "-3012", Reason.TEMPLATE_STATE),  # neither approved nor rejected
        (EDIT, "-3013", Reason.TEMPLATE_STATE),  # edited already: so the second time
        (EDIT, "-3003", Reason.TEMPLATE_STATE),
        (EDIT, "-3051", Reason.REQUEST_REFUSED),
        (COMMENT, "-3100", Reason.TEMPLATE_STATE),
        (COMMENT, "-3003", Reason.TEMPLATE_STATE),
        (DELETE, "-3034", Reason.TEMPLATE_STATE),  # sent within three days
        (DELETE, "-2017", Reason.SENDER_STATE),
    ],
)
async def test_refusals(
    nhn: Nhn, respx_mock: respx.MockRouter, action: ReviewAction, code: str, reason: Reason
) -> None:
    route_of(respx_mock, action).respond(json=refuses(code))
    with pytest.raises(ProviderRefused) as refused:
        await act(nhn, action)
    assert (refused.value.reason, refused.value.code) == (reason, code)


@pytest.mark.parametrize("action", [EDIT, COMMENT, DELETE])
@pytest.mark.parametrize(
    "answer", [httpx.Response(503), httpx.Response(200), httpx.ReadError("lost")]
)
async def test_silence(
    nhn: Nhn, respx_mock: respx.MockRouter, action: ReviewAction, answer: Any
) -> None:
    route_of(respx_mock, action).side_effect = [answer]
    with pytest.raises(ProviderSilent):
        await act(nhn, action)


async def test_deleting_what_is_gone_is_harmless(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    respx_mock.delete(PATH).respond(json=refuses("-3003"))
    await act(nhn, DELETE)


@pytest.mark.parametrize(
    ("comments", "is_said_again"),
    [
        ((), True),
        ((("문구를 고쳤습니다.", "INQ", 10),), False),  # the answer was lost, the comment was not
        ((("문구를 고쳤습니다. ", "?", 10),), False),
        ((("광고 문구 제거", "REJ", 9), ("문구를 고쳤습니다.", "INQ", 10)), False),
        ((("문구를 고쳤습니다.", "INQ", 10), ("광고 문구 제거", "REJ", 9)), False),
        ((("문구를 고쳤습니다.", "INQ", 8), ("아직 있습니다", "REJ", 9)), True),
        ((("문구를 고쳤습니다.", "INQ", 8), ("확인했습니다", "REP", 9)), True),
        ((("다른 말", "INQ", 10),), True),
        # within one second the later number is the later word
        ((("광고 문구 제거", "REJ", 9), ("문구를 고쳤습니다.", "INQ", 9)), False),
        ((("문구를 고쳤습니다.", "INQ", 9), ("광고 문구 제거", "REJ", 9)), True),
    ],
)
async def test_a_comment_is_not_said_twice(
    nhn: Nhn,
    respx_mock: respx.MockRouter,
    comments: tuple[tuple[str, str, int], ...],
    is_said_again: bool,
) -> None:
    respx_mock.get(PATH).respond(json=talk(*comments))
    route = respx_mock.post(f"{PATH}/comments").respond(json=OK)
    await act(nhn, COMMENT)
    assert route.called is is_said_again


async def test_without_its_state_nothing_is_said(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(PATH).respond(503)
    route = respx_mock.post(f"{PATH}/comments").respond(json=OK)
    with pytest.raises(ProviderSilent):
        await act(nhn, COMMENT)
    assert not route.called

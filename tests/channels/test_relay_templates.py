"""A company's own relay: whole bubbles, templates, and what may be done to one."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.relay import Relay, build
from channels.bubble import Highlight
from channels.management import (
    CanReview,
    CanUpload,
    Comment,
    ProviderRefused,
    ProviderSilent,
    Review,
    TemplateForm,
)
from channels.vocabulary import CommentKind, Inspection, Reason, ReviewAction
from tests.channels.bubbles import FORM, unused
from tests.channels.conformance import FULL, PUSH, call
from tests.channels.test_relay import URL, config
from tests.channels.wire import plain_client, recorded

DOCS = (Path(__file__).parents[2] / "docs" / "relay.md").read_text()
NAMED = set(re.findall(r"\w+", DOCS))


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with plain_client() as client:
        yield build(config(), client)


def names(value: Any) -> set[str]:
    """Every key there is in a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names(inner)}
    return {name for inner in value for name in names(inner)} if isinstance(value, list) else set()


def sent(route: respx.Route) -> Any:
    return orjson.loads(route.calls.last.request.content)


async def test_a_message_with_every_part(relay: Relay, respx_mock: respx.MockRouter) -> None:
    assert unused(FULL) == {"picture", "enclosed", *PUSH}
    route = respx_mock.post(f"{URL}/messages").respond(json=recorded("relay/send_answer"))
    await relay.send(replace(call("alimtalk"), messages=(FULL,)))
    assert sent(route) == recorded("relay/full_request")
    assert names(sent(route)) <= NAMED


async def test_a_template_with_every_part(relay: Relay, respx_mock: respx.MockRouter) -> None:
    assert isinstance(relay, CanReview)
    assert unused(FORM) == {"image"}
    route = respx_mock.post(f"{URL}/templates").respond(json=recorded("relay/template"))
    assert await relay.submit("k" * 40, FORM) == Review(
        Inspection.REJECTED,
        "order_shipped",
        comments=(
            Comment(
                "광고성 문구 제거 요청",
                CommentKind.REJECTED,
                "검수자",
                datetime(2026, 11, 23, 2, tzinfo=UTC),
            ),
            Comment("문구를 고쳤습니다."),
        ),
    )
    assert sent(route) == recorded("relay/template_request")
    assert names(sent(route)) <= NAMED
    assert names(recorded("relay/template")) <= NAMED


async def test_a_small_template_carries_no_empty_parts(
    relay: Relay, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(f"{URL}/templates").respond(json={"inspection": "in_review"})
    assert await relay.submit("k", TemplateForm("C", "이름", "본문")) == Review(
        Inspection.IN_REVIEW
    )
    assert sent(route) == {
        "sender": "k",
        "code": "C",
        "name": "이름",
        "content": "본문",
        "message_type": "BA",
        "emphasis": "NONE",
        "category": "999999",
        "security": False,
        "buttons": [],
    }


@pytest.mark.parametrize("action", ReviewAction)
async def test_actions(relay: Relay, respx_mock: respx.MockRouter, action: ReviewAction) -> None:
    assert action in relay.review_actions
    assert f"\n| {action} |" in DOCS
    route = respx_mock.post(f"{URL}/templates/actions").respond(json={})
    small = TemplateForm("C", "이름", "본문")
    form = small if action is ReviewAction.EDIT else None
    await relay.act(action, "k", "C", form=form, text="고쳤습니다." if form is None else "")
    body = sent(route)
    assert (body["sender"], body["code"], body["action"]) == ("k", "C", str(action))
    if form is None:
        assert body["text"] == "고쳤습니다."
    else:
        assert body["template"]["content"] == "본문"
    assert names(body) <= NAMED


@pytest.mark.parametrize(
    "form",
    [
        replace(FORM, emphasis="IMAGE"),
        replace(FORM, highlight=Highlight("t", "d", "https://img.example/t.png")),
    ],
)
async def test_a_template_with_a_picture_asks_nothing(
    relay: Relay, respx_mock: respx.MockRouter, form: TemplateForm
) -> None:
    assert not isinstance(relay, CanUpload)
    asked = respx_mock.route().respond(json={})
    for doing in (
        relay.submit("k", form),
        relay.act(ReviewAction.EDIT, "k", "C", form=form),
    ):
        with pytest.raises(ProviderRefused) as refused:
            await doing
        assert (refused.value.reason, refused.value.code) == (
            Reason.REQUEST_REFUSED,
            "request_refused",
        )
        assert "picture" in refused.value.text
    assert asked.call_count == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(409, json={"code": "template_state"}), Reason.TEMPLATE_STATE),
        (httpx.Response(404, json={"code": "sender_state"}), Reason.SENDER_STATE),
        (httpx.Response(422, json={"code": "our_own"}), Reason.UNMAPPED),
        (httpx.Response(401, json={"code": "our_own"}), Reason.MISCONFIGURED),
        (httpx.Response(403), Reason.MISCONFIGURED),
        (httpx.Response(429, json={"code": "throttled"}), None),
        (httpx.Response(500, json={"code": "template_state"}), None),
        (httpx.Response(200, content=b"ok"), None),
        (httpx.Response(200, json=["ok"]), None),
        (httpx.ReadError("lost"), None),
    ],
)
async def test_refusals_and_silence(
    relay: Relay,
    respx_mock: respx.MockRouter,
    answer: httpx.Response | Exception,
    reason: Reason | None,
) -> None:
    respx_mock.route().side_effect = [answer, answer, answer]
    for doing in (
        relay.submit("k", TemplateForm("C", "이름", "본문")),
        relay.review("k", "C"),
        relay.act(ReviewAction.DELETE, "k", "C"),
    ):
        with pytest.raises(ProviderRefused if reason else ProviderSilent) as caught:
            await doing
        assert getattr(caught.value, "reason", None) is reason


@pytest.mark.parametrize("body", [{"inspection": "odd"}, {}, {"inspection": None}])
async def test_a_state_without_a_known_inspection_is_none(
    relay: Relay, respx_mock: respx.MockRouter, body: Any
) -> None:
    respx_mock.get(url__startswith=f"{URL}/templates").respond(json=body)
    with pytest.raises(ProviderSilent):
        await relay.review("k", "C")

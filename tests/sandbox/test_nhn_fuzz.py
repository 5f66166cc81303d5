"""Whatever JSON comes: a documented code, never a crash."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.main import create_app
from sandbox.nhn.checks import check_filled, check_full
from sandbox.nhn.shapes import CHOICES, LONGEST, LONGEST_OPTIONAL
from sandbox.nhn.templates import check_form
from sandbox.nhn.wire import Refused
from sandbox.relay_parts import misshapen, parts_of
from tests.sandbox.shop import ALIMTALK, CALLER, HANA, SECRET, SMS, SMS_SECRET, notice, settle_in

EXAMPLES = int(os.environ.get("NARU_FUZZ_EXAMPLES", "40"))
TEXTS = ["", "글", "#{이름}", "https://x", "\\s", "WL", "AC", "BF", "TN", "ITEM_LIST", "MI", "원"]
NAMES = [
    "title",
    "description",
    "imageUrl",
    "list",
    "summary",
    "linkMo",
    "schemeIos",
    "type",
    "name",
    "ordering",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 7) | st.sampled_from(TEXTS) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "telNumber", "chatExtra"]), inner, max_size=4)
    ),
    max_leaves=12,
)
PARTS = [*LONGEST, *LONGEST_OPTIONAL, *CHOICES, "templateItem", "templateItemHighlight"]
PARTS += ["templateRepresentLink", "securityFlag", "categoryCode", "buttons", "quickReplies"]
SENT = ["content", "recipientNo", "templateParameter", *PARTS]
RELAYED = [
    "buttons",
    "quick_replies",
    "items",
    "highlight",
    "summary",
    "link",
    "image",
    "title",
    "header",
    "emphasis",
]
WHOLE: dict[str, Any] = {"templateCode": "T", "templateName": "이름", "templateContent": "#{a}님"}


@settings(max_examples=EXAMPLES)
@given(st.dictionaries(st.sampled_from(PARTS), VALUES, max_size=6))
def test_registrations(body: dict[str, Any]) -> None:
    for form in (body, {**WHOLE, **body}):
        try:
            check_form(form)
        except Refused:
            continue


@settings(max_examples=EXAMPLES)
@given(st.dictionaries(st.sampled_from(SENT), VALUES, max_size=6))
def test_recipients(body: dict[str, Any]) -> None:
    template = {**WHOLE, "templateItem": {"list": [{"title": "가", "description": "#{b}"}]}}
    given_parts = {"recipientNo": "01000001001", "content": "하나님", **body}
    for check in (check_full, check_filled):
        assert check(template, 1, given_parts) != 0


@settings(max_examples=EXAMPLES)
@given(st.dictionaries(st.sampled_from(RELAYED), VALUES, max_size=6))
def test_parts_of_the_relay(body: dict[str, Any]) -> None:
    if not misshapen(body):
        parts_of(body)


CALLS = {
    f"POST {ALIMTALK}/raw-messages": ["resendParameter", "createUser", "statsId"],
    f"POST {ALIMTALK}/failback": ["senderKey", "isResend", "resendSendNo"],
    f"POST {ALIMTALK}/failback/appkey": ["resendAppKey"],
    f"POST {ALIMTALK}/senders": ["plusFriendId", "phoneNo", "categoryCode"],
    f"POST {ALIMTALK}/sender/token": ["plusFriendId", "token"],
    f"POST {SMS}/sender/auth/sms": ["body", "userId", "statsId", "recipientList", "templateId"],
    f"PUT {SMS}/reservations/cancel": ["reservationList", "updateUser"],
}
RESEND = ["isResend", "resendType", "resendTitle", "resendContent", "resendSendNo"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """With NHN's own fallback, so that nothing is refused before it is looked at."""
    app = create_app(tmp_path_factory.mktemp("fuzz") / "sandbox.db")
    settle_in(app.state.store)
    app.state.store.run("UPDATE nhn_account SET resend_app_key = sms_app_key")
    yield app
    app.state.store.close()


@settings(max_examples=EXAMPLES)
@given(
    st.sampled_from(sorted(CALLS)).flatmap(
        lambda call: st.tuples(st.just(call), st.dictionaries(st.sampled_from(CALLS[call]), VALUES))
    ),
    st.dictionaries(st.sampled_from(RESEND), VALUES | st.just(CALLER)),
)
def test_other_calls(
    shop: FastAPI, called: tuple[str, dict[str, Any]], resend: dict[str, Any]
) -> None:
    (method, path), body = called[0].split(), called[1]
    if path.endswith("/raw-messages"):
        body = {**notice(HANA), **body}
        part = {"isResend": True, **resend}
        body["recipientList"][0]["resendParameter"] = body.pop("resendParameter", part)
    answer = asyncio.run(_call(shop, method, path, body))
    assert isinstance(answer["header"]["resultCode"], int)


async def _call(app: FastAPI, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = SMS_SECRET if path.startswith(SMS) else SECRET
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://s.test") as client:
        answer = await client.request(method, path, json=body, headers=headers)
    found: dict[str, Any] = answer.json()
    return found

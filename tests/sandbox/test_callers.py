"""Whose call it is and what it sends, told from path, headers and the head of the body."""

from typing import Any

import orjson
import pytest

from sandbox.accounts import relay_id
from sandbox.callers import account_of, provider_of, route_of
from sandbox.solapi.checks import type_of
from sandbox.solapi.words import KINDS
from sandbox.store import Store
from tests.sandbox.shop import ALIMTALK, APP, SMS

SOLAPI = "/solapi/messages/v4/send-many/detail"
NOTICE = {"kakaoOptions": {"pfId": "p", "templateId": "t"}}


@pytest.mark.parametrize(
    ("path", "provider"),
    [
        ("/nhn/x", "nhn"), ("/solapi/cash/v1/balance", "solapi"), ("/relay/messages", "relay"),
        ("/consult/v1/chat/end", "consult"), ("/desk", ""), ("/", ""), ("/nhn", ""),
        ("/nhn/pictures/a.jpg", ""), ("/nhnx/a", ""), ("/consult/files/a/b.pdf", ""),
    ],
)  # fmt: skip
def test_the_provider_of_a_path(path: str, provider: str) -> None:
    assert provider_of(path) == provider


@pytest.mark.parametrize(
    ("provider", "path", "headers", "account"),
    [
        ("nhn", ALIMTALK + "/messages", [], APP),
        ("nhn", SMS + "/sendNos", [], APP),
        ("nhn", "/nhn/sms/v3.0/appKeys/NOBODY/sendNos", [], "NOBODY"),
        ("nhn", "/nhn/x", [], ""),
        ("solapi", "/solapi/x", [(b"Authorization", b"HMAC-SHA256 ApiKey=K1, Date=x")], "K1"),
        ("solapi", "/solapi/x", [], ""),
        ("relay", "/relay/x", [(b"authorization", b"Bearer top-secret")], relay_id("top-secret")),
        ("relay", "/relay/x", [(b"authorization", b"Basic abc")], ""),
        ("consult", "/consult/x", [(b"HT-Client-Id", b"HT1")], "HT1"),
    ],
)
def test_the_account_of_a_call(
    store: Store, provider: str, path: str, headers: list[tuple[bytes, bytes]], account: str
) -> None:
    assert account_of(store, provider, path, headers) == account
    assert "secret" not in account


@pytest.mark.parametrize(
    ("path", "body", "route"),
    [
        (ALIMTALK + "/raw-messages", {}, "alimtalk"),
        (ALIMTALK + "/auth/messages", {}, "alimtalk"),
        (ALIMTALK + "/template-image", {}, ""),
        (SMS + "/sender/sms", {}, "sms"),
        (SMS + "/sender/mms", {"title": "a"}, "lms"),
        (SMS + "/sender/mms", {"attachFileIdList": [1]}, "mms"),
        (SMS + "/attachfile/binaryUpload", {}, ""),
        ("/relay/messages", {"key": "k", "route": "lms"}, "lms"),
        ("/relay/messages", {"route": "pigeon"}, ""),
        ("/relay/templates", {"route": "sms"}, ""),
        ("/consult/v1/chat/write", {}, ""),
        ("/solapi/messages/v4/groups/G/send", {}, ""),
    ],
)
def test_the_route_of_a_call(path: str, body: dict[str, Any], route: str) -> None:
    assert route_of("POST", path, orjson.dumps(body)) == route
    assert route_of("GET", path, orjson.dumps(body)) == ""


@pytest.mark.parametrize(
    "message",
    [
        {"text": "짧은 글"},
        {"text": "가" * 45},
        {"text": "가" * 46},
        {"text": "글", "subject": "제목"},
        {"text": "글", "imageId": "F"},
        {"type": "LMS", "text": "글"},
        {"type": "CTA", "text": "글"},
        NOTICE,
        {**NOTICE, "text": "가" * 500},
    ],
)
def test_the_route_at_solapi_is_the_one_it_is_sent_by(message: dict[str, Any]) -> None:
    body = orjson.dumps({"messages": [{"to": "010", **message}]})
    assert route_of("POST", SOLAPI, body) == KINDS.get(type_of(message), "")


def test_a_long_text_of_a_large_call_is_told_from_its_head() -> None:
    body = orjson.dumps({"messages": [{"type": "SMS", "text": "a"}] * 10_000})
    assert route_of("POST", SOLAPI, body) == "sms"
    assert route_of("POST", SOLAPI, b"\xff" * 10_000) == ""

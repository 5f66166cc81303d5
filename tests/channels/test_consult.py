"""상담톡: writing into a chat, and the three events of the hub."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from channels.adapters.consult import REASONS, Config, Consult
from channels.consulting import CanConsult
from channels.contract import BadCallback, Callback, CanLookUp, Inbound
from channels.management import CanUpload
from channels.vocabulary import InboundKind, Reason, Verdict
from tests.channels.conformance import Case, Conformance, call, outgoing
from tests.channels.wire import any_json, plain_client, recorded

HUB = "https://hub.example/api"
CONFIG = Config("client-id-1", "client-secret-1", HUB, frozenset({"-502", "1030"}))
USER, SENDER = "aB3dE5fG7h9k", "0123456789abcdef0123456789abcdef01234567"


def event(kind: str, body: object) -> Callback:
    return Callback(kind, {}, orjson.dumps(body))


class TestChat(Conformance):
    case = Case(
        build=lambda client: Consult(CONFIG, client),
        route="chat",
        accepts=lambda _: {"code": 0, "message": "OK"},
        refuses=lambda code: {"code": int(code), "message": "SomeException"},
        rows=(),
        codes={
            **REASONS,
            "-502": (Verdict.REJECTED, Reason.NO_CHAT_SESSION),
            "1030": (Verdict.REJECTED, Reason.NO_CHAT_SESSION),
        },
        callback=event("message", recorded("consult/message_text")),
        strange=(
            event("hello", recorded("consult/message_text")),
            event("", recorded("consult/message_text")),
            event("message", []),
            event("message", {"user_key": USER}),
            event("message", {"user_key": USER, "sender_key": 7}),
            event("message", {"user_key": USER, "sender_key": "x" * 41}),
            event("message", {"user_key": "", "sender_key": SENDER}),
            event("message", {"user_key": "a\nb", "sender_key": SENDER}),
            Callback("message", {}, b"user_key=1"),
        ),
        secrets=("client-id-1", "client-secret-1", "-502", USER, "배송이 언제"),
        headers={"HT-Client-Id": "client-id-1", "HT-Client-Secret": "client-secret-1"},
    )


@pytest.fixture
async def consult() -> AsyncIterator[Consult]:
    async with plain_client() as client:
        yield Consult(CONFIG, client)


async def test_the_documented_write(consult: Consult, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{HUB}/v1/chat/write").respond(json=recorded("consult/write_answer"))
    text = "안녕하세요, 무엇을 도와드릴까요?"
    message = replace(outgoing(1), to=USER, text=text)
    answer = await consult.send(replace(call("chat"), messages=(message,)))
    assert orjson.loads(route.calls.last.request.content) == recorded("consult/write_request")
    assert answer.outcomes[0].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("code", [0, "0", "0000", 200, "200"])
async def test_success_is_a_number_or_a_text(
    consult: Consult, respx_mock: respx.MockRouter, code: object
) -> None:
    respx_mock.post(f"{HUB}/v1/chat/write").respond(json={"code": code})
    assert (await consult.send(call("chat"))).outcomes[0].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("code", [True, None, 0.0, [], ""])
async def test_no_other_code_is_one(
    consult: Consult, respx_mock: respx.MockRouter, code: object
) -> None:
    respx_mock.post(f"{HUB}/v1/chat/write").respond(json={"code": code})
    (outcome,) = (await consult.send(call("chat"))).outcomes
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.UNREADABLE)


async def test_the_refusal_keeps_the_hubs_words(
    consult: Consult, respx_mock: respx.MockRouter
) -> None:
    respx_mock.post(f"{HUB}/v1/chat/write").respond(json=recorded("consult/refused"))
    (outcome,) = (await consult.send(call("chat"))).outcomes
    assert (outcome.reason, outcome.text) == (Reason.SENDER_STATE, "InvalidSenderException")


async def test_ending_a_chat(consult: Consult, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{HUB}/v1/chat/end").respond(json=recorded("consult/end_answer"))
    assert (await consult.end(SENDER, USER)).verdict is Verdict.ACCEPTED
    sent = orjson.loads(route.calls.last.request.content)
    assert sent == {"user_key": USER, "sender_key": SENDER}
    route.respond(json={"code": "-502", "message": "no session"})
    assert (await consult.end(SENDER, USER)).reason is Reason.NO_CHAT_SESSION
    route.respond(429, headers={"Retry-After": "Sun, 22 Nov 2026 01:16:00 GMT"})
    assert (await consult.end(SENDER, USER)).verdict is Verdict.DEFERRED


def parsed(kind: str, body: object) -> Inbound:
    adapter = Consult(CONFIG, plain_client())
    callback = event(kind, body)
    adapter.verify(callback)
    (one,) = adapter.parse(callback)
    return one


def test_a_text() -> None:
    body = recorded("consult/message_text")
    one = parsed("message", body)
    assert (one.kind, one.sender, one.user_key) == (InboundKind.MESSAGE, SENDER, USER)
    assert (one.content_type, one.text) == ("text", "배송이 언제 되나요?")
    assert one.serial == "S000000000000000000000000001"
    assert one.content == body


@pytest.mark.parametrize(
    "name", ["message_photo", "message_photos", "message_video", "message_sticker"]
)
def test_what_is_no_text_is_kept_as_it_came(name: str) -> None:
    body = recorded(f"consult/{name}")
    one = parsed("message", body)
    assert (one.content_type, one.text, one.content) == (body["type"], "", body)


def test_a_long_text_keeps_its_beginning_and_its_address() -> None:
    one = parsed("message", recorded("consult/message_long"))
    assert (one.text, one.token) == ("긴 글의 앞부분", "0f0f")
    assert one.content["attachment"] == {"url": "https://hub.example/t/1.txt"}


def test_unknown_types_are_kept() -> None:
    body = {"user_key": USER, "sender_key": SENDER, "type": "sticker", "content": "s-1"}
    one = parsed("message", body)
    assert (one.content_type, one.text, one.content) == ("sticker", "", body)


def test_why_the_customer_came() -> None:
    one = parsed("reference", recorded("consult/reference"))
    assert one.kind is InboundKind.REFERENCE
    assert one.session_id == "1234567890"
    assert (one.token, one.last_token) == ("0f" * 16, "1e1e1e1e")
    assert one.at == datetime(2026, 11, 22, 1, 15, tzinfo=UTC)
    assert one.content["last_reference"]["bot_event"] == "delivery"


def test_the_end_of_a_session() -> None:
    one = parsed("expired_session", recorded("consult/expired_session"))
    assert (one.kind, one.session_id) == (InboundKind.EXPIRED_SESSION, "1234567890")


def test_the_same_event_twice_has_one_key() -> None:
    text, reference = recorded("consult/message_text"), recorded("consult/reference")
    photos = recorded("consult/message_photos")
    for kind, body, word in (
        ("message", text, "serial"),
        ("reference", reference, "event"),
        ("message", photos, "body"),
    ):
        key = parsed(kind, body).dedupe_key
        assert key == parsed(kind, dict(reversed(body.items()))).dedupe_key
        assert key.partition(":")[0] == word
        assert len(key.partition(":")[2]) == 64
        assert USER not in key
    assert parsed("message", text | {"content": "다시"}).dedupe_key == (
        parsed("message", text).dedupe_key
    )


@pytest.mark.parametrize(
    "change", [{"time": 1795310100001}, {"user_key": "other"}, {"session_id": "2"}, {"type": "x"}]
)
def test_another_event_has_another_key(change: dict[str, Any]) -> None:
    body = recorded("consult/reference")
    assert parsed("reference", body).dedupe_key != parsed("reference", body | change).dedupe_key
    assert parsed("reference", body).dedupe_key != parsed("message", body).dedupe_key


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1795310100000, datetime(2026, 11, 22, 1, 15, tzinfo=UTC)),
        ("1795310100000", datetime(2026, 11, 22, 1, 15, tzinfo=UTC)),
        (1795310100000.0, datetime(2026, 11, 22, 1, 15, tzinfo=UTC)),
        (10**18, None),
        (999_999_999_999_999, None),
        (-1, None),
        ("soon", None),
        (True, None),
        (1e300, None),
    ],
)
def test_times(value: object, read: datetime | None) -> None:
    body = {"user_key": USER, "sender_key": SENDER, "time": value}
    assert parsed("reference", body).at == read


def test_it_consults_and_promises_no_more(consult: Consult) -> None:
    assert isinstance(consult, CanConsult)
    assert not isinstance(consult, CanUpload)  # it shows no picture of a notice
    assert not isinstance(consult, CanLookUp)


def test_a_body_of_a_thousand_brackets_is_strange() -> None:
    nested: Any = []
    for _ in range(200):
        nested = [nested]
    deep = orjson.dumps(nested)
    body = b'{"user_key":"u","sender_key":"s","x":' + b"[" * 600 + deep + b"]" * 600 + b"}"
    with pytest.raises(BadCallback):
        Consult(CONFIG, plain_client()).parse(Callback("message", {}, body))


KEYS = (
    "type content contents extra reference last_reference session_id time serial_number attachment"
)


@given(
    body=st.dictionaries(st.sampled_from(KEYS.split()), any_json("extra url bot text"), max_size=6),
    kind=st.sampled_from(["message", "reference", "expired_session"]),
)
def test_no_json_raises(body: dict[str, Any], kind: str) -> None:
    one = parsed(kind, body | {"user_key": USER, "sender_key": SENDER})
    assert one.user_key == USER
    with pytest.raises(BadCallback):
        parsed(kind, body | {"user_key": USER})

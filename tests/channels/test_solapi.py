"""SOLAPI: signatures, the one request of a call, and what its answer says of each message."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.solapi import Config, Solapi
from channels.adapters.solapi.account import BATCH, authorization
from channels.adapters.solapi.codes import ANSWERS
from channels.adapters.solapi.parts import KINDS
from channels.bubble import Button
from channels.contract import Call, Callback
from channels.vocabulary import Reason, Verdict
from tests.channels.bubbles import BUTTONS
from tests.channels.conformance import NOW, Case, Conformance, call, outgoing
from tests.channels.wire import plain_client, recorded

HOST = "https://api.solapi.com"
SEND = f"{HOST}/messages/v4/send-many/detail"
CONFIG = Config("API-KEY-1", "API-SECRET-1", "0212345678", clock=NOW.timestamp)
PARTS: dict[str, Any] = {
    "title": "출고 안내",
    "buttons": tuple(replace(one, target="") for one in BUTTONS if one.kind in KINDS),
}


def solapi(client: httpx.AsyncClient) -> Solapi:
    return Solapi(CONFIG, client)


def accepts(asked: Call) -> dict[str, Any]:
    taken = [
        {
            "messageId": f"M4V{message.ref}",
            "statusCode": "2000",
            "statusMessage": "정상 접수",
            "customFields": {"ref": message.ref},
        }
        for message in asked.messages
    ]
    return {
        "failedMessageList": [],
        "groupInfo": recorded("solapi/send_answer")["groupInfo"],
        "messageList": taken,
    }


def refuses(code: str) -> dict[str, Any]:
    """A word is the whole request's, a number one message's."""
    if not code.isdigit():
        return {"errorCode": code, "errorMessage": "no"}
    failed = [
        {
            "to": message.to,
            "messageId": f"M4V{message.ref}",
            "statusCode": code,
            "statusMessage": "no",
            "customFields": {"ref": message.ref},
        }
        for message in call("sms", 3).messages
    ]
    return {"failedMessageList": failed, "groupInfo": {}, "messageList": []}


def reports(body: Any) -> Callback:
    return Callback("results", {}, body if isinstance(body, bytes) else orjson.dumps(body))


def case(route: str) -> Case:
    return Case(
        build=solapi,
        route=route,
        accepts=accepts,
        refuses=refuses,
        rows=("messageList",),
        codes=ANSWERS,
        callback=reports(recorded("solapi/report_wrapped")),
        strange=(
            reports(b""),
            reports(b"<html>"),
            reports(b"[<"),
            reports({}),
            reports({"data": []}),
            reports([7]),
            reports([{"data": "no"}]),
            reports([{"eventDataId": "E"}]),
            reports([{"statusCode": "4000", "customFields": {"ref": "a"}}]),
            reports([{"messageId": "M", "groupId": "G"}]),
        ),
        secrets=("API-KEY-1", "API-SECRET-1"),
        parts=PARTS,
    )


class TestAlimtalk(Conformance):
    case = case("alimtalk")


class TestSms(Conformance):
    case = case("sms")


class TestLms(Conformance):
    case = case("lms")


class TestMms(Conformance):
    case = case("mms")


def test_a_signature_of_the_documented_scheme() -> None:
    """Computed apart: HMAC-SHA256 of date and salt, with the secret as its key."""
    assert authorization("K", "DUMMYSECRET", "2026-11-22T10:00:00Z", "abcdefghijklmnop") == (
        "HMAC-SHA256 apiKey=K, date=2026-11-22T10:00:00Z, salt=abcdefghijklmnop, "
        "signature=b25ac9b806fcd892a713c7e3f6df25f084c1ad60cc101b911172f993d1183ffd"
    )


def signed(request: httpx.Request) -> tuple[str, str, str]:
    scheme, _, rest = request.headers["Authorization"].partition(" ")
    given = dict(part.split("=", 1) for part in rest.split(", "))
    assert (scheme, given["apiKey"]) == ("HMAC-SHA256", "API-KEY-1")
    good = hmac.new(b"API-SECRET-1", (given["date"] + given["salt"]).encode(), "sha256")
    assert given["signature"] == good.hexdigest()
    return given["date"], given["salt"], given["signature"]


async def test_every_request_is_signed_anew(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(SEND).respond(json=accepts(call("sms")))
    async with plain_client() as client:
        for _ in range(3):
            await solapi(client).send(call("sms"))
    found = [signed(one.request) for one in route.calls]
    assert {datetime.fromisoformat(date) for date, _, _ in found} == {NOW}
    assert len({salt for _, salt, _ in found}) == 3
    assert all(12 <= len(salt.encode()) <= 64 for _, salt, _ in found)


async def test_the_documented_request_and_answer(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(SEND).respond(json=recorded("solapi/send_answer"))
    asked = call("alimtalk", 3)
    first = replace(asked.messages[0], **PARTS)
    asked = replace(asked, messages=(first, *asked.messages[1:]))
    async with plain_client() as client:
        answer = await solapi(client).send(asked)
    sent = orjson.loads(route.calls.last.request.content)
    assert {**sent, "messages": sent["messages"][:1]} == recorded("solapi/send_request")
    assert answer.request_id == "G4V20261122101500UTMBWD3F7YRY3N1"
    assert [(one.verdict, one.reason, one.code) for one in answer.outcomes] == [
        (Verdict.ACCEPTED, None, "2000"),
        (Verdict.ACCEPTED, None, "2000"),
        (Verdict.REJECTED, Reason.SENDER_STATE, "1062"),
    ]
    assert answer.outcomes[0].provider_id == "M4V20261122101500AAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("route", "form"),
    [
        ("sms", {"type": "SMS"}),
        ("lms", {"type": "LMS", "subject": "출고 안내"}),
        ("mms", {"type": "MMS", "subject": "출고 안내", "imageId": "4321"}),
    ],
)
async def test_texts_as_they_leave(
    respx_mock: respx.MockRouter, route: str, form: Mapping[str, str]
) -> None:
    """An SMS has no subject (1013), and only Alimtalk has options of KakaoTalk (1033)."""
    asked = respx_mock.post(SEND).respond(json={})
    async with plain_client() as client:
        await solapi(client).send(call(route))
    (message,) = orjson.loads(asked.calls.last.request.content)["messages"]
    one = outgoing()
    assert message == {
        "to": one.to,
        "from": one.sender,
        "text": one.text,
        "country": "82",
        "autoTypeDetect": False,
        "customFields": {"ref": one.ref},
        **form,
    }


async def test_a_notice_without_a_caller_names_none(respx_mock: respx.MockRouter) -> None:
    asked = respx_mock.post(SEND).respond(json={})
    async with plain_client() as client:
        await Solapi(replace(CONFIG, caller=""), client).send(call("alimtalk"))
    (message,) = orjson.loads(asked.calls.last.request.content)["messages"]
    assert "from" not in message
    assert Config.read({"api_key": "a", "api_secret": "b", "caller": "02-123"}, None).caller == (
        "02123"
    )


async def test_an_mms_without_its_picture_is_our_mistake() -> None:
    async with plain_client() as client:
        with pytest.raises(ValueError, match="picture"):
            await solapi(client).send(replace(call("mms"), messages=(outgoing(),)))


async def test_only_what_would_lose_a_part_stays(respx_mock: respx.MockRouter) -> None:
    asked = call("alimtalk", 3)
    one, two, three = asked.messages
    bot = Button("BT", "챗봇", token="1f" * 16)
    out = Button("WL", "보기", "https://a.example", target="out")
    asked = replace(
        asked, messages=(one, replace(two, header="주문"), replace(three, buttons=(out, bot)))
    )
    good = accepts(call("alimtalk", 1))
    route = respx_mock.post(SEND).respond(json=good)
    async with plain_client() as client:
        answer = await solapi(client).send(asked)
    (sent,) = orjson.loads(route.calls.last.request.content)["messages"]
    assert sent["customFields"] == {"ref": one.ref}
    first, second, third = answer.outcomes
    assert first.verdict is Verdict.ACCEPTED
    assert {(o.ref, o.verdict, o.reason, o.code) for o in (second, third)} == {
        (m.ref, Verdict.REJECTED, Reason.REQUEST_REFUSED, "part_not_carried") for m in (two, three)
    }
    assert "SOLAPI carries no header" in second.text
    assert "button 1 target, button 2 BT" in third.text


async def test_the_longest_batch_fits_into_fifteen_megabytes(respx_mock: respx.MockRouter) -> None:
    long = Button("WL", "가" * 14, *["https://a.example/" + "a" * 480] * 4)
    message = replace(outgoing(), text="가" * 1_000, title="가" * 50, buttons=(long,) * 5)
    many = tuple(replace(message, ref=f"{n:026d}") for n in range(BATCH))
    route = respx_mock.post(SEND).respond(json={})
    async with plain_client() as client:
        await solapi(client).send(replace(call("alimtalk"), messages=many))
    assert 10_000_000 < len(route.calls.last.request.content) < 15_000_000

"""FCM: the promises of an adapter, the documented request, and what every error means."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from channels.adapters.fcm import REASONS, Config, Fcm
from channels.adapters.fcm.answers import outcome_of
from channels.contract import BadCallback, Callback, CanLookUp, Outcome, Outgoing, Receipt
from channels.transport import Reply
from channels.vocabulary import Reason, Result, Verdict
from tests.channels.conformance import NOW, PUSH, Case, Conformance, call, outgoing
from tests.channels.google import SEND_URL, TOKEN_URL
from tests.channels.wire import any_json, plain_client, recorded
from tests.service_accounts import EMAIL, key_file, pem

CONFIG = Config.read({"service_account": key_file()}, None)
STATUS = {
    "THIRD_PARTY_AUTH_ERROR": 401,
    "APNS_AUTH_ERROR": 401,
    "UNAUTHENTICATED": 401,
    "SENDER_ID_MISMATCH": 403,
    "PERMISSION_DENIED": 403,
    "UNREGISTERED": 404,
    "NOT_FOUND": 404,
    "QUOTA_EXCEEDED": 429,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
CANONICAL = {"UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "RESOURCE_EXHAUSTED"}
APPS = [
    {"ref": "01JDREF0000000000000000001", "what": what, "at": "2026-11-22T01:15:30+00:00"}
    for what in ("received", "shown", "read", "acknowledged")
]


def fault(code: str, text: str = "", *details: Any) -> dict[str, Any]:
    """An error as Google writes it: FCM's own codes stand in the details."""
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    own = [] if code in CANONICAL else [{"@type": kind, "errorCode": code}]
    status = code if code in CANONICAL else "INVALID_ARGUMENT"
    return {"error": {"code": 0, "message": text, "status": status, "details": [*own, *details]}}


def violated(*fields: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": name, "description": "no"} for name in fields],
    }


def with_token(router: respx.MockRouter) -> respx.Route:
    return router.post(TOKEN_URL).respond(json=recorded("fcm/token_answer"))


class TestPush(Conformance):
    case = Case(
        build=lambda client: Fcm(CONFIG, client),
        route="push",
        accepts=lambda _: recorded("fcm/send_answer"),
        refuses=lambda code: fault(code, "no"),
        rows=(),
        codes=REASONS,
        callback=Callback("app", {}, orjson.dumps(APPS)),
        strange=(
            Callback("app", {}, orjson.dumps(APPS)),
            Callback("", {}, orjson.dumps(APPS)),
            Callback("", {}, b"{}"),
        ),
        secrets=(EMAIL, pem(), pem().splitlines()[3], "ya29.c.token-1", "01JDMESSAGE"),
        headers={
            "Authorization": "Bearer ya29.c.token-1",
            "Content-Type": "application/json;charset=UTF-8",
        },
        status=lambda code: STATUS.get(code, 400),
        prepare=with_token,
        signed=False,
    )


@pytest.fixture
async def fcm() -> AsyncIterator[Fcm]:
    async with plain_client() as client:
        yield Fcm(CONFIG, client)


@pytest.fixture
def wire(respx_mock: respx.MockRouter) -> respx.Route:
    """Where messages go; access tokens are there for the asking."""
    with_token(respx_mock)
    return respx_mock.post(SEND_URL)


def push(**changed: Any) -> Outgoing:
    return replace(outgoing(), **{**PUSH, **changed})


async def send(fcm: Fcm, **changed: Any) -> Outcome:
    (outcome,) = (await fcm.send(replace(call("push"), messages=(push(**changed),)))).outcomes
    return outcome


async def test_the_documented_request(fcm: Fcm, wire: respx.Route) -> None:
    wire.respond(json=recorded("fcm/send_answer"))
    expected = recorded("fcm/send_request")
    message = expected["message"]
    outcome = await send(fcm, to=message["fid"], data=tuple(message["data"].items()))
    assert orjson.loads(wire.calls.last.request.content) == expected
    assert outcome.provider_id == "projects/naru-shop/messages/0:1795310100123456%31bd1c9631bd1c96"
    assert not isinstance(fcm, CanLookUp)  # Google can be asked for nothing


async def test_a_registration_token_has_a_field_of_its_own(fcm: Fcm, wire: respx.Route) -> None:
    wire.respond(json=recorded("fcm/send_answer"))
    await send(fcm, address_kind="token", to="dev:token", title="", expires_at=None, data=())
    assert orjson.loads(wire.calls.last.request.content) == {
        "message": {
            "token": "dev:token",
            "notification": {"body": outgoing().text},
            "data": {},
            "android": {"priority": "HIGH"},
            "apns": {"headers": {"apns-priority": "10"}},
        }
    }


@pytest.mark.parametrize(
    ("left", "ttl", "expiration"),
    [
        (timedelta(seconds=90.9), "90s", 1795310190),
        (timedelta(seconds=0.5), "0s", 1795310100),
        (timedelta(days=28), "2419200s", 1797729300),
        (timedelta(days=40), "2419200s", 1797729300),
    ],
)
async def test_it_lives_as_long_as_it_is_of_use_and_four_weeks_at_most(
    fcm: Fcm, wire: respx.Route, left: timedelta, ttl: str, expiration: int
) -> None:
    wire.respond(json=recorded("fcm/send_answer"))
    await send(fcm, expires_at=NOW + left)
    message = orjson.loads(wire.calls.last.request.content)["message"]
    assert message["android"]["ttl"] == ttl
    assert message["apns"]["headers"]["apns-expiration"] == str(expiration)


@pytest.mark.parametrize(
    ("changed", "reason", "code", "said"),
    [
        ({"expires_at": NOW}, Reason.EXPIRED, "expired", "its time was over"),
        ({"expires_at": NOW - timedelta(days=1)}, Reason.EXPIRED, "expired", "유효 시간"),
        ({"address_kind": "topic"}, Reason.REQUEST_REFUSED, "address_kind", "'topic'"),
        ({"address_kind": ""}, Reason.REQUEST_REFUSED, "address_kind", "''"),
        ({"data": (("from", "a"),)}, Reason.REQUEST_REFUSED, "reserved_key", "from"),
        ({"data": (("message_type", "a"),)}, Reason.REQUEST_REFUSED, "reserved_key", "message_t"),
        ({"data": (("google.a", "a"),)}, Reason.REQUEST_REFUSED, "reserved_key", "google.a"),
        (
            {"data": (("ok", ""), ("gcm.notification.title", "a"))},
            Reason.REQUEST_REFUSED,
            "reserved_key",
            "gcm.notification.title",
        ),
    ],
)
async def test_what_google_would_refuse_does_not_leave(
    fcm: Fcm, changed: dict[str, Any], reason: Reason, code: str, said: str
) -> None:
    """Nothing is mocked here: a request would fail the test."""
    outcome = await send(fcm, **changed)
    assert (outcome.verdict, outcome.reason, outcome.code) == (Verdict.REJECTED, reason, code)
    assert said in outcome.text
    assert not outcome.gone


async def test_names_that_only_look_reserved_pass(fcm: Fcm, wire: respx.Route) -> None:
    wire.respond(json=recorded("fcm/send_answer"))
    data = (("from_shop", "a"), ("googled", "b"), ("gcm.notes", "c"), ("message_types", "d"))
    assert (await send(fcm, data=data)).verdict is Verdict.ACCEPTED


async def test_4096_bytes_of_keys_and_values_leave_and_one_more_does_not(
    fcm: Fcm, wire: respx.Route
) -> None:
    wire.respond(json=recorded("fcm/send_answer"))
    fixed = len("title") + len("제목".encode()) + len("body") + len("key")
    full = {"title": "제목", "text": "가" * 1_000, "expires_at": None}
    rest = 4_096 - fixed - 3_000
    assert (await send(fcm, **full, data=(("key", "v" * rest),))).verdict is Verdict.ACCEPTED
    sent = wire.call_count
    outcome = await send(fcm, **full, data=(("key", "v" * (rest + 1)),))
    assert (outcome.verdict, outcome.reason) == (Verdict.REJECTED, Reason.TOO_LONG)
    assert "4,097" in outcome.text
    assert "4,096" in outcome.text
    assert wire.call_count == sent


async def test_half_a_character_is_googles_to_refuse(fcm: Fcm, wire: respx.Route) -> None:
    wire.respond(400, json=fault("INVALID_ARGUMENT", "no", violated("message.notification.body")))
    outcome = await send(fcm, text="\ud800")
    assert (outcome.verdict, outcome.reason) == (Verdict.REJECTED, Reason.REQUEST_REFUSED)


GONE = (Verdict.REJECTED, Reason.NOT_REACHABLE, True)
OURS = (Verdict.REJECTED, Reason.REQUEST_REFUSED, False)
TOO_BIG = "Android message is too big"
NOT_VALID = "The registration token is not a valid FCM registration token"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, recorded("fcm/unregistered"), GONE),
        (403, fault("SENDER_ID_MISMATCH"), GONE),
        (400, recorded("fcm/bad_token"), GONE),
        (400, fault("INVALID_ARGUMENT", "x", violated("message.token")), GONE),
        (400, fault("INVALID_ARGUMENT", "x", violated("message.fid")), GONE),
        (400, recorded("fcm/bad_field"), OURS),
        (400, fault("INVALID_ARGUMENT", NOT_VALID, violated("message.android.ttl")), OURS),
        (400, fault("INVALID_ARGUMENT", "x", violated("message.token", "message.data")), OURS),
        (400, fault("INVALID_ARGUMENT", "Invalid data"), OURS),
        (400, fault("INVALID_ARGUMENT", TOO_BIG), (Verdict.REJECTED, Reason.TOO_LONG, False)),
        (401, fault("THIRD_PARTY_AUTH_ERROR"), (Verdict.DEFERRED, Reason.MISCONFIGURED, False)),
        (404, fault("NOT_FOUND"), (Verdict.DEFERRED, Reason.MISCONFIGURED, False)),
        (403, fault("NEW_CODE"), (Verdict.DEFERRED, Reason.MISCONFIGURED, False)),
        (429, fault("NEW_CODE"), (Verdict.DEFERRED, Reason.THROTTLED, False)),
        (409, fault("NEW_CODE"), (Verdict.UNKNOWN, Reason.UNMAPPED, False)),
        (200, {"name": ""}, (Verdict.UNKNOWN, Reason.UNREADABLE, False)),
        (200, {"name": 7}, (Verdict.UNKNOWN, Reason.UNREADABLE, False)),
    ],
)
async def test_only_a_dead_address_gives_a_device_up(
    fcm: Fcm,
    wire: respx.Route,
    status: int,
    body: Any,
    expected: tuple[Verdict, Reason, bool],
) -> None:
    wire.respond(status, json=body)
    outcome = await send(fcm)
    assert (outcome.verdict, outcome.reason, outcome.gone) == expected


async def test_a_field_of_ours_without_fcms_code_is_never_the_devices_fault(
    fcm: Fcm, wire: respx.Route
) -> None:
    error = fault("INVALID_ARGUMENT", NOT_VALID, violated("message.token"))
    error["error"]["details"] = error["error"]["details"][1:]
    wire.respond(400, json=error)
    assert (await send(fcm)).gone is False


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_when_to_come_back_is_passed_on(fcm: Fcm, wire: respx.Route, status: int) -> None:
    code = {429: "QUOTA_EXCEEDED", 500: "INTERNAL", 503: "UNAVAILABLE"}[status]
    for body in (orjson.dumps(fault(code)), b"<html>busy</html>"):
        wire.respond(status, content=body, headers={"Retry-After": "30"})
        outcome = await send(fcm)
        assert (outcome.verdict, outcome.retry_after_s) == (Verdict.DEFERRED, 30.0)
    wire.respond(status, json=fault(code))
    outcome = await send(fcm)
    assert (outcome.verdict, outcome.retry_after_s) == (Verdict.DEFERRED, None)


async def test_a_refusal_for_good_says_no_time(fcm: Fcm, wire: respx.Route) -> None:
    headers = {"Retry-After": "30"}
    wire.respond(404, json=recorded("fcm/unregistered"), headers=headers)
    outcome = await send(fcm)
    assert outcome.retry_after_s is None
    assert (outcome.code, outcome.text) == ("UNREGISTERED", "Requested entity was not found.")


async def test_what_apps_report(fcm: Fcm) -> None:
    at = datetime(2026, 11, 22, 1, 15, 30, tzinfo=UTC)
    results = (Result.DELIVERED, Result.DELIVERED, Result.READ, Result.ACKNOWLEDGED)
    assert fcm.parse(Callback("app", {}, orjson.dumps(APPS))) == [
        Receipt(result, ref=row["ref"], code=row["what"], at=at)
        for result, row in zip(results, APPS, strict=True)
    ]
    for strange in (Callback("", {}, orjson.dumps(APPS)), Callback("app", {}, b"[7]")):
        with pytest.raises(BadCallback):
            fcm.parse(strange)


@given(st.sampled_from([200, 400, 401, 403, 404, 429, 500]), any_json("error status details name"))
def test_no_answer_breaks_it(status: int, body: Any) -> None:
    outcome = outcome_of("r", Reply(status, orjson.dumps(body)), NOW)
    assert (outcome.verdict is Verdict.ACCEPTED) == (outcome.reason is None)
    assert not outcome.gone or outcome.verdict is Verdict.REJECTED

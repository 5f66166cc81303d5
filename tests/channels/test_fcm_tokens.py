"""Access tokens of FCM: signed, kept, renewed by one for all."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from channels.adapters.fcm import Config, Fcm
from channels.contract import Outcome
from channels.transport import deadline_in
from channels.vocabulary import Reason, Verdict
from tests.channels.conformance import call
from tests.channels.google import TOKEN_URL, Clock, Google
from tests.channels.wire import plain_client, recorded
from tests.service_accounts import EMAIL, key_file, rsa_key

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fcm(clock: Clock) -> AsyncIterator[Fcm]:
    async with plain_client() as client:
        config = Config.read({"service_account": key_file()}, None)
        yield Fcm(replace(config, clock=clock), client)


@pytest.fixture
def google(respx_mock: respx.MockRouter) -> Google:
    return Google(respx_mock)


async def send(fcm: Fcm) -> Outcome:
    (outcome,) = (await fcm.send(call("push"))).outcomes
    return outcome


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_the_assertion_is_googles(fcm: Fcm, google: Google, clock: Clock) -> None:
    await send(fcm)
    form = parse_qs(google.tokens.calls.last.request.content.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, signature = form["assertion"][0].split(".")
    assert orjson.loads(part(head)) == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": "8f3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b",
    }
    assert orjson.loads(part(claims)) == {
        "iss": EMAIL,
        "scope": SCOPE,
        "aud": TOKEN_URL,
        "iat": int(clock.now),
        "exp": int(clock.now) + 3_600,
    }
    signed = f"{head}.{claims}".encode()
    rsa_key().public_key().verify(part(signature), signed, PKCS1v15(), SHA256())


async def test_a_token_is_kept_until_shortly_before_its_end(
    fcm: Fcm, google: Google, clock: Clock
) -> None:
    await send(fcm)
    clock.now += 3_598 - 300
    await send(fcm)
    assert google.tokens.call_count == 1
    clock.now += 1
    await send(fcm)
    assert google.used() == ["Bearer t1", "Bearer t1", "Bearer t2"]


@pytest.mark.parametrize("life", [0, -5, 10])
async def test_a_short_life_asks_not_for_every_message(fcm: Fcm, google: Google, life: int) -> None:
    google.life = life
    await send(fcm)
    await send(fcm)
    assert google.tokens.call_count == 1


async def test_one_fetches_for_all(fcm: Fcm, google: Google) -> None:
    outcomes = await asyncio.gather(*(send(fcm) for _ in range(20)))
    assert {one.verdict for one in outcomes} == {Verdict.ACCEPTED}
    assert google.tokens.call_count == 1


async def test_a_refused_token_is_renewed_once_for_all(fcm: Fcm, google: Google) -> None:
    await send(fcm)
    google.bad = {"Bearer t1"}
    outcomes = await asyncio.gather(*(send(fcm) for _ in range(20)))
    assert {one.verdict for one in outcomes} == {Verdict.ACCEPTED}
    assert google.tokens.call_count == 2


async def test_a_second_refusal_is_the_accounts(fcm: Fcm, google: Google) -> None:
    google.bad = {"Bearer t1", "Bearer t2"}
    outcome = await send(fcm)
    assert (outcome.verdict, outcome.reason) == (Verdict.DEFERRED, Reason.MISCONFIGURED)
    assert outcome.code == "UNAUTHENTICATED"
    assert google.used() == ["Bearer t1", "Bearer t2"]


async def test_apples_key_needs_no_new_token(fcm: Fcm, google: Google) -> None:
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": "THIRD_PARTY_AUTH_ERROR"}]
    error = {"code": 401, "status": "UNAUTHENTICATED", "message": "", "details": details}
    google.sends.side_effect = None
    google.sends.respond(401, json={"error": error})
    outcome = await send(fcm)
    assert (outcome.reason, outcome.code) == (Reason.MISCONFIGURED, "THIRD_PARTY_AUTH_ERROR")
    assert google.tokens.call_count == google.sends.call_count == 1


@pytest.mark.parametrize(
    ("status", "body", "reason", "code"),
    [
        (400, {"error": "invalid_grant"}, Reason.MISCONFIGURED, "invalid_grant"),
        (401, {"error": "invalid_client"}, Reason.MISCONFIGURED, "invalid_client"),
        (401, {}, Reason.MISCONFIGURED, "HTTP 401"),
        (400, {}, Reason.PROVIDER_DOWN, "HTTP 400"),
        (429, {"error": "rate_limit"}, Reason.THROTTLED, "HTTP 429"),
        (500, {"error": "internal_failure"}, Reason.PROVIDER_DOWN, "HTTP 500"),
        (200, {}, Reason.PROVIDER_DOWN, "HTTP 200"),
        (200, {"access_token": "a\nb"}, Reason.PROVIDER_DOWN, "HTTP 200"),
        (200, [], Reason.PROVIDER_DOWN, "HTTP 200"),
    ],
)
async def test_without_a_token_nothing_leaves_and_it_is_tried_again(
    fcm: Fcm, google: Google, status: int, body: Any, reason: Reason, code: str
) -> None:
    google.tokens.side_effect = None
    google.tokens.respond(status, json=body, headers={"Retry-After": "9"})
    answer = await fcm.send(call("push"))
    (outcome,) = answer.outcomes
    assert (outcome.verdict, outcome.reason) == (Verdict.DEFERRED, reason)
    assert outcome.code == code
    assert google.sends.call_count == 0
    assert answer.raw == b""  # a half-read token is no evidence
    google.tokens.respond(json=recorded("fcm/token_answer"))
    assert (await send(fcm)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError])
async def test_a_lost_token_loses_no_message(
    fcm: Fcm, google: Google, error: type[Exception]
) -> None:
    """Whatever became of that request, the message has not left."""
    google.tokens.side_effect = error("no")
    outcome = await send(fcm)
    assert (outcome.verdict, outcome.reason) == (Verdict.DEFERRED, Reason.PROVIDER_DOWN)


async def test_who_waits_for_a_token_waits_no_longer_than_its_deadline(
    fcm: Fcm, google: Google
) -> None:
    released = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        await released.wait()
        return httpx.Response(200, json=recorded("fcm/token_answer"))

    google.tokens.side_effect = hang
    first = asyncio.create_task(send(fcm))
    await asyncio.sleep(0)
    (second,) = (await fcm.send(replace(call("push"), deadline=deadline_in(0.2)))).outcomes
    assert (second.verdict, second.code) == (Verdict.DEFERRED, "deadline")
    released.set()
    assert (await first).verdict is Verdict.ACCEPTED

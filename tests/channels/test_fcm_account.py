"""An account at FCM: the key file it is told, and its check."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import respx

from channels import registry
from channels.adapters.fcm import Config, Fcm
from channels.management import CanCheck
from channels.registry import BadCredential
from tests.channels.google import Google
from tests.channels.wire import plain_client, recorded
from tests.service_accounts import elliptic_pem, key_file, pem


@pytest.fixture
async def fcm() -> AsyncIterator[Fcm]:
    async with plain_client() as client:
        yield Fcm(Config.read({"service_account": key_file()}, None), client)


@pytest.fixture
def google(respx_mock: respx.MockRouter) -> Google:
    return Google(respx_mock)


@pytest.mark.parametrize(
    ("part_of", "changed"),
    [
        ("type", {"type": "authorized_user"}),
        ("type", {"type": None}),
        ("project_id", {"project_id": None}),
        ("project_id", {"project_id": "../x"}),
        ("project_id", {"project_id": 7}),
        ("client_email", {"client_email": "nobody"}),
        ("client_email", {"client_email": None}),
        ("private_key", {"private_key": None}),
        ("private_key", {"private_key": "s3cret"}),
        ("private_key", {"private_key": pem()[:-200]}),
        ("private_key", {"private_key": "키"}),
        ("private_key", {"private_key": elliptic_pem()}),
        ("private_key", {"private_key": pem("small", 1_024)}),
        ("private_key_id", {"private_key_id": "a b"}),
        ("token_uri", {"token_uri": "https://evil.example/token"}),
        ("token_uri", {"token_uri": "http://oauth2.googleapis.com/token"}),
        ("token_uri", {"token_uri": "https://evilgoogleapis.com/token"}),
        ("token_uri", {"token_uri": 7}),
    ],
)
def test_a_broken_key_file_is_refused_by_the_name_of_its_field(
    part_of: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(BadCredential) as bad:
        registry.build("fcm", {"service_account": key_file(**changed)}, plain_client())
    assert bad.value.names == ("service_account", f"service_account.{part_of}")
    assert "s3cret" not in str(bad.value)


@pytest.mark.parametrize("text", ["{", "[]", "7", '"service_account"', "키 파일"])
def test_what_is_no_key_file_at_all(text: str) -> None:
    with pytest.raises(BadCredential) as bad:
        registry.build("fcm", {"service_account": text}, plain_client())
    assert bad.value.names == ("service_account",)


def test_a_base_url_stands_in_for_both_addresses_of_google() -> None:
    given = {"service_account": key_file(token_uri="http://127.0.0.1:8001/fcm/token")}
    config = Config.read(given, "http://127.0.0.1:8001/fcm/")
    assert config.token_url == "http://127.0.0.1:8001/fcm/token"
    assert config.send_url == "http://127.0.0.1:8001/fcm/v1/projects/naru-shop/messages:send"


async def test_the_check_sends_nothing_to_nobody(fcm: Fcm, google: Google) -> None:
    google.sends.side_effect = None
    google.sends.respond(400, json=recorded("fcm/bad_token"))
    assert isinstance(fcm, CanCheck)
    health = await fcm.check()
    assert (health.ok, health.problems, health.details) == (True, (), {"project": "naru-shop"})
    asked = orjson.loads(google.sends.calls.last.request.content)
    assert asked["validateOnly"] is True
    assert asked["message"]["token"] == "naru-check"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "PERMISSION_DENIED", "역할"),
        (401, "UNAUTHENTICATED", "UNAUTHENTICATED"),
        (401, "THIRD_PARTY_AUTH_ERROR", "APNs"),
        (404, "NOT_FOUND", "naru-shop"),
        (503, "UNAVAILABLE", "UNAVAILABLE"),
        (500, "", "HTTP 500"),
        (200, None, ""),
        (404, "UNREGISTERED", ""),
        (403, "SENDER_ID_MISMATCH", ""),
    ],
)
async def test_only_the_credentials_faults_are_problems(
    fcm: Fcm, google: Google, status: int, code: str | None, said: str
) -> None:
    google.sends.side_effect = None
    body = {"error": {"status": code, "message": "why"}} if code else {"name": "projects/p/m/1"}
    google.sends.respond(status, json=body if code != "" else {})
    health = await fcm.check()
    assert health.ok == (said == "")
    assert (said in "".join(health.problems)) or not said


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "시계"),
        (500, {}, "HTTP 500"),
    ],
)
async def test_a_check_without_a_token(
    fcm: Fcm, google: Google, status: int, body: Any, said: str
) -> None:
    google.tokens.side_effect = None
    google.tokens.respond(status, json=body)
    health = await fcm.check()
    assert not health.ok
    assert said in "".join(health.problems)

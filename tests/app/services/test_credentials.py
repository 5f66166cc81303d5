"""What an operator tells of an account: checked before it is kept."""

from typing import Any

import pytest

from app.config import Settings
from app.errors import Invalid
from app.services.credentials import NewAccount, at_sandbox, check_new
from tests.app.api.shop import HUB, NHN

SETTINGS = Settings(sandbox_url="http://127.0.0.1:8001")


def new(**given: Any) -> NewAccount:
    fields = {"name": "a", "adapter": "nhn", "mode": "sandbox", "credentials": NHN}
    return NewAccount(**(fields | given))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"adapter": "pigeon"}, "unknown_provider", "adapter"),
        ({"mode": "test"}, "unknown_mode", "mode"),
        ({"name": "  "}, "bad_name", "name"),
        ({"name": "x" * 101}, "bad_name", "name"),
        ({"credentials": {}}, "missing_credential", "credentials.app_key"),
        (
            {"credentials": {**NHN, "sms_app_key": " "}},
            "missing_credential",
            "credentials.sms_app_key",
        ),
        (
            {"credentials": {**NHN, "callback_secret": "x"}},
            "unknown_credential",
            "credentials.callback_secret",
        ),
        ({"credentials": {**NHN, "app_key": "키"}}, "bad_credential", "credentials.app_key"),
        ({"prices": {"pigeon": 3}}, "unknown_route", "prices.pigeon"),
        ({"prices": {"sms": -1}}, "bad_price", "prices.sms"),
        ({"prices": {"sms": 6.555}}, "bad_price", "prices.sms"),
        ({"prices": {"sms": float("nan")}}, "bad_price", "prices.sms"),
        ({"batch": 0}, "bad_limit", "batch"),
        ({"rate_per_s": -1.0}, "bad_limit", "rate_per_s"),
        ({"deadline_s": 2.5}, "settle_too_short", "settle_s"),
        ({"deadline_s": 3.0, "settle_s": 3.9}, "settle_too_short", "settle_s"),
        ({"mode": "live", "settle_s": 3.0}, "settle_too_short", "settle_s"),
        (
            {
                "adapter": "consult",
                "mode": "live",
                "credentials": {**HUB, "hub_url": "http://127.0.0.1:8001/consult"},
            },
            "live_at_sandbox",
            "credentials",
        ),
        (
            {"adapter": "consult", "mode": "live", "credentials": {"client_id": "a"}},
            "missing_credential",
            "credentials.client_secret",
        ),
    ],
)
async def test_what_cannot_be_an_account(given: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await check_new(SETTINGS, new(**given))
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("sandbox", "address", "refused"),
    [
        ("http://127.0.0.1:8001", "http://localhost:8001/relay", True),
        ("http://127.0.0.1:8001", "http://LOCALHOST:8001", True),
        ("http://127.0.0.1:8001", "http://[::1]:8001/relay", True),
        ("http://127.0.0.1:8001", "http://0.0.0.0:8001", True),
        ("http://127.0.0.1:8001", " http://me@127.0.0.2:8001/x ", True),
        ("http://localhost", "http://127.0.0.1:80/", True),
        ("https://sandbox.example", "https://Sandbox.Example.:443/relay", True),
        ("https://sandbox.example:8443", "https://sandbox.example/relay", False),
        ("http://127.0.0.1:8001", "http://127.0.0.1:9001/relay", False),
        ("http://127.0.0.1:8001", "https://relay.example:8001", False),
        ("http://127.0.0.1:8001", "http://127.0.0.1:port", False),
        ("http://127.0.0.1:8001", "", False),
    ],
)
def test_the_sandbox_is_known_by_any_of_its_names(
    sandbox: str, address: str, refused: bool
) -> None:
    settings = Settings(sandbox_url=sandbox)
    assert at_sandbox(settings, "live", "relay", {"relay_url": address}) is refused
    assert at_sandbox(settings, "sandbox", "relay", {"relay_url": address}) is False


async def test_missing_credentials_are_named_with_what_they_are() -> None:
    with pytest.raises(Invalid) as refused:
        await check_new(SETTINGS, new(credentials={"app_key": "a"}))
    names = ["secret_key", "sms_app_key", "sms_secret_key"]
    assert refused.value.data == {"names": names}
    assert all(name in refused.value.detail for name in names)


async def test_a_sandbox_account_is_quick_unless_told_otherwise() -> None:
    checked = await check_new(SETTINGS, new())
    assert (checked.deadline_s, checked.settle_s) == (1.5, 3.0)
    slow = await check_new(SETTINGS, new(deadline_s=5.0, settle_s=6.0))
    assert (slow.deadline_s, slow.settle_s) == (5.0, 6.0)


async def test_a_live_account_keeps_the_limits_of_its_routes() -> None:
    checked = await check_new(SETTINGS, new(mode="live"))
    assert (checked.batch, checked.deadline_s, checked.settle_s) == (None, None, None)


async def test_the_sandbox_needs_no_address_of_a_hub() -> None:
    without = {name: value for name, value in HUB.items() if name != "hub_url"}
    await check_new(SETTINGS, new(adapter="consult", credentials=without))


def test_credentials_are_not_shown() -> None:
    assert "sk" not in repr(new(name="a", adapter="nhn")).replace("prices", "")

"""The registry: every provider is described, built, and says clearly what is missing."""

from collections.abc import AsyncIterator

import httpx
import pytest

from channels.contract import Adapter
from channels.registry import (
    PROVIDERS,
    BadCredential,
    MissingCredential,
    UnknownProvider,
    build,
)
from tests.channels.wire import plain_client
from tests.service_accounts import key_file

GIVEN = {
    "nhn": {"app_key": "a", "secret_key": "b", "sms_app_key": "c", "sms_secret_key": "d"},
    "consult": {"client_id": "a", "client_secret": "b", "hub_url": "https://hub.example"},
    "solapi": {"api_key": "a", "api_secret": "b"},
    "fcm": {"service_account": key_file()},
    "relay": {"relay_url": "https://relay.example", "key": "a", "signing_secret": "b"},
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with plain_client() as made:
        yield made


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_is_whole(name: str, client: httpx.AsyncClient) -> None:
    provider = PROVIDERS[name]
    adapter = build(name, GIVEN[name], client)
    assert isinstance(adapter, Adapter)
    assert adapter.name == provider.name == name
    assert adapter.routes == provider.routes
    assert all(route.name == key for key, route in provider.routes.items())
    assert provider.title_ko
    assert provider.title_en
    assert all(one.help_ko and one.help_en for one in provider.credentials)


@pytest.mark.parametrize("name", PROVIDERS)
def test_no_repr_tells_a_credential(name: str, client: httpx.AsyncClient) -> None:
    secrets = {key: f"s3cret{key}" for key in GIVEN[name] if not key.endswith("_url")}
    if name == "fcm":
        secrets = {"service_account": key_file(client_email="s3cret@a", private_key_id="s3cret")}
    adapter = build(name, GIVEN[name] | secrets, client)
    assert "s3cret" not in repr(adapter)
    assert "s3cret" not in repr(list(vars(adapter).values()))


def test_nobody(client: httpx.AsyncClient) -> None:
    with pytest.raises(UnknownProvider, match="nobody"):
        build("nobody", {}, client)


def test_missing_ones_are_named(client: httpx.AsyncClient) -> None:
    with pytest.raises(MissingCredential) as missing:
        build("nhn", {"app_key": "a", "secret_key": "  ", "sms_app_key": "c"}, client)
    assert missing.value.names == ("secret_key", "sms_secret_key")


def test_a_base_url_stands_in_for_an_address(client: httpx.AsyncClient) -> None:
    given = {"client_id": "a", "client_secret": "b"}
    with pytest.raises(MissingCredential) as missing:
        build("consult", given, client)
    assert missing.value.names == ("hub_url",)
    build("consult", given, client, "http://127.0.0.1:8001/consult")


@pytest.mark.parametrize("value", ["비밀", "a\nb", "a\x00b"])
def test_what_no_header_can_carry_is_refused(client: httpx.AsyncClient, value: str) -> None:
    with pytest.raises(BadCredential) as bad:
        build("nhn", GIVEN["nhn"] | {"secret_key": value}, client)
    assert bad.value.names == ("secret_key",)
    assert value not in str(bad.value)


@pytest.mark.parametrize(
    "url",
    ["", "hub.example", "ftp://hub.example", "http://", "http://[::1", "http://a b", "http://a:0"],
)
def test_addresses_are_checked(client: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(BadCredential) as bad:
        build("nhn", GIVEN["nhn"], client, url)
    assert bad.value.names == ("base_url",)
    if url:
        with pytest.raises(BadCredential) as bad:
            build("consult", GIVEN["consult"] | {"hub_url": url}, client)
        assert bad.value.names == ("hub_url",)


def test_credentials_are_trimmed(client: httpx.AsyncClient) -> None:
    build("nhn", {key: f" {value}\n" for key, value in GIVEN["nhn"].items()}, client)

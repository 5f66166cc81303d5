"""The list of a closed network: what it names, and nothing else."""

import httpx
import pytest

from app.config import Settings
from app.guard import Guard, Refused
from app.outbound import Outbound, connect, is_here, origins, parse
from channels.outlet import OutsideClosedNetwork
from channels.transport import Trouble, deadline_in, get
from channels.vocabulary import Reason
from tests.consumer import Consumer, serving

LIST = "relay.internal, db:5432, http://10.1.2.3:8080, 10.2.0.0/16, [fd00::1]:9000, fd01::/16"


def closed(allowed: str = LIST, **more: object) -> Settings:
    return Settings(closed_network=True, allowed_hosts=allowed, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://relay.internal/x", True),
        ("https://relay.internal:9443/x", True),
        ("https://RELAY.internal./x", True),
        ("http://relay.internal/x", False),  # plain http is not named
        ("https://relay.internal.evil.example/x", False),
        ("https://evil-relay.internal/x", False),
        ("https://user@relay.internal/x", True),
        ("https://relay.internal@evil.example/x", False),
        ("postgresql://u:p@db:5432/naru", True),
        ("postgresql://u:p@db/naru", True),
        ("postgresql+asyncpg://u:p@db/naru", True),
        ("postgresql://u:p@db:5433/naru", False),
        ("http://10.1.2.3:8080/hook", True),
        ("https://10.1.2.3:8080/hook", True),
        ("http://10.1.2.3/hook", False),
        ("https://10.2.200.1/x", True),
        ("https://10.3.0.1/x", False),
        ("https://[fd00::1]:9000/x", True),
        ("https://[fd00::1]/x", False),
        ("https://[fd01::9]/x", True),
        ("https://fcm.googleapis.com/v1", False),
        ("http://127.0.0.1:8001/nhn", True),
        ("http://localhost:8001/nhn", True),
        ("http://[::1]:8001/nhn", True),
        ("https://example.com:99999/", False),
        ("https:///x", True),  # names no host: nothing can be contacted
    ],
)
def test_what_is_allowed(url: str, is_allowed: bool) -> None:
    assert Outbound(closed()).allows(url) is is_allowed
    assert Outbound(Settings()).allows(url)


@pytest.mark.parametrize(
    "word", ["ftp://x", "a b", "https://relay/path", "-x", "x:port", "x:99999", "10.0.0.1/8", "@x"]
)
def test_a_word_that_is_no_place_is_named(word: str) -> None:
    with pytest.raises(ValueError, match="NARU_ALLOWED_HOSTS") as refusal:
        parse(f"relay.internal, {word}")
    assert repr(word) in str(refusal.value)


def test_a_list_may_be_empty() -> None:
    assert parse(" , ") == ()
    assert not Outbound(closed("")).allows("https://relay.internal")


def test_a_database_outside_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"database is at db\.outside"):
        Outbound(closed(database_url="postgresql://u:secret@db.outside/naru"))
    assert Outbound(closed(database_url="postgresql://u:p@127.0.0.1/naru")).closed


def test_places_are_shown_without_what_is_secret() -> None:
    urls = ["https://u:p@h.example:443/secret?key=1", "http://[::1]:80/x", "https://h.example/y"]
    assert origins(urls) == ("https://h.example", "http://[::1]")
    assert origins(["https://h.example:8443/a"]) == ("https://h.example:8443",)


@pytest.mark.parametrize("url", ["http://127.0.0.2/", "http://localhost./", "http://[::1]/"])
def test_this_machine(url: str) -> None:
    assert is_here(url)
    assert not is_here("http://10.0.0.1/")


async def test_a_provider_outside_is_not_contacted() -> None:
    """Surely nothing left, so the message waits as it does for one that is down."""
    async with connect(closed()) as client:
        answer = await get(client, "https://naru.invalid/v1", {}, {}, deadline_in(30))
    assert isinstance(answer, Trouble)
    assert (answer.sent, answer.what) == (False, OutsideClosedNetwork.__name__)
    assert answer.reason is Reason.NO_ANSWER


async def test_the_sandbox_here_is_contacted() -> None:
    async with serving(Consumer()) as there, connect(closed()) as client:
        answer = await get(client, there.url(), {}, {}, deadline_in(30))
    assert not isinstance(answer, Trouble)
    assert answer.status == 200


async def test_a_hook_goes_to_what_is_named_though_it_is_inside() -> None:
    async with serving(Consumer()) as there:
        named = closed(f"http://127.0.0.1:{there.port}")
        async with Guard(named) as client:
            assert (await client.post(there.url(), b"{}", {})).status == 200
            for url in ("https://example.com/hook", f"http://127.0.0.1:{there.port + 1}/hook"):
                with pytest.raises(Refused) as refused:
                    await client.post(url, b"{}", {})
                assert refused.value.code == "outside_closed_network"
        async with Guard(closed("10.0.0.0/8")) as client:  # this machine is no exception there
            with pytest.raises(Refused):
                await client.check(there.url())
        assert there.connections == 1


async def test_an_open_network_keeps_its_own_rules() -> None:
    async with Guard(Settings(allowed_hosts="http://127.0.0.1")) as client:
        with pytest.raises(Refused) as refused:
            await client.check("http://127.0.0.1/hook")
    assert refused.value.code == "bad_url"


async def test_the_way_is_closed_with_its_client() -> None:
    client = connect(closed())
    await client.aclose()
    with pytest.raises(RuntimeError):
        await client.send(httpx.Request("GET", "http://127.0.0.1/"))

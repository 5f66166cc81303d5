"""Fetching a file goes by the same judgement, is cut at its limit, and knows the sandbox."""

from collections.abc import AsyncIterator, Sequence

import pytest

from app.config import Settings
from app.guard import Guard, NoAnswer, Refused
from tests.consumer import Consumer, serving, status


def answer(data: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {length or len(data)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + data


@pytest.fixture
async def listener() -> AsyncIterator[Consumer]:
    async with serving(Consumer()) as consumer:
        yield consumer


def at(consumer: Consumer, **more: object) -> Settings:
    """Settings whose sandbox is this server."""
    url = f"http://127.0.0.1:{consumer.port}"
    return Settings.model_validate({"env": "development", "sandbox_url": url} | more)


async def test_a_rehearsal_may_fetch_from_the_sandbox(listener: Consumer) -> None:
    listener.answer = lambda heard: answer(b"picture")
    async with Guard(at(listener)) as client:
        reply = await client.fetch(listener.url(), 100, sandbox=True)
    assert (reply.status, reply.body, reply.whole) == (200, b"picture", True)
    (heard,) = listener.heard
    assert (heard.line, heard.body) == ("GET /hook HTTP/1.1", b"")
    assert heard.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("env", "sandbox", "host"),
    [
        ("production", True, "127.0.0.1"),
        ("development", False, "127.0.0.1"),  # a live account's customer names our sandbox
        ("development", True, "localhost"),  # exactly as the settings name it
        ("development", True, "127.0.0.1:1"),
    ],
)
async def test_nobody_else_may(listener: Consumer, env: str, sandbox: bool, host: str) -> None:
    url = f"http://{host}/a" if ":" in host else listener.url(host)
    async with Guard(at(listener, env=env)) as client:
        with pytest.raises(Refused):
            await client.fetch(url, 100, sandbox=sandbox)
    assert listener.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/a", "https://169.254.169.254/latest", "https://[::1]/a", "file:///a",
        "http://127.0.0.1@shop.example/", "https://shop.example:22/", "", "http://[",
    ],
)  # fmt: skip
@pytest.mark.parametrize("sandbox", [True, False])
async def test_inner_and_odd_addresses_are_refused(
    listener: Consumer, url: str, sandbox: bool
) -> None:
    async with Guard(at(listener)) as client:
        with pytest.raises(Refused):
            await client.fetch(url, 100, sandbox=sandbox)


async def test_a_name_of_inner_addresses_is_refused() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["8.8.8.8", "127.0.0.1"]

    async with Guard(Settings(), resolve=resolve) as client:
        with pytest.raises(Refused):
            await client.fetch("https://shop.example/a", 100)


async def test_a_file_over_the_limit_is_cut(listener: Consumer) -> None:
    listener.answer = lambda heard: answer(b"a" * 3_000_000)
    async with Guard(at(listener)) as client:
        cut = await client.fetch(listener.url(), 200_000, sandbox=True)
        exact = await client.fetch(listener.url(), 3_000_000, sandbox=True)
    assert (len(cut.body), cut.whole) == (200_000, False)
    assert (len(exact.body), exact.whole) == (3_000_000, True)


async def test_half_a_file_is_no_file(listener: Consumer) -> None:
    listener.answer = lambda heard: answer(b"half", length=8)
    async with Guard(at(listener)) as client:
        with pytest.raises(NoAnswer) as no:
            await client.fetch(listener.url(), 100, sandbox=True)
    assert no.value.code == "cut"


async def test_redirects_are_not_followed(listener: Consumer) -> None:
    listener.answer = lambda heard: status(302, f"Location: {listener.url()}")
    async with Guard(at(listener)) as client:
        assert (await client.fetch(listener.url(), 100, sandbox=True)).status == 302
    assert listener.connections == 1


async def test_a_slow_one_ends_at_the_deadline(listener: Consumer) -> None:
    listener.hangs_s = 5.0
    async with Guard(at(listener)) as client:
        with pytest.raises(NoAnswer) as no:
            await client.fetch(listener.url(), 100, sandbox=True, total_s=0.1)
    assert no.value.code == "timeout"
    listener.hangs_s = 0.0

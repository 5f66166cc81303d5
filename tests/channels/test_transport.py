"""The transport over real sockets: what is certainly not sent, and what may have arrived."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import respx

from channels.transport import LARGEST_ANSWER, Reply, Trouble, connect, get, post
from channels.vocabulary import Reason
from tests.channels.certificates import self_signed
from tests.channels.sockets import OK, Behave, serving, write
from tests.channels.wire import plain_client

BODY = {"text": "안녕하세요"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with connect(connections=4, connect_s=0.5, pool_s=0.3) as made:
        yield made


async def send(client: httpx.AsyncClient, url: str, within_s: float = 3.0) -> Reply | Trouble:
    return await post(client, url, BODY, {"X-Key": "k"}, time.monotonic() + within_s)


async def answer_ok(n: int, writer: asyncio.StreamWriter) -> bool:
    await write(writer, OK)
    return True


async def hang_up(n: int, writer: asyncio.StreamWriter) -> bool:
    return False


async def reset(n: int, writer: asyncio.StreamWriter) -> bool:
    writer.transport.abort()
    return False


def saying(data: bytes) -> Behave:
    async def say(n: int, writer: asyncio.StreamWriter) -> bool:
        await write(writer, data)
        return False

    return say


HEAD = b"HTTP/1.1 200 OK\r\n"
cut_head = saying(HEAD + b"Content-Le")
cut_body = saying(HEAD + b"Content-Length: 200\r\n\r\n{")
cut_long_body = saying(HEAD + b"Content-Length: 900000\r\n\r\n" + b" " * 400_000)
cut_chunk = saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{")
not_http = saying(b"SSH-2.0-OpenSSH\r\n\r\n")
bad_gzip = saying(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")


async def silence(n: int, writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(30)
    return False


async def drip(n: int, writer: asyncio.StreamWriter) -> bool:
    await write(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
    for _ in range(400):
        await write(writer, b" ")
        await asyncio.sleep(0.05)
    return False


async def test_a_whole_answer_comes_back(client: httpx.AsyncClient) -> None:
    async with serving(answer_ok) as seen:
        assert await send(client, seen.url()) == Reply(200, b"{}")
        assert await get(
            client, seen.url(), {"이름": "김 하나"}, {}, time.monotonic() + 3
        ) == Reply(200, b"{}")
    written, asked = (request.lower() for request in seen.requests)
    assert written.startswith(b"post /a http/1.1\r\n")
    assert written.endswith('{"text":"안녕하세요"}'.encode())
    assert b"x-key: k" in written
    assert b"content-type: application/json;charset=utf-8" in written
    assert b"user-agent: naru\r\n" in written
    assert asked.startswith(b"get /a?%ec%9d%b4%eb%a6%84=")
    assert seen.connections == 1


async def test_half_a_surrogate_pair_is_the_providers_to_refuse(client: httpx.AsyncClient) -> None:
    async with serving(answer_ok) as seen:
        answer = await post(client, seen.url(), {"t": "\ud83d"}, {}, time.monotonic() + 3)
    assert isinstance(answer, Reply)
    assert seen.requests[0].endswith(b'{"t": "\\ud83d"}')


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "http://no-such-host.invalid/a"], ids=["refused", "dns"]
)
async def test_no_connection_is_not_sent(client: httpx.AsyncClient, url: str) -> None:
    """P01: nothing left, so it is tried again."""
    assert await send(client, url) == Trouble(False, Reason.NO_ANSWER, "ConnectError")


async def test_a_certificate_we_do_not_trust_is_not_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """P01: TLS."""
    monkeypatch.delenv("SSL_CERT_FILE")  # ask the machine's own authorities
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(self_signed(tmp_path))
    async with connect() as client, serving(answer_ok, tls) as seen:
        answer = await send(client, seen.url("https"))
    assert answer == Trouble(False, Reason.NO_ANSWER, "ConnectError")
    assert seen.requests == []


async def test_a_handshake_that_never_ends_is_not_sent(client: httpx.AsyncClient) -> None:
    """P01: TLS, and nobody answers."""
    async with serving(answer_ok) as seen:  # reads on, and never says a word of TLS
        answer = await send(client, seen.url("https"))
    assert answer == Trouble(False, Reason.NO_ANSWER, "ConnectTimeout")


async def test_a_full_pool_is_not_sent() -> None:
    async with connect(connections=1, pool_s=0.1) as client, serving(silence) as seen:
        first = asyncio.create_task(send(client, seen.url(), 1.0))
        await asyncio.sleep(0.1)
        second = await send(client, seen.url(), 1.0)
        assert second == Trouble(False, Reason.NO_ANSWER, "PoolTimeout")
        lost = await first
    assert isinstance(lost, Trouble)
    assert lost.sent
    assert len(seen.requests) == 1


async def test_only_a_connection_never_made_is_tried_once_more(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.post("http://provider.example/a")
    down, lost = httpx.ConnectError("down"), httpx.ReadError("lost")
    cases: list[tuple[list[httpx.Response | Exception], Reply | Trouble, int]] = [
        ([down, httpx.Response(200)], Reply(200, b""), 2),
        ([down, down], Trouble(False, Reason.NO_ANSWER, "ConnectError"), 2),
        ([down, lost], Trouble(True, Reason.NO_ANSWER, "cut"), 2),
        ([lost], Trouble(True, Reason.NO_ANSWER, "cut"), 1),
    ]
    async with plain_client() as plain:
        for effects, answer, tries in cases:
            before = route.call_count
            route.side_effect = effects
            assert await send(plain, "http://provider.example/a") == answer
            assert route.call_count == before + tries
        before = route.call_count
        route.side_effect = down  # and no time for a second try
        await send(plain, "http://provider.example/a", 0.25)
        assert route.call_count == before + 1


@pytest.mark.parametrize(
    "behave",
    [hang_up, reset, cut_head, cut_body, cut_long_body, cut_chunk, not_http, bad_gzip],
)
async def test_what_was_read_may_have_arrived_and_is_never_repeated(
    client: httpx.AsyncClient, behave: Behave
) -> None:
    """P02, P03: cut in every way; one request, and nobody knows."""
    async with serving(behave) as seen:
        answer = await send(client, seen.url())
        await asyncio.sleep(0.3)  # time for a silent second try to show itself
    assert isinstance(answer, Trouble)
    assert (answer.sent, answer.reason) == (True, Reason.NO_ANSWER)
    assert len(seen.requests) == 1


@pytest.mark.parametrize("behave", [hang_up, reset, cut_head, cut_body])
async def test_a_reused_connection_that_breaks_is_not_repeated_either(
    client: httpx.AsyncClient, behave: Behave
) -> None:
    async def once_well(n: int, writer: asyncio.StreamWriter) -> bool:
        return await (answer_ok if n == 1 else behave)(n, writer)

    async with serving(once_well) as seen:
        assert await send(client, seen.url()) == Reply(200, b"{}")
        answer = await send(client, seen.url())
        await asyncio.sleep(0.3)
    assert isinstance(answer, Trouble)
    assert answer.sent
    assert (len(seen.requests), seen.connections) == (2, 1)


async def test_a_connection_reset_on_arrival_may_have_been_read(client: httpx.AsyncClient) -> None:
    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    async with server:
        answer = await send(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a")
    assert isinstance(answer, Trouble)
    assert answer.sent


@pytest.mark.parametrize("behave", [silence, drip])
async def test_the_deadline_ends_everything(client: httpx.AsyncClient, behave: Behave) -> None:
    """P06: silence, and one byte at a time: a total deadline, not one between bytes."""
    async with serving(behave) as seen:
        started = time.monotonic()
        answer = await send(client, seen.url(), 0.4)
        took = time.monotonic() - started
    assert isinstance(answer, Trouble)
    assert (answer.sent, answer.reason) == (True, Reason.NO_ANSWER)
    assert 0.3 < took < 15
    assert len(seen.requests) == 1


async def test_a_deadline_in_the_past_sends_nothing(client: httpx.AsyncClient) -> None:
    async with serving(answer_ok) as seen:
        assert await send(client, seen.url(), -1) == Trouble(False, Reason.NO_ANSWER, "deadline")
    assert seen.connections == 0


async def test_timed_out_requests_give_their_connections_back() -> None:
    async def first_hangs(n: int, writer: asyncio.StreamWriter) -> bool:
        return await (silence if n <= 2 else answer_ok)(n, writer)

    async with connect(connections=2, pool_s=0.5) as client, serving(first_hangs) as seen:
        lost = await asyncio.gather(*(send(client, seen.url(), 0.3) for _ in range(2)))
        assert all(isinstance(one, Trouble) and one.sent for one in lost)
        assert await send(client, seen.url()) == Reply(200, b"{}")


async def test_a_cancelled_request_stops_at_its_deadline() -> None:
    async def first_hangs(n: int, writer: asyncio.StreamWriter) -> bool:
        return await (silence if n == 1 else answer_ok)(n, writer)

    async with connect(connections=1, pool_s=2.0) as client, serving(first_hangs) as seen:
        task = asyncio.create_task(send(client, seen.url(), 0.8))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await send(client, seen.url()) == Reply(200, b"{}")


async def test_an_answer_too_large_is_not_read_on(client: httpx.AsyncClient) -> None:
    async def flood(n: int, writer: asyncio.StreamWriter) -> bool:
        await write(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        for _ in range(4 * LARGEST_ANSWER // 0x100000):
            await write(writer, piece)
        return False

    async with serving(flood) as seen:
        answer = await send(client, seen.url())
    assert answer == Trouble(True, Reason.UNREADABLE, "too large")
    assert len(seen.requests) == 1


@pytest.mark.parametrize("status", [302, 408, 421, 503])
async def test_redirects_and_invitations_to_retry_are_not_followed(
    client: httpx.AsyncClient, status: int
) -> None:
    async def say(n: int, writer: asyncio.StreamWriter) -> bool:
        head = f"HTTP/1.1 {status} X\r\nLocation: /b\r\nRetry-After: 0\r\n"
        await write(writer, head.encode() + b"Set-Cookie: s=1\r\nContent-Length: 0\r\n\r\n")
        return True

    async with serving(say) as seen:
        assert await send(client, seen.url()) == Reply(status, b"", "0")
        assert len(seen.requests) == 1
        await send(client, seen.url())
    assert b"cookie" not in seen.requests[1].lower()


async def test_nothing_is_taken_from_the_environment(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with connect() as fresh, serving(answer_ok) as seen:
        assert await send(fresh, seen.url()) == Reply(200, b"{}")


async def test_a_machine_without_certificates_still_connects(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with connect() as bare, serving(answer_ok) as seen:
        assert await send(bare, seen.url()) == Reply(200, b"{}")

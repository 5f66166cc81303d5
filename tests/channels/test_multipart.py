"""Giving a provider a file over real sockets: whole, with its length, once."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from channels.management import Picture
from channels.multipart import post_file
from channels.outlet import connect
from channels.transport import Reply, Trouble
from channels.vocabulary import Reason
from tests.channels.sockets import Behave, Seen, serving
from tests.channels.test_transport import answer_ok, cut_head, reset, silence

# every byte there is, and what could end a part too early
DATA = bytes(range(256)) * 1_200 + b"\r\n--\r\n"
PICTURE = Picture('배너 "1".png', "image/png", DATA)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with connect(connections=4, connect_s=0.5, pool_s=0.3) as made:
        yield made


async def give(client: httpx.AsyncClient, url: str, within_s: float = 3.0) -> Reply | Trouble:
    return await post_file(client, url, PICTURE, {"X-Key": "k"}, time.monotonic() + within_s)


def parts(seen: Seen) -> tuple[bytes, bytes, bytes]:
    """The head of the request, the head of its one part, and what the part holds."""
    head, _, body = seen.requests[0].partition(b"\r\n\r\n")
    mark = head.split(b"boundary=")[1].split(b"\r\n")[0]
    start, end = b"--" + mark + b"\r\n", b"\r\n--" + mark + b"--\r\n"
    assert body.startswith(start)
    assert body.endswith(end)
    about, _, data = body[len(start) : -len(end)].partition(b"\r\n\r\n")
    return head.lower(), about, data


async def test_a_file_arrives_byte_for_byte(client: httpx.AsyncClient) -> None:
    async with serving(answer_ok) as seen:
        assert await give(client, seen.url()) == Reply(200, b"{}")
    head, about, data = parts(seen)
    assert head.startswith(b"post /a http/1.1\r\n")
    assert b"content-type: multipart/form-data; boundary=" in head
    assert b"x-key: k" in head
    assert b"transfer-encoding" not in head
    assert about.decode().split("\r\n") == [
        'Content-Disposition: form-data; name="file"; filename="배너 %221%22.png"',
        "Content-Type: image/png",
    ]
    assert data == DATA


@pytest.mark.parametrize("behave", [reset, cut_head])
async def test_a_file_that_was_read_is_given_once(
    client: httpx.AsyncClient, behave: Behave
) -> None:
    async with serving(behave) as seen:
        answer = await give(client, seen.url())
    assert answer == Trouble(True, Reason.NO_ANSWER, "cut")
    assert len(seen.requests) == 1


async def test_its_deadline_ends_it(client: httpx.AsyncClient) -> None:
    async with serving(silence) as seen:
        started = time.monotonic()
        answer = await give(client, seen.url(), 0.4)
        assert 0.3 < time.monotonic() - started < 15
        assert await give(client, seen.url(), -1) == Trouble(False, Reason.NO_ANSWER, "deadline")
    assert isinstance(answer, Trouble)
    assert (answer.sent, answer.reason) == (True, Reason.NO_ANSWER)
    assert len(seen.requests) == 1


async def test_without_a_connection_nothing_left(client: httpx.AsyncClient) -> None:
    answer = await give(client, "http://127.0.0.1:1/a")
    assert answer == Trouble(False, Reason.NO_ANSWER, "ConnectError")


class Down(httpx.AsyncBaseTransport):
    """Finds no connection at first."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)  # bytes already, not a stream to be used up
        if len(self.bodies) == 1:
            raise httpx.ConnectError("down")
        return httpx.Response(200)


async def test_a_second_try_carries_the_whole_file_again() -> None:
    down = Down()
    async with httpx.AsyncClient(transport=down) as made:
        assert await give(made, "http://provider.example/a") == Reply(200, b"")
    first, second = down.bodies
    assert first == second
    assert DATA in first

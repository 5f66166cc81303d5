"""Password and foreign pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from sandbox.cut import Receive, Scope, Send
from sandbox.guard import MOST_ADDRESSES, MOST_WRONG, WINDOW_S, Guard, Guesses
from sandbox.main import create_app


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        ("/desk/api/settings", None, 401),
        ("/desk/api/settings", ("any", "wrong"), 401),
        ("/desk/api/settings", ("any", "right"), 200),
        ("/", None, 401),
        ("/latest", None, 401),
        ("/desk/api/docs", None, 401),
        ("/desk/api/docs/files/swagger-ui.css", None, 401),
        ("/stream", None, 401),
        ("/health/live", None, 200),
        ("/nhn/none", None, 200),
    ],
)
async def test_who_may_in(
    tmp_path: Path, path: str, auth: tuple[str, str] | None, status: int
) -> None:
    app = create_app(tmp_path / "s.db", password="right")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        answer = await client.get(path, auth=auth)
    app.state.store.close()
    assert answer.status_code == status


async def test_a_foreign_page_may_not_change_anything(tmp_path: Path) -> None:
    app = create_app(tmp_path / "s.db")
    transport = httpx.ASGITransport(app)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        refused = await client.post("/desk/api/reset", headers=foreign)
        allowed = await client.post("/desk/api/reset")
    app.state.store.close()
    assert (refused.status_code, allowed.status_code) == (403, 204)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def welcome(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("in")(scope, receive, send)


@asynccontextmanager
async def browser(guard: Guard, address: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(guard, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        yield client


async def test_guessing_ends_soon_for_the_one_address_that_guesses() -> None:
    clock = Clock()
    guard = Guard(welcome, "right", Guesses(clock))
    wrong, right = ("any", "wrong"), ("any", "right")
    async with browser(guard, "10.0.0.1") as guesser, browser(guard, "10.0.0.2") as other:
        for _ in range(3 * MOST_WRONG):  # a browser first asks without
            assert (await guesser.get("/")).status_code == 401
        told = [(await guesser.get("/", auth=wrong)).status_code for _ in range(MOST_WRONG + 1)]
        assert told == [401] * MOST_WRONG + [429]
        refused = await guesser.get("/", auth=right)  # else guessing would go on
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "61")
        assert (await other.get("/", auth=right)).status_code == 200
        clock.now += WINDOW_S
        assert (await guesser.get("/", auth=right)).status_code == 200
        assert (await guesser.get("/", auth=wrong)).status_code == 401


@pytest.mark.parametrize("header", ["Bearer right", "Basic right", "Basic ", "Basic !!"])
async def test_what_is_no_password_is_a_wrong_one(header: str) -> None:
    guesses = Guesses(Clock())
    async with browser(Guard(welcome, "right", guesses), "10.0.0.1") as client:
        for _ in range(MOST_WRONG):
            answer = await client.get("/", headers={"Authorization": header})
            assert answer.status_code == 401
    assert guesses.wait_s("10.0.0.1") == WINDOW_S


def test_addresses_are_not_remembered_without_end() -> None:
    guesses = Guesses(Clock())
    for number in range(MOST_ADDRESSES + 1):
        for _ in range(MOST_WRONG if number == 0 else 1):
            guesses.count(str(number))
    assert guesses.wait_s("0") == 0
    assert len(guesses._wrong) == MOST_ADDRESSES

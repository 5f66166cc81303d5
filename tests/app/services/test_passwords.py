"""Passwords: what is refused, hashes that name their parameters, and no loop that waits for one."""

import asyncio
import time
import unicodedata

import pytest

from app.errors import Invalid
from app.services import passwords

GOOD = "나룻배에 등불 하나요"


@pytest.mark.parametrize(
    ("password", "about"),
    [
        ("", ()),
        ("123456789", ()),
        ("x" * 201, ()),
        ("ababababababab", ()),
        ("jiwoo-rows-the-boat", ("jiwoo",)),
        ("JIWOO rows the boat", ("Jiwoo Han",)),
        ("한지우네 나룻배입니다", ("jw", "한지우")),
        ("김 지우개와 연필 두 자루", ("김 지우개",)),
    ],
)
def test_a_weak_one_is_refused(password: str, about: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check(password, *about)
    assert (refused.value.code, refused.value.field) == ("weak_password", "password")
    assert password == "" or password not in refused.value.detail


@pytest.mark.parametrize("about", [(), ("han",), ("나루",), ("a b c",)])
def test_a_sentence_is_good(about: tuple[str, ...]) -> None:
    passwords.check(GOOD, *about)
    passwords.check("hand over the lantern", *about)


async def test_a_hash_is_its_password_s_alone_and_salted() -> None:
    first, second = await passwords.hashed(GOOD), await passwords.hashed(GOOD)
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(first)
    assert await passwords.matches(GOOD, first)
    assert not await passwords.matches(GOOD + " ", first)
    assert not await passwords.matches("x" * 100_000, first)


async def test_one_password_on_two_keyboards() -> None:
    """A Mac may send the letters of a syllable, Windows sends the syllable."""
    stored = await passwords.hashed(unicodedata.normalize("NFD", GOOD))
    assert await passwords.matches(unicodedata.normalize("NFC", GOOD), stored)


async def test_nobody_s_password_takes_as_long_and_is_never_right() -> None:
    stored = await passwords.hashed(GOOD)
    assert not await passwords.matches(GOOD, "")  # makes the hash of nobody, once
    took = []
    for kept in (stored, ""):
        begun = time.process_time()
        await passwords.matches("wrong wrong wrong", kept)
        took.append(time.process_time() - begun)
    assert took[1] > took[0] / 4


@pytest.mark.parametrize(
    "stored", ["$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA", "$argon2i$v=19$m=19456,t=2,p=1$c$d", ""]
)
def test_other_parameters_are_outdated(stored: str) -> None:
    assert passwords.is_outdated(stored)


async def test_the_loop_goes_on_meanwhile() -> None:
    """Twenty hashes of 50 ms each, and the loop turns all the while."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    await asyncio.gather(*(passwords.hashed(GOOD) for _ in range(4)))
    turning.cancel()
    assert turns > 50

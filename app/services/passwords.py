"""Passwords: argon2id with the numbers of the OWASP password storage cheat sheet (2026-11)."""

import asyncio
import functools
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.errors import Invalid

SHORTEST, LONGEST = 10, 200  # characters; length is what counts (NIST SP 800-63B, 2025)
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
T = TypeVar("T")
# each takes 19 MiB and a core for some 50 ms: a flood of log-ins waits its turn
_workers = ThreadPoolExecutor(2, thread_name_prefix="passwords")


def check(password: str, *about: str) -> None:
    """Raise Invalid ``weak_password`` for one that is short, long, or a name of its owner."""
    plain = password.casefold()
    words = [word.casefold() for text in about for word in text.split()]
    # a Korean name is three letters; three of the Latin ones are in any sentence
    named = any(len(word) > 3 - (not word.isascii()) and word in plain for word in words)
    if named or not SHORTEST <= len(password) <= LONGEST or len(set(plain)) < 4:
        raise Invalid(
            "weak_password",
            f"A password has {SHORTEST}–{LONGEST} characters, at least 4 different ones, and "
            "does not hold your name or e-mail address. A short sentence is a good one.",
            field="password",
            data={"limit": SHORTEST, "length": len(password)},
        )


async def hashed(password: str) -> str:
    """The password's hash with its parameters, to be stored."""
    return await _work(lambda: _kdf().derive_phc_encoded(_typed(password)))


def is_outdated(stored: str) -> bool:
    """Whether a hash has other parameters than today's: make it again at the next log-in."""
    return not stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")


async def matches(password: str, stored: str) -> bool:
    """Whether it is the password. Without a stored one it takes as long, and is not."""

    def verify() -> bool:
        try:
            Argon2id.verify_phc_encoded(_typed(password), stored or _nobody())
        except InvalidKey:
            return False
        return bool(stored)

    return len(password) <= LONGEST and await _work(verify)


def _typed(password: str) -> bytes:
    """The same bytes from every keyboard: one machine sends syllables, another their letters."""
    return unicodedata.normalize("NFKC", password).encode()


def _kdf() -> Argon2id:
    return Argon2id(
        salt=os.urandom(16), length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )


async def _work(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_workers, work)


@functools.cache
def _nobody() -> str:
    """Of a random text nobody kept: an unknown name costs as much time as a known one."""
    return _kdf().derive_phc_encoded(os.urandom(32))

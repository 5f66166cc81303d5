"""A call as a command: what is long or no text is a file, secrets are variables."""

import shlex

from sandbox.curl import LONGEST_INLINE, curl_of
from sandbox.exchanges import Exchange
from sandbox.masks import Mask

HEADERS = ((b"authorization", b"HMAC-SHA256 apiKey=K, signature=b25a"), (b"user-agent", b"x"))


def command(asked: bytes, query: str = "") -> list[str]:
    one = Exchange(1, 0, "PUT", "/solapi/x", query, HEADERS, asked, 200, b"", 1)
    return shlex.split(curl_of(one, Mask(None), "http://a"))


def test_a_secret_is_a_variable_and_never_in_the_address() -> None:
    words = command(b"", "secret=abc&x=1")
    assert words == [
        "curl", "-X", "PUT", "http://a/solapi/x?secret=•••&x=1", "-H",
        "authorization: $AUTHORIZATION",
    ]  # fmt: skip


def test_bodies() -> None:
    assert command(b'{"a": 1}')[-1] == '{"a": 1}'
    assert command(b"\xff\xd8")[-1] == "@body"
    assert command(b"x" * (LONGEST_INLINE + 1))[-1] == "@body"
    assert command(b"x" * LONGEST_INLINE)[-1] == "x" * LONGEST_INLINE

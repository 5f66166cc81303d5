"""Callbacks that were tried: the newest ones in memory, so that a call can show what followed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

KEPT = 2_000
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Callback:
    """One try. to: only where the address leads, since its path may be a secret. at in ms.

    status None: there was no answer. tries: from 1.
    """

    at: int
    kind: str
    account: str
    to: str
    body: bytes
    status: int | None
    tries: int
    delivered: bool


class Callbacks:
    """Bounded by number and by size, oldest first."""

    def __init__(self, kept: int = KEPT, most_bytes: int = MOST_BYTES) -> None:
        self._kept: deque[Callback] = deque()
        self._most, self._most_bytes = kept, most_bytes
        self._size = 0

    def append(self, one: Callback) -> None:
        self._kept.append(one)
        self._size += len(one.body)
        while len(self._kept) > self._most or (
            self._size > self._most_bytes and len(self._kept) > 1
        ):
            self._size -= len(self._kept.popleft().body)

    def clear(self) -> None:
        self._kept.clear()
        self._size = 0

    def about(self, marks: tuple[bytes, ...]) -> Iterator[Callback]:
        """Those whose body names one of these, as it is written in JSON."""
        return (one for one in self._kept if any(mark in one.body for mark in marks))


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""

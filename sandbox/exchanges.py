"""Calls of providers and our answers, as bytes: the newest ones, bounded by number and by size.

Nothing is read or masked here: a flood of large calls must cost no more than keeping them. What
may be shown is made in `masks`, what they mean in `inspector`.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

KEPT = 1_000
MOST_BYTES = 32 * 1024 * 1024
LONGEST = 16 * 1024 * 1024  # of one body
Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, eq=False)
class Exchange:
    """One call. status None: no answer was given (cut). Times in ms of the sandbox's clock.

    headers, asked and answered are as they came, secrets and all: show them only through `masks`.
    acted: the effects of the chaos rules that hit it. account: as the chaos dial names it. route:
    alimtalk, sms, lms or mms for a call that sends, else "". replay_of: the call this one repeats.
    whole: the bodies were kept in full, so the call can be repeated.
    """

    seq: int
    at: int
    method: str
    path: str
    query: str
    headers: Headers
    asked: bytes
    status: int | None
    answered: bytes
    took_ms: int
    ended_at: int = 0
    acted: tuple[str, ...] = ()
    provider: str = ""
    account: str = ""
    route: str = ""
    replay_of: int | None = None
    whole: bool = True

    @property
    def size(self) -> int:
        return len(self.asked) + len(self.answered)

    def header(self, name: str) -> str:
        """The first header of a lower-case name, "" when there is none."""
        wanted = name.encode("latin-1")
        return next((v.decode("latin-1") for k, v in self.headers if k.lower() == wanted), "")


class Exchanges(Sequence[Exchange]):
    """The newest exchanges, oldest first. The newest one always stays, however large it is."""

    def __init__(self, kept: int = KEPT, most_bytes: int = MOST_BYTES) -> None:
        self._kept: deque[Exchange] = deque()
        self._most, self._most_bytes = kept, most_bytes
        self.size = 0

    def append(self, one: Exchange) -> None:
        self._kept.append(one)
        self.size += one.size
        while len(self._kept) > 1 and (
            len(self._kept) > self._most or self.size > self._most_bytes
        ):
            self.size -= self._kept.popleft().size

    def clear(self) -> None:
        self._kept.clear()
        self.size = 0

    def find(self, seq: int) -> Exchange | None:
        """Sequence numbers grow by one, so the place is known; None when it is gone."""
        if not self._kept:
            return None
        place = seq - self._kept[0].seq
        if 0 <= place < len(self._kept) and self._kept[place].seq == seq:
            return self._kept[place]
        return next((one for one in self._kept if one.seq == seq), None)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._kept)

    def __reversed__(self) -> Iterator[Exchange]:
        return reversed(self._kept)

    @overload
    def __getitem__(self, place: int) -> Exchange: ...
    @overload
    def __getitem__(self, place: slice) -> list[Exchange]: ...
    def __getitem__(self, place: int | slice) -> Exchange | list[Exchange]:
        return list(self._kept)[place] if isinstance(place, slice) else self._kept[place]

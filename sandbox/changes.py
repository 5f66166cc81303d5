"""The change feed of live pages: a running number and the phones that changed."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

KEPT = 1_000
MOST_NUMBERS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """`everything` means: too many phones to name, or the reader missed some; draw all again."""

    seq: int
    phones: tuple[str, ...]
    everything: bool = False


class Changes:
    """The newest changes in memory. It starts at the clock, so a reader of an older run notices."""

    def __init__(self) -> None:
        self.seq = time.time_ns() // 1_000
        self._first = self.seq
        self._kept: deque[Change] = deque(maxlen=KEPT)
        self._pending: set[str] = set()
        self._waiting: set[asyncio.Event] = set()
        self.closed = False

    def close(self) -> None:
        """The process ends: readers stop waiting."""
        self.closed = True
        self.wake()

    def touch(self, numbers: Iterable[str]) -> None:
        """Remember phones to announce; nothing is told before `publish`."""
        self._pending.update(numbers)

    def forget(self) -> None:
        self._pending.clear()

    def publish(self) -> None:
        """Announce what was touched: called after the commit that made it true."""
        if not self._pending:
            return
        self.seq += 1
        many = len(self._pending) > MOST_NUMBERS
        phones = () if many else tuple(sorted(self._pending))
        self._kept.append(Change(self.seq, phones, many))
        self._pending.clear()
        self.wake()

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    def since(self, seq: int) -> Change | None:
        """Everything after `seq` as one change, None when there is nothing newer."""
        if seq == self.seq:
            return None
        oldest = self._kept[0].seq - 1 if self._kept else self._first
        if not oldest <= seq < self.seq:
            return Change(self.seq, (), everything=True)
        newer = [change for change in self._kept if change.seq > seq]
        phones = {number for change in newer for number in change.phones}
        many = any(change.everything for change in newer) or len(phones) > MOST_NUMBERS
        return Change(self.seq, () if many else tuple(sorted(phones)), many)

    async def wait(self, timeout_s: float) -> bool:
        """Sleep until something is published, at most `timeout_s`; False when nothing was."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(event)
        return True

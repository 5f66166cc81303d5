"""The change feed of live pages: a running number, the phones that changed, and the desk."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

KEPT = 1_000
MOST_NUMBERS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """`everything` means: too many phones to name, or the reader missed some; draw all again.

    desk: the desk shows something else now (a call, a counter, a rule, a template, a scenario).
    """

    seq: int
    phones: tuple[str, ...]
    everything: bool = False
    desk: bool = False


class Changes:
    """The newest changes in memory. It starts at the clock, so a reader of an older run notices."""

    def __init__(self) -> None:
        self.seq = time.time_ns() // 1_000
        self._gone = self.seq  # the newest change that is no longer kept
        self._desk_seq = self.seq
        self._desk_pending = False
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

    def touch_desk(self) -> None:
        """Remember that the desk changed: inside a transaction, which publishes at its end."""
        self._desk_pending = True

    def tell_desk(self) -> None:
        """Announce at once that the desk changed: outside a transaction."""
        self._desk_pending = True
        self.publish()

    def forget(self) -> None:
        self._pending.clear()
        self._desk_pending = False

    def publish(self) -> None:
        """Announce what was touched: called after the commit that made it true."""
        if not self._pending and not self._desk_pending:
            return
        self.seq += 1
        if self._pending:
            self._keep()
        if self._desk_pending:
            # only the newest one counts, so a flood of calls drops no change of a phone
            self._desk_seq, self._desk_pending = self.seq, False
        self.wake()

    def _keep(self) -> None:
        many = len(self._pending) > MOST_NUMBERS
        phones = () if many else tuple(sorted(self._pending))
        if len(self._kept) == KEPT:
            self._gone = self._kept[0].seq
        self._kept.append(Change(self.seq, phones, many))
        self._pending.clear()

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    def since(self, seq: int) -> Change | None:
        """Everything after `seq` as one change, None when there is nothing newer."""
        if seq == self.seq:
            return None
        if not self._gone <= seq < self.seq:
            return Change(self.seq, (), everything=True, desk=True)
        newer = [change for change in self._kept if change.seq > seq]
        phones = {number for change in newer for number in change.phones}
        many = any(change.everything for change in newer) or len(phones) > MOST_NUMBERS
        shown = () if many else tuple(sorted(phones))
        return Change(self.seq, shown, many, desk=self._desk_seq > seq)

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

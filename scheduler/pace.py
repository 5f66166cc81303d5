"""How fast an account may be asked to send: a token bucket with a share kept for the urgent.

What has been waited for is counted against absolute times, so that a call that comes late while
others wait loses nothing.
"""

import asyncio
import time

BURST_S = 0.5  # what may leave at once after a pause, in seconds of the rate
PART_S = 0.2  # the largest request under a rate: the rest of the burst makes up for late wakes
RECENT_S = 10.0  # normal messages leave room for the urgent this long after the last one
LOOK_S = 0.5  # a sleeper looks again after this: the rate may have changed, or the lane stops


class Bucket:
    """Holds at most ``BURST_S`` of a rate, and never less than one message."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate or 0.0
        self._full_at = time.monotonic()  # when it will be full again

    def change(self, rate: float | None) -> None:
        """Another rate from now on; what was saved up or owed stays in seconds of the rate."""
        self.rate = rate or 0.0

    def wait_s(self, messages: int) -> float:
        """How long until these messages fit."""
        if not self.rate:
            return 0.0
        burst_s = max(BURST_S, messages / self.rate)
        return self._full_at + messages / self.rate - burst_s - time.monotonic()

    def take(self, messages: int) -> None:
        """Count messages that leave now."""
        if self.rate:
            self._full_at = max(self._full_at, time.monotonic()) + messages / self.rate


class Pace:
    """The rate of one account in one worker; without a rate it never waits."""

    def __init__(self, rate_per_s: float | None, share: float = 0.0) -> None:
        self._share = share
        self._all, self._normal = Bucket(rate_per_s), Bucket(None)
        self._queues = {False: asyncio.Lock(), True: asyncio.Lock()}  # in the order of asking
        self._urgent_until = 0.0
        self._not_before = 0.0
        self.stopped = False
        self.change(rate_per_s)

    def change(self, rate_per_s: float | None) -> None:
        """Another rate from now on, for those who wait, too."""
        self._all.change(rate_per_s)
        self._normal.change((rate_per_s or 0.0) * (1 - self._share))

    def hold(self, seconds: float) -> None:
        """Nothing leaves for so long: the provider asked for it."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)

    def largest(self, batch: int) -> int:
        """The most messages of one request: a part of a second of the rate, within the batch."""
        return self.within(PART_S, batch)

    def within(self, seconds: float, most: int) -> int:
        """The most messages that can leave in so many seconds, at most ``most``."""
        return max(1, min(most, int(self._all.rate * seconds))) if self._all.rate else most

    async def take(self, messages: int, *, urgent: bool = False) -> bool:
        """Return when these messages may leave; False when the lane stops meanwhile.

        Nothing is taken before it is there: an urgent message that comes while others sleep
        takes what comes next.
        """
        if urgent:
            self._urgent_until = time.monotonic() + RECENT_S
        async with self._queues[urgent]:
            while True:
                wait = self._wait_s(messages, urgent)
                if self.stopped:
                    return False
                if wait <= 0:
                    break
                await asyncio.sleep(min(wait, LOOK_S))
            self._all.take(messages)
            if not urgent:
                self._normal.take(messages)
        return True

    def _wait_s(self, messages: int, urgent: bool) -> float:
        now = time.monotonic()
        wait = max(self._all.wait_s(messages), self._not_before - now)
        if urgent:
            self._urgent_until = now + RECENT_S
        elif self._queues[True].locked():  # the urgent first
            wait = max(wait, messages / self._all.rate if self._all.rate else 0.0)
        elif now < self._urgent_until:
            wait = max(wait, self._normal.wait_s(messages))
        return wait

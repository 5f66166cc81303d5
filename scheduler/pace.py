"""A token bucket: how fast an account may be asked to send."""

import asyncio
import time

BURST_S = 1.0  # what may leave at once after a pause, in seconds of the rate


class Pace:
    """Waits until a number of messages fits the account's rate; without a rate never waits."""

    def __init__(self, rate_per_s: float | None) -> None:
        self._rate = rate_per_s
        self._free_at = time.monotonic()

    async def wait(self, messages: int) -> None:
        """Return when these messages may leave."""
        if not self._rate:
            return
        now = time.monotonic()
        self._free_at = max(self._free_at, now - BURST_S) + messages / self._rate
        # the bucket may run into debt by one call: what is over is waited for before the next
        wait = self._free_at - messages / self._rate - now
        if wait > 0:
            await asyncio.sleep(wait)

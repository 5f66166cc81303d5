"""How many calls of a lane may be under way at once: found by trying, as TCP finds its window.

A provider that answers well is asked more at a time, step by step; one that refuses for haste,
does not answer or grows slow is asked half as much at once.
"""

import asyncio
import time

START = 8
SLOWER = 3.0  # times the usual latency
NOTICEABLE_S = 0.1  # slower than usual by less than this is noise
CALM_S = 1.0  # after it was lowered, the limit is left alone: calls begun before say nothing new
LEARN = 0.2  # weight of the newest latency
FORGET = 0.01  # how fast the usual latency follows a lasting change


class Slots:
    """Places for calls. The urgent have some of their own: a quarter, at least one."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self.limit = float(min(max(START, least), most))
        self._normal = self._urgent = 0
        self._latency: dict[str, tuple[float, float]] = {}  # by route: lately, usually
        self._lowered_at = 0.0
        self._changed = asyncio.Event()

    @property
    def own(self) -> int:
        """How many the urgent have for themselves, beyond the limit."""
        return max(1, int(self.limit) // 4)

    def free(self, *, urgent: bool) -> int:
        """How many calls may begin now."""
        spilled = max(0, self._urgent - self.own)
        shared = max(0, int(self.limit) - self._normal - spilled)
        return shared + max(0, self.own - self._urgent) if urgent else shared

    async def wait(self, *, urgent: bool) -> None:
        """Return when at least one call may begin."""
        while not self.free(urgent=urgent):
            self._changed.clear()
            await self._changed.wait()

    def take(self, calls: int, *, urgent: bool) -> None:
        """Calls begin; there must be room for them."""
        if urgent:
            self._urgent += calls
        else:
            self._normal += calls

    def give_back(self, calls: int, *, urgent: bool) -> None:
        """Calls have ended, or were never made."""
        self.take(-calls, urgent=urgent)
        self._changed.set()

    def went_well(self, route: str, took_s: float) -> None:
        """An answer came: one more at a time after a full round of them, unless it grew slow."""
        lately, usually = self._latency.get(route, (took_s, took_s))
        lately += LEARN * (took_s - lately)
        usually = took_s if took_s < usually else usually + FORGET * (took_s - usually)
        self._latency[route] = (lately, usually)
        if lately > SLOWER * usually and lately > usually + NOTICEABLE_S:
            self._lower(0.8)
        elif self._normal + self._urgent >= int(self.limit):  # only what is used can be judged
            self.limit = min(float(self._most), self.limit + 1 / self.limit)

    def went_badly(self) -> None:
        """Refused for haste, or no answer in time."""
        self._lower(0.5)

    def _lower(self, factor: float) -> None:
        now = time.monotonic()
        if now - self._lowered_at >= CALM_S:
            self._lowered_at = now
            self.limit = max(float(self._least), self.limit * factor)

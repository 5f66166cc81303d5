"""The sandbox's clock: real time, moved ahead, faster, or standing still.

Sandbox time is a straight line over real time: where it was when it was last set, and how fast it
has gone since. Milliseconds since 1970 everywhere.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import orjson

FASTEST = 3600.0
LAST_MS = 4_102_444_800_000  # 2100: the line ends here, however fast it goes


def clock_ms() -> int:
    """The real time: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class CannotTurnBack(Exception):
    """A time before the present one, or beyond 2100. The text says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """At the real time `since` the sandbox had `base`; `rate` sandbox seconds a second since."""

    base: int = 0
    since: int = 0
    rate: float = 1.0


class Clock:
    """Sandbox time over a real clock. It only goes forward; `lay` alone may take it back."""

    def __init__(self, real: Callable[[], int] = clock_ms, saved: str | None = None) -> None:
        self.real = real
        self.line = Line(**orjson.loads(saved)) if saved else Line()

    def now(self) -> int:
        """The sandbox's present time."""
        line = self.line
        if line.rate == 1.0:
            return min(self.real() - line.since + line.base, LAST_MS)
        return min(line.base + int((self.real() - line.since) * line.rate), LAST_MS)

    @property
    def rate(self) -> float:
        return self.line.rate

    @property
    def ahead_ms(self) -> int:
        """How far it is from real time; negative when it has fallen behind, standing still."""
        return self.now() - self.real()

    @property
    def is_real(self) -> bool:
        return self.line.rate == 1.0 and self.line.base == self.line.since

    def set(self, at: int | None = None, rate: float | None = None) -> None:
        """Go on from `at` (None: from now) at `rate` (None: as before). Raises CannotTurnBack."""
        now = self.now()
        to = now if at is None else at
        if to < now:
            raise CannotTurnBack("the clock only goes forward; DELETE brings real time back")
        if to > LAST_MS:
            raise CannotTurnBack("the clock ends with the year 2099")
        self.line = Line(to, self.real(), self.line.rate if rate is None else rate)

    def lay(self, line: Line) -> int:
        """Put another line in place; returns how many milliseconds that takes back (0 or more)."""
        before = self.now()
        self.line = line
        return max(0, before - self.now())

    def real_s(self, at: int) -> float | None:
        """Real seconds until the sandbox has the time `at`; None: it stands still before it."""
        left = at - self.now()
        if left <= 0:
            return 0.0
        return left / 1000 / self.line.rate if self.line.rate else None

    def saved(self) -> str:
        return orjson.dumps(asdict(self.line)).decode()

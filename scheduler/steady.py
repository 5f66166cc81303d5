"""Whether the wall clock can be believed: a wait that only it says is over was not waited for."""

import time
from datetime import UTC, datetime, timedelta

from app.db.models.fields import now as clock

JUMP_S = 1.0  # between two looks; slewing a clock moves it far less
NEVER = datetime.min.replace(tzinfo=UTC)


class Steady:
    """Compares the wall clock with the monotonic one, which nobody can set.

    A machine that slept looks like one whose clock was set ahead: its monotonic clock stood still.
    """

    def __init__(self) -> None:
        self._wall, self._steady = clock(), time.monotonic()
        self._ahead_since = float("-inf")
        self._back_from = NEVER

    def quiet_s(self) -> float:
        """Seconds since the clock was last set ahead: what has waited less may not have waited."""
        self._look()
        return time.monotonic() - self._ahead_since

    def suspects(self, moment: datetime) -> bool:
        """Whether more time may have passed since then than the clock says: it was set back."""
        self._look()
        return moment <= self._back_from

    def _look(self) -> None:
        wall, steady = clock(), time.monotonic()
        jump_s = (wall - self._wall).total_seconds() - (steady - self._steady)
        if jump_s > JUMP_S:
            self._ahead_since = steady
        elif jump_s < -JUMP_S:
            self._back_from = max(self._back_from, wall - timedelta(seconds=jump_s))
        self._wall, self._steady = wall, steady

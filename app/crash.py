"""Named crash points: the fault tests kill a process exactly where it hurts.

``NARU_CRASH_AT=K04:3`` kills the process with SIGKILL the third time point K04 is passed; without
the variable nothing happens. The points are listed in docs/delivery.md.
"""

import asyncio
import os
import signal

_point, _, _count = os.environ.get("NARU_CRASH_AT", "").partition(":")
_left = int(_count or 1)


def crash_at(point: str, *, after_s: float = 0.0) -> None:
    """Die here when this point was asked for; ``after_s`` lets bytes leave first."""
    global _left
    if point != _point:
        return
    _left -= 1
    if _left != 0:
        return
    if after_s:
        asyncio.get_running_loop().call_later(after_s, _die)
    else:
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

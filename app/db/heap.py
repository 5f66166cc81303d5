"""The memory of a process with many threads: one heap for all of them.

Every SQLite connection works in a thread of its own. The GNU C library gives a thread its own
heap, and what one has freed no other can use: with the pages of a few connections that cost
10 MB, and more with every hour.
"""

import contextlib
import ctypes

M_ARENA_MAX = -8  # as in <malloc.h>


def share() -> None:
    """Threads started from now on share one heap; other C libraries than GNU's stay as they are."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)

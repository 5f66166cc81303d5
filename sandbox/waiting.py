"""Waiting for what arrives, so that nobody has to ask again and again."""

import asyncio

from sandbox.inbox import ANY, Wanted, latest
from sandbox.store import Store

GATHER_S = 0.02  # a flood is not looked through once for every message in it


async def wait_for(store: Store, after: int, wait_s: float, wanted: Wanted = ANY) -> int:
    """Until something wanted has arrived after place `after`, at most `wait_s` real seconds.

    Returns the place after which it stands, or all that may still come: what was looked through is
    not worth another look. It looks only when something happened on a phone.
    """
    clock = asyncio.get_running_loop()
    end = clock.time() + wait_s
    while latest(store, after, wanted) is None:
        after = max(after, int(store.meta("arrival") or 0))
        left = end - clock.time()
        if left <= 0 or store.changes.closed:
            break
        await store.changes.wait(left)
        await asyncio.sleep(GATHER_S)
    return after

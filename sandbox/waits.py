"""The clock is moved: it is kept, who sleeps is woken, and what waits goes on waiting as long."""

from sandbox.clock import Line
from sandbox.moves import review_due
from sandbox.store import Store


def set_clock(store: Store, at: int | None = None, rate: float | None = None) -> None:
    """Go on from `at` (ms; None: from now) at `rate` (None: as before). Raises CannotTurnBack."""
    store.clock.set(at, rate)
    _moved(store)


def lay_clock(store: Store, line: Line) -> None:
    """Put another line in place, also one that lies behind; `Line()` is real time."""
    back = store.clock.lay(line)
    if back:
        _shorten(store, back)
    _moved(store)


def next_fall(store: Store) -> int | None:
    """When the next thing falls due that is not due yet (ms): a message, a webhook, a review step.

    None: nothing waits.
    """
    sooner = (
        "SELECT min(due_at) FROM message WHERE due_at > ?",
        "SELECT min(due_at) FROM outbox WHERE due_at > ?",
        "SELECT min(scheduled_at) FROM solapi_group"
        " WHERE status = 'SCHEDULED' AND scheduled_at > ?",
    )
    found = [store.number(sql, (store.now(),)) for sql in sooner]
    return min(filter(None, [*found, review_due(store)]), default=None)


def _shorten(store: Store, back_ms: int) -> None:
    """What was queued in the time taken back waits no longer than it would have.

    A reservation keeps the hour it was made for, and what was queued before keeps its time.
    """
    now = store.now()
    with store.tx():
        store.run(
            "UPDATE message SET due_at = due_at - ?"
            " WHERE due_at IS NOT NULL AND created_at > ? AND request_at <= created_at",
            (back_ms, now),
        )
        store.run(
            "UPDATE outbox SET due_at = max(?, due_at - ?) WHERE due_at > ?", (now, back_ms, now)
        )
        store.run("UPDATE template SET queued_at = ? WHERE queued_at > ?", (now, now))


def _moved(store: Store) -> None:
    store.set_meta("clock", store.clock.saved())
    store.results_due.set()
    store.mail_due.set()
    store.changes.tell_desk()

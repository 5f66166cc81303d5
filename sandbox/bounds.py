"""How much the sandbox keeps: of everything that grows by itself the oldest go, counters stay.

What somebody sets up by hand (accounts, templates, named phones) is kept until it is taken away.
"""

from dataclasses import dataclass

from sandbox.solapi import ledger as solapi
from sandbox.store import MOST_MESSAGES, Store

HOUR_MS = 3_600_000
KEPT_KEYS_MS = HOUR_MS
PORTION = 5_000  # messages a sweep, so that calls do not wait long


@dataclass(frozen=True, slots=True)
class Bounds:
    """Rows, the newest. `unsettled`: of all messages, those without a result too.

    keys: idempotency keys and used signatures, for an hour at most. lost: references whose answer
    was lost once. mail, mail_bytes: webhooks that wait.
    """

    messages: int = MOST_MESSAGES
    unsettled: int = 1_000_000
    keys: int = 500_000
    lost: int = 10_000
    sessions: int = 50_000
    customers: int = 50_000
    mail: int = 50_000
    mail_bytes: int = 256 * 1024 * 1024


BOUNDS = Bounds()


def trim(store: Store, bounds: Bounds = BOUNDS) -> int:
    """One sweep; returns how many messages went. PORTION of them: there may be more to do.

    Automatic phones go with the last message they were kept for, and their rooms with them.
    """
    with store.tx():
        _trim_keys(store, bounds)
        _trim_talks(store, bounds)
        _trim_mail(store, bounds)
        gone = _trim_messages(store, bounds)
        more = solapi.trim(store, (bounds.messages, bounds.unsettled), PORTION)
    return max(gone, more)


def _trim_keys(store: Store, bounds: Bounds) -> None:
    store.run("DELETE FROM idempotency WHERE at < ?", (store.real() - KEPT_KEYS_MS,))
    extra = store.number("SELECT count(*) FROM idempotency") - bounds.keys
    if extra > 0:
        store.run(
            "DELETE FROM idempotency WHERE (account, key) IN"
            " (SELECT account, key FROM idempotency ORDER BY at LIMIT ?)",
            (extra,),
        )
    store.run(
        "DELETE FROM lost_answer WHERE rowid <= (SELECT max(rowid) FROM lost_answer) - ?",
        (bounds.lost,),
    )


def _trim_talks(store: Store, bounds: Bounds) -> None:
    """Who is in an open chat session keeps the key the hub knows them by."""
    store.run(
        "DELETE FROM chat_session WHERE id <= (SELECT max(id) FROM chat_session) - ?",
        (bounds.sessions,),
    )
    store.run(
        "DELETE FROM customer WHERE rowid <= (SELECT max(rowid) FROM customer) - ?"
        " AND NOT EXISTS (SELECT 1 FROM chat_session s WHERE s.number = customer.number"
        " AND s.sender_key = customer.sender_key AND s.ended_at IS NULL)",
        (bounds.customers,),
    )


def _trim_mail(store: Store, bounds: Bounds) -> None:
    """Webhooks that nobody takes: the oldest are given up."""
    gone = store.run(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id,"
        " row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes"
        " FROM outbox WINDOW newest AS (ORDER BY id DESC)) WHERE place > ? OR bytes > ?)",
        (bounds.mail, bounds.mail_bytes),
    ).rowcount
    if gone:
        store.count("webhooks given up", gone)


def _trim_messages(store: Store, bounds: Bounds) -> int:
    newest = store.number("SELECT max(id) FROM message")
    cutoff = newest - bounds.messages
    gone = store.run(
        "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE id <= ?"
        " AND (due_at IS NULL OR id <= ?) ORDER BY id LIMIT ?)",
        (cutoff, newest - bounds.unsettled, PORTION),
    ).rowcount
    if cutoff > 0 and gone < PORTION:
        _drop_empty_phones(store, cutoff)
    return gone


def _drop_empty_phones(store: Store, cutoff: int) -> None:
    oldest = store.number("SELECT created_at FROM message ORDER BY id LIMIT 1")
    gone = store.run(
        "DELETE FROM phone WHERE auto = 1 AND last_id <= ? AND created_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.number = phone.number)"
        " AND NOT EXISTS (SELECT 1 FROM push_device d WHERE d.number = phone.number"
        " AND d.removed_at IS NULL)",
        (cutoff, oldest or store.now()),
    ).rowcount
    if gone:
        store.run(
            "DELETE FROM room WHERE NOT EXISTS (SELECT 1 FROM phone p WHERE p.number = room.number)"
        )

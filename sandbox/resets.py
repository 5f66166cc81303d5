"""Start over: messages, requests and counters go; accounts, templates, apps and named phones stay.

The rules of the chaos dial stay too, with counters and dice from the beginning.
"""

from sandbox.store import Store

EMPTIED = (
    "message",
    "counter",
    "outbox",
    "idempotency",
    "lost_answer",
    "chat_session",
    "solapi_group",
    "solapi_message",
)


def reset(store: Store) -> None:
    """Automatic phones go with their messages; traits, blocks and user keys of named ones stay.

    A phone with an app somebody put there stays too.

    Places in the order of arrival go on counting, so a reader's `after` stays valid.
    """
    named = store.number("SELECT value FROM counter WHERE name = 'named phones'")
    with store.tx():
        for table in EMPTIED:
            store.run(f"DELETE FROM {table}")  # noqa: S608
        store.run(
            "DELETE FROM phone WHERE auto = 1 AND number NOT IN"
            " (SELECT number FROM push_device WHERE removed_at IS NULL)"
        )
        store.run("DELETE FROM room WHERE blocked = 0 OR number NOT IN (SELECT number FROM phone)")
        store.run("UPDATE room SET last_id = 0, unread = 0")
        store.run("UPDATE phone SET last_id = 0, unread_chat = 0, unread_sms = 0, unread_push = 0")
        store.count("named phones", named)
        store.changes.touch(row["number"] for row in store.all("SELECT number FROM phone"))
    store.exchanges.clear()
    store.callbacks.clear()
    store.chaos.restart()

"""A scenario's town: the phones that are as its shares say while it runs, and are well again after.

It takes phones when something is sent to them, also those that are there already, unless a person
has named or changed them, or their last four digits say how they are.
"""

from sandbox.store import Store


def end_town(store: Store) -> None:
    """Its phones are as phones are at first, and what waited for them arrives."""
    store.town = None
    with store.tx():
        _release(store)
        gone = store.all(
            "UPDATE phone SET is_on = 1, kakao = 1, blocks_all = 0, slow_s = 0, town = 0"
            " WHERE town = 1 RETURNING number"
        )
        store.changes.touch(row["number"] for row in gone)
    store.results_due.set()


def switch_town_on(store: Store) -> None:
    """Those the town has switched off are on again; others a person switched off stay so."""
    with store.tx():
        _release(store)
        gone = store.all("UPDATE phone SET is_on = 1 WHERE town = 1 AND is_on = 0 RETURNING number")
        store.changes.touch(row["number"] for row in gone)
    store.results_due.set()


def _release(store: Store) -> None:
    store.run(
        "UPDATE message SET state = 'waiting', due_at = ? WHERE state = 'held'"
        " AND number IN (SELECT number FROM phone WHERE town = 1 AND is_on = 0)",
        (store.now(),),
    )

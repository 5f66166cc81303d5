"""Queries that run often use an index."""

import pytest

from sandbox.store import Store


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM message WHERE due_at <= 1 ORDER BY due_at", "message_due"),
        ("SELECT * FROM message WHERE state = 'held' AND number = 'x'", "message_held"),
        (
            "SELECT * FROM message WHERE arrival > 1 ORDER BY arrival",
            "message_arrival",
        ),
        (
            "SELECT * FROM message WHERE number = 'x' AND arrival < 1 ORDER BY arrival DESC",
            "message_room",
        ),
        (
            "SELECT * FROM message WHERE account = 'a' AND ref = 'x' AND ref <> ''",
            "message_ref",
        ),
        ("SELECT * FROM phone ORDER BY rank DESC, number DESC", "phone_rank"),
    ],
)
def test_plans(store: Store, sql: str, index: str) -> None:
    plan = " ".join(row["detail"] for row in store.all("EXPLAIN QUERY PLAN " + sql))
    assert index in plan

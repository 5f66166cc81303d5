"""Queries that run often use an index; older stores are brought up."""

import sqlite3
from pathlib import Path

import pytest

from sandbox.reviews import get_template
from sandbox.schema import LATER, build
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
        ("SELECT * FROM template WHERE queued_at IS NOT NULL ORDER BY queued_at", "template_queue"),
        ("SELECT * FROM phone ORDER BY rank DESC, number DESC", "phone_rank"),
        ("SELECT * FROM solapi_message WHERE grp = 'g' AND seq = 1", "sqlite_autoindex"),
        (
            "SELECT 1 FROM solapi_message WHERE grp = 'g' AND sent_at IS NOT NULL"
            " AND result_at IS NULL",
            "solapi_message_open",
        ),
        (
            "SELECT min(scheduled_at) FROM solapi_group WHERE status = 'SCHEDULED'",
            "solapi_group_due",
        ),
    ],
)
def test_plans(store: Store, sql: str, index: str) -> None:
    plan = " ".join(row["detail"] for row in store.all("EXPLAIN QUERY PLAN " + sql))
    assert index in plan


def test_a_store_of_an_earlier_sandbox_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE template (sender_key TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,"
        " body TEXT NOT NULL, status TEXT NOT NULL, block INTEGER NOT NULL DEFAULT 0,"
        " dormant INTEGER NOT NULL DEFAULT 0, kakao_code TEXT NOT NULL,"
        " comments TEXT NOT NULL DEFAULT '[]', created_at INTEGER NOT NULL,"
        " updated_at INTEGER NOT NULL, PRIMARY KEY (sender_key, code))"
    )
    talk = '[{"id": 1, "content": "아니요", "userName": "검수자", "createdAt": 5, "status": "REJ"}]'
    db.execute(
        "INSERT INTO template (sender_key, code, name, body, status, kakao_code, comments,"
        """ created_at, updated_at) VALUES ('k', 'T', '이름', '{"a": 1}', 'TSC02', 'x', ?, 7, 8)""",
        (talk,),
    )
    db.execute("CREATE TABLE sender (sender_key TEXT PRIMARY KEY, channel_id TEXT, name TEXT)")
    db.execute("INSERT INTO sender VALUES ('k', '@k', '상회')")
    db.commit()
    db.close()
    for _ in range(2):  # the second time there is nothing to do
        store = Store(path)
        template = get_template(store, "k", "T")
        assert store.one("SELECT 1 FROM sender WHERE name = '상회' AND solapi_id IS NULL")
        store.close()
        assert template
        assert (template.body, template.version, template.edit, template.former) == (
            {"a": 1},
            1,
            None,
            (),
        )
        assert (template.stop, template.queued_at) == (False, 7)
        assert template.comments[0]["content"] == "아니요"


def columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    return {table: {row[1] for row in db.execute(f"PRAGMA table_info({table})")} for table in LATER}


def test_every_column_that_came_later_is_added() -> None:
    db = sqlite3.connect(":memory:")
    build(db)
    new = columns(db)
    for index in ("template_queue", "outbox_line", "phone_unseen"):  # over three of them
        db.execute(f"DROP INDEX {index}")
    for table, later in LATER.items():
        for name in later:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    assert columns(db) != new
    build(db)
    assert columns(db) == new
    db.close()

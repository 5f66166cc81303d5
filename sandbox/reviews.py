"""Templates as the desk sees them: registered, approved, rejected, stopped."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.store import Store

STATUS_NAMES = {"TSC01": "요청", "TSC02": "검수 중", "TSC03": "승인", "TSC04": "반려"}


@dataclass(frozen=True, slots=True)
class Template:
    """body: the registration request. comments: {id, content, userName, createdAt ms, status}."""

    sender_key: str
    sender_name: str
    code: str
    name: str
    body: dict[str, Any]
    status: str
    block: bool
    dormant: bool
    kakao_code: str
    comments: list[dict[str, Any]]
    created_at: int
    updated_at: int

    @property
    def status_name(self) -> str:
        return STATUS_NAMES[self.status]


def template_of(row: sqlite3.Row) -> Template:
    return Template(
        sender_key=row["sender_key"],
        sender_name=row["sender_name"],
        code=row["code"],
        name=row["name"],
        body=orjson.loads(row["body"]),
        status=row["status"],
        block=bool(row["block"]),
        dormant=bool(row["dormant"]),
        kakao_code=row["kakao_code"],
        comments=orjson.loads(row["comments"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


_SELECT = (
    "SELECT template.*, coalesce(sender.name, '') AS sender_name FROM template"
    " LEFT JOIN sender USING (sender_key) "
)


def list_templates(store: Store, status: str = "", sender_key: str = "") -> list[Template]:
    """Newest change first. status: "TSC02" … or "" for all."""
    rows = store.all(
        _SELECT + "WHERE (? = '' OR status = ?) AND (? = '' OR sender_key = ?)"
        " ORDER BY template.updated_at DESC, code",
        (status, status, sender_key, sender_key),
    )
    return [template_of(row) for row in rows]


def get_template(store: Store, sender_key: str, code: str) -> Template | None:
    row = store.one(_SELECT + "WHERE sender_key = ? AND code = ?", (sender_key, code))
    return template_of(row) if row else None


def register(store: Store, sender_key: str, body: dict[str, Any]) -> bool:
    """A new template goes straight into review; False when its code or name is taken."""
    now = store.now()
    taken = store.one(
        "SELECT 1 FROM template WHERE sender_key = ? AND (code = ? OR name = ?)",
        (sender_key, body["templateCode"], body["templateName"]),
    )
    if taken:
        return False
    with store.tx():
        store.run(
            "INSERT INTO template (sender_key, code, name, body, status, kakao_code, created_at,"
            " updated_at) VALUES (?, ?, ?, ?, 'TSC02', ?, ?, ?)",
            (
                sender_key,
                body["templateCode"],
                body["templateName"],
                orjson.dumps(body).decode(),
                secrets.token_hex(5),
                now,
                now,
            ),
        )
    store.results_due.set()  # an automatic review may be nearer than anything else
    return True


def judge(store: Store, sender_key: str, code: str, verdict: str, comment: str) -> Template | None:
    """verdict: "approve", "reject" or "stop" (approved but blocked); None without such template."""
    template = get_template(store, sender_key, code)
    if template is None:
        return None
    now = store.now()
    status = "TSC04" if verdict == "reject" else "TSC03"
    comments = template.comments
    if comment:
        mark = "REJ" if verdict == "reject" else "APR"
        comments = [
            *comments,
            {
                "id": len(comments) + 1,
                "content": comment,
                "userName": "검수자",
                "createdAt": now,
                "status": mark,
            },
        ]
    with store.tx():
        store.run(
            "UPDATE template SET status = ?, block = ?, comments = ?, updated_at = ?"
            " WHERE sender_key = ? AND code = ?",
            (status, verdict == "stop", orjson.dumps(comments).decode(), now, sender_key, code),
        )
    return get_template(store, sender_key, code)


def approve_due(store: Store) -> int | None:
    """Automatic review: approve what waited long enough; returns when the next is due (ms)."""
    if store.settings.review != "auto":
        return None
    wait = int(store.settings.auto_review_s * 1000)
    now = store.now()
    waiting = "SELECT count(*) FROM template WHERE status = 'TSC02' AND created_at <= ?"
    if store.number(waiting, (now - wait,)):
        with store.tx():
            store.run(
                "UPDATE template SET status = 'TSC03', updated_at = ?"
                " WHERE status = 'TSC02' AND created_at <= ?",
                (now, now - wait),
            )
    oldest = store.number("SELECT min(created_at) FROM template WHERE status = 'TSC02'")
    return oldest + wait if oldest else None

"""Templates as the provider keeps them: what is registered, and where its review stands.

Inspection is one axis (TSC01 registered, TSC02 in review, TSC03 approved, TSC04 rejected); stopped,
blocked and dormant lie beside it. `sandbox.moves` holds what may be done to one.
"""

import secrets
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from sandbox.store import Store

REGISTERED, IN_REVIEW, APPROVED, REJECTED = "TSC01", "TSC02", "TSC03", "TSC04"
STATUS_NAMES = {REGISTERED: "요청", IN_REVIEW: "검수 중", APPROVED: "승인", REJECTED: "반려"}
FORMER_KEPT = 20


@dataclass(frozen=True, slots=True)
class Text:
    """One wording of a template, counted from 1. body: the registration request. Times in ms."""

    version: int
    name: str
    body: dict[str, Any]
    status: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Template:
    """name, body, status, version: of the text in use, of the newest while none was ever approved.

    edit: the newer text beside an approved one. former: earlier texts, the newest first.
    comments: {id, content, userName, createdAt ms, status (INQ, REP, APR, REJ), version}.
    queued_at: since when a text waits to be taken into review or to be judged (ms).
    """

    sender_key: str
    sender_name: str
    code: str
    name: str
    body: dict[str, Any]
    status: str
    stop: bool
    block: bool
    dormant: bool
    kakao_code: str
    comments: list[dict[str, Any]]
    version: int
    edit: Text | None
    former: tuple[Text, ...]
    queued_at: int | None
    created_at: int
    updated_at: int

    @property
    def status_name(self) -> str:
        return STATUS_NAMES[self.status]

    @property
    def current(self) -> Text:
        """The text that messages are compared with."""
        times = (self.created_at, self.updated_at)
        return Text(self.version, self.name, self.body, self.status, *times)

    @property
    def newest(self) -> Text:
        """The text the reviewers speak of."""
        return self.edit or self.current

    @property
    def texts(self) -> list[Text]:
        """Every text, the newest first."""
        found = [self.current, *([self.edit] if self.edit else []), *self.former]
        return sorted(found, key=lambda text: -text.version)

    @property
    def can_send(self) -> bool:
        return self.status == APPROVED and not (self.stop or self.block or self.dormant)


def template_of(row: sqlite3.Row) -> Template:
    return Template(
        sender_key=row["sender_key"],
        sender_name=row["sender_name"],
        code=row["code"],
        name=row["name"],
        body=orjson.loads(row["body"]),
        status=row["status"],
        stop=bool(row["stop"]),
        block=bool(row["block"]),
        dormant=bool(row["dormant"]),
        kakao_code=row["kakao_code"],
        comments=orjson.loads(row["comments"]),
        version=row["version"],
        edit=Text(**orjson.loads(row["edit"])) if row["edit"] else None,
        former=tuple(Text(**one) for one in orjson.loads(row["former"])),
        queued_at=row["queued_at"],
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


def list_queued(store: Store) -> list[Template]:
    """What waits for the reviewers, the longest wait first."""
    rows = store.all(_SELECT + "WHERE queued_at IS NOT NULL ORDER BY queued_at, code")
    return [template_of(row) for row in rows]


def get_template(store: Store, sender_key: str, code: str) -> Template | None:
    row = store.one(_SELECT + "WHERE sender_key = ? AND code = ?", (sender_key, code))
    return template_of(row) if row else None


def is_taken(store: Store, sender_key: str, name: str, code: str) -> bool:
    """Whether another template of this sender has the name."""
    return bool(
        store.one(
            "SELECT 1 FROM template WHERE sender_key = ? AND name = ? AND code <> ?",
            (sender_key, name, code),
        )
    )


def register(store: Store, sender_key: str, body: dict[str, Any], submit: bool = True) -> bool:
    """A new template is registered, and with `submit` taken into review after `registered_s`.

    False when its code or name is taken.
    """
    now = store.now()
    code, name = body["templateCode"], body["templateName"]
    if get_template(store, sender_key, code) or is_taken(store, sender_key, name, code):
        return False
    with store.tx():
        store.run(
            "INSERT INTO template (sender_key, code, name, body, status, kakao_code, queued_at,"
            " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sender_key,
                code,
                name,
                orjson.dumps(body).decode(),
                IN_REVIEW if submit and not store.settings.registered_s else REGISTERED,
                new_kakao_code(),
                *(now if submit else None, now, now),
            ),
        )
    store.results_due.set()  # its review may be nearer than anything else
    return True


def keep(store: Store, template: Template) -> None:
    """Write a changed template down."""
    edit = orjson.dumps(asdict(template.edit)).decode() if template.edit else None
    former = [asdict(text) for text in template.former[:FORMER_KEPT]]
    with store.tx():
        store.run(
            "UPDATE template SET name = ?, body = ?, status = ?, stop = ?, block = ?, dormant = ?,"
            " kakao_code = ?, comments = ?, version = ?, edit = ?, former = ?, queued_at = ?,"
            " updated_at = ? WHERE sender_key = ? AND code = ?",
            (
                template.name,
                orjson.dumps(template.body).decode(),
                template.status,
                template.stop,
                template.block,
                template.dormant,
                template.kakao_code,
                orjson.dumps(template.comments).decode(),
                template.version,
                edit,
                orjson.dumps(former).decode(),
                template.queued_at,
                template.updated_at,
                template.sender_key,
                template.code,
            ),
        )
        store.changes.touch_desk()
    store.results_due.set()


def delete(store: Store, template: Template) -> None:
    """It is gone with its talk; the code may be used again."""
    with store.tx():
        store.run(
            "DELETE FROM template WHERE sender_key = ? AND code = ?",
            (template.sender_key, template.code),
        )


def new_kakao_code() -> str:
    return secrets.token_hex(5)

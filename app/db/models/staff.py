"""People who log in to the console: staff, their logins, what they looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db.models import fields


class Staff(SQLModel, table=True):
    """One person who can log in; a Member row per workspace says what they may do there."""

    id: UUID = fields.key()
    email: str = Field(unique=True)  # lower case
    name: str
    password_hash: str = ""  # argon2id in its own text form; empty = none set yet
    link_hash: bytes | None = Field(default=None, unique=True)  # of a link that sets the password
    link_until: datetime | None = fields.maybe_at()
    language: str = "ko"  # ko | en
    created_at: datetime = fields.at()
    disabled_at: datetime | None = fields.maybe_at()


class Login(SQLModel, table=True):
    """One browser that logged in. Only a keyed hash of its cookie is kept."""

    id: UUID = fields.key()
    staff_id: UUID = fields.ref("staff.id", index=True)
    workspace_id: UUID = fields.ref("workspace.id")  # where it stands now
    mode: str = "live"  # live | sandbox: whose messages it looks at
    token_hash: bytes = Field(unique=True)
    client: str = ""  # what the browser calls itself, in short
    created_at: datetime = fields.at()
    seen_at: datetime = fields.at()
    expires_at: datetime = fields.at()
    ended_at: datetime | None = fields.maybe_at()


class LoginFailure(SQLModel, table=True):
    """Wrong passwords of one name or from one address: who fails often waits."""

    __tablename__ = "login_failure"
    key: bytes = Field(primary_key=True)  # keyed hash
    count: int = 0
    last_at: datetime = fields.at()


class AccessLog(SQLModel, table=True):
    """Who saw what was masked, and who changed what; nothing personal of a customer is in it."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_list", "workspace_id", "id"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    staff_id: UUID = fields.ref("staff.id")
    kind: str  # number.revealed, key.created, member.role …
    subject_id: UUID | None = fields.maybe_ref()
    detail: str = ""
    at: datetime = fields.at()

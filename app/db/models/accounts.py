"""Who sends, through what: workspaces, keys, provider accounts, senders."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from app.db.models import fields


class Workspace(SQLModel, table=True):
    """Who owns the data; nothing crosses from one to another."""

    id: UUID = fields.key()
    name: str = Field(unique=True)
    created_at: datetime = fields.at()


class ApiKey(SQLModel, table=True):
    """A key of the API. Only a keyed hash of its secret is kept."""

    __tablename__ = "api_key"
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    kind: str  # live | test | team
    name: str
    prefix: str = Field(unique=True)  # the public half: finds the row
    secret_hash: bytes
    scopes: list[str] = fields.json(list)
    created_at: datetime = fields.at()
    expires_at: datetime | None = fields.maybe_at()
    revoked_at: datetime | None = fields.maybe_at()


class Member(SQLModel, table=True):
    """A person of the workspace: a team key may write to their number, staff may log in."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "number_hash"),
        UniqueConstraint("workspace_id", "staff_id"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    name: str
    number_sealed: bytes | None = None
    number_hash: bytes | None = None
    staff_id: UUID | None = fields.maybe_ref(index=True)
    role: str = ""  # of staff: owner | operator | agent | viewer
    created_at: datetime = fields.at()


class Guest(SQLModel, table=True):
    """A number outside the team that a team key may write to."""

    __table_args__ = (UniqueConstraint("workspace_id", "number_hash"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    name: str
    number_sealed: bytes
    number_hash: bytes
    created_at: datetime = fields.at()


class ProviderAccount(SQLModel, table=True):
    """One account at one provider. ``mode`` decides which address it may ever speak to."""

    __tablename__ = "provider_account"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    name: str
    mode: str  # live | sandbox
    adapter: str
    credentials_sealed: bytes
    callback_hash: bytes  # keyed hash of the secret in its callback address
    state: str = "active"  # active | paused | disabled
    paused_reason: str | None = None
    paused_until: datetime | None = fields.maybe_at()
    rate_per_s: float | None = None
    batch: int | None = None  # at most the route's
    deadline_s: float | None = None
    settle_s: float | None = None
    prices: dict[str, Any] = fields.json(dict)
    polled_until: datetime | None = fields.maybe_at()
    weight: int = 100  # its share among accounts of the same channel, as configured
    weight_now: int = 100  # the same after failures, drifting back
    weight_at: datetime | None = fields.maybe_at()  # when it last moved
    breaker_until: datetime | None = fields.maybe_at()  # calls failed: nothing new until then
    turn: int = Field(default=0, sa_type=BigInteger)  # of the last lot claimed (fair queueing)
    created_at: datetime = fields.at()


class Sender(SQLModel, table=True):
    """A sender key of a channel, or a registered caller number."""

    __table_args__ = (UniqueConstraint("account_id", "kind", "value"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    account_id: UUID = fields.ref("provider_account.id", index=True)
    kind: str  # alimtalk | sms | chat
    value: str
    name: str = ""
    proof: str = ""  # where the evidence of ownership is kept
    state: str = "active"  # active | blocked
    created_at: datetime = fields.at()

"""Messages: one sending to one person, frozen at accept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from app.db.models import fields


class Message(SQLModel, table=True):
    """One sending to one person.

    ``sealed`` holds number, variables and every step's rendered text; ``plan`` is the plan's JSON.
    """

    __table_args__ = (
        Index("ix_message_list", "workspace_id", "id"),
        # with the id: newest first without a sort, and SQLite takes them before ix_message_list
        Index("ix_message_reference", "workspace_id", "reference", "id"),
        Index("ix_message_number", "workspace_id", "number_hash", "id"),
        Index("ix_message_last4", "workspace_id", "last4_hash", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    mode: str  # live | sandbox
    category: str = "info"
    template_id: UUID = fields.ref()
    version_id: UUID = fields.ref()
    api_key_id: UUID | None = fields.maybe_ref()
    reference: str | None = None
    number_hash: bytes
    last4_hash: bytes
    sealed: bytes
    plan: str = Field(sa_type=Text)
    when_unknown: str = "hold"
    status: str = "queued"
    reason: str | None = None
    priority: int = 0  # 0 normal, 1 high
    send_window: str | None = None  # JSON: when of a Korean day it may leave; None = any time
    send_at: datetime | None = fields.maybe_at()
    expires_at: datetime | None = fields.maybe_at()
    retention_class: str = "standard"
    campaign_id: UUID | None = fields.maybe_ref()
    person_id: UUID | None = fields.maybe_ref()  # whom it names, beside or instead of a number
    resend_of: UUID | None = fields.maybe_ref()
    menu: str | None = None  # of the voice menu that sent it
    fallback_used: bool = False
    duplicate_delivery: bool = False
    late_delivery: bool = False  # delivered after it had ended otherwise
    accepted_at: datetime = fields.at()
    updated_at: datetime = fields.at()
    closed_at: datetime | None = fields.maybe_at()
    acknowledged_at: datetime | None = fields.maybe_at()


class ReplyToken(SQLModel, table=True):
    """What a button brings back: ties a customer's answer to the very notice."""

    __tablename__ = "reply_token"
    token: str = Field(primary_key=True)  # 32 hex digits
    workspace_id: UUID = fields.ref()
    message_id: UUID = fields.ref(index=True)
    button: int
    expires_at: datetime = fields.at()

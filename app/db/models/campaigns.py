"""Campaigns: one template to a long list, uploaded once and turned into messages in chunks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from app.db.models import fields


class Campaign(SQLModel, table=True):
    """A list of people and what they get; its messages name it."""

    __table_args__ = (
        Index("ix_campaign_list", "workspace_id", "id"),
        fields.partial("ix_campaign_due", "due_at", where="due_at IS NOT NULL"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    mode: str  # live | sandbox
    name: str
    template: str  # code
    sending: dict[str, Any] = fields.json(dict)  # plan, priority, send_at, expires_at, send_window
    columns: dict[str, str] = fields.json(dict)  # column of the file → field
    api_key_id: UUID | None = fields.maybe_ref()
    state: str = "draft"  # draft | uploading | ready | running | paused | done | cancelled
    reason: str = ""  # why it paused
    upload: UUID | None = fields.maybe_ref()  # the upload whose chunks count
    rows: int = 0
    refused: int = 0  # rows that are wrong
    accepted: int = 0  # messages made so far
    skip_refused: bool = False  # start although some rows are wrong
    due_at: datetime | None = fields.maybe_at()  # when the scheduler looks at it
    created_at: datetime = fields.at()
    started_at: datetime | None = fields.maybe_at()
    ended_at: datetime | None = fields.maybe_at()


class CampaignChunk(SQLModel, table=True):
    """Some rows of a list under one seal; done in the transaction that makes its messages."""

    __tablename__ = "campaign_chunk"
    campaign_id: UUID = fields.ref(primary=True)
    upload: UUID = fields.ref(primary=True)
    number: int = Field(primary_key=True)
    workspace_id: UUID = fields.ref()
    id: UUID = fields.ref()  # binds the sealed rows
    first_row: int
    rows: int
    state: str = "waiting"  # waiting | done
    sealed: bytes


class CampaignMistake(SQLModel, table=True):
    """A row that is wrong, and why; holds nothing personal."""

    __tablename__ = "campaign_mistake"
    campaign_id: UUID = fields.ref(primary=True)
    upload: UUID = fields.ref(primary=True)
    row: int = Field(primary_key=True)  # line of the file, the heading is 1
    workspace_id: UUID = fields.ref()
    code: str
    field: str = ""
    detail: str = Field(default="", sa_type=Text)

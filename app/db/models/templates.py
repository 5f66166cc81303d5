"""Templates: the form, its frozen versions, and how each account's provider judged them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from app.db.models import fields


class Template(SQLModel, table=True):
    """An approved form, or one on its way there."""

    __table_args__ = (UniqueConstraint("workspace_id", "code"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    code: str
    name: str
    category: str = "info"  # info | ad
    when_unknown: str = "hold"  # hold | resend | fall_back
    retention_class: str = "standard"
    created_at: datetime = fields.at()


class TemplateVersion(SQLModel, table=True):
    """One immutable wording of a template."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "number"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    template_id: UUID = fields.ref("template.id", index=True)
    number: int = 1
    body: dict[str, Any] = fields.json(dict)
    created_at: datetime = fields.at()
    submitted_at: datetime | None = fields.maybe_at()


class TemplateRegistration(SQLModel, table=True):
    """A version at one sender key of one account: four separate axes, as the messenger has them."""

    __tablename__ = "template_registration"
    __table_args__ = (
        UniqueConstraint("sender_id", "version_id"),
        Index("ix_template_registration_due", "due_at"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    account_id: UUID = fields.ref("provider_account.id")
    sender_id: UUID = fields.ref("sender.id")
    version_id: UUID = fields.ref("template_version.id", index=True)
    code: str
    inspection: str = "draft"  # draft | registered | in_review | approved | rejected
    usage: str = "waiting"  # waiting | normal | stopped
    blocked: bool = False
    dormant: bool = False
    provider_code: str = ""
    comments: list[str] = fields.json(list)
    error_code: str = ""
    error_text: str = Field(default="")
    due_at: datetime | None = fields.maybe_at()  # when to submit or ask again
    checked_at: datetime | None = fields.maybe_at()
    created_at: datetime = fields.at()

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
    stopped_at: datetime | None = fields.maybe_at()  # by us: nothing leaves with any version


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
    code: str  # the provider's: each version that was ever approved there has its own
    inspection: str = "draft"  # draft | registered | in_review | approved | rejected
    usage: str = "waiting"  # waiting | normal | stopped
    blocked: bool = False
    dormant: bool = False
    provider_code: str = ""
    comments: list[dict[str, Any]] = fields.json(list)  # as services.reviews.dump writes them
    action: str = ""  # what is to be asked of the provider next: submit, or a ReviewAction
    action_text: str = ""
    edits_id: UUID | None = fields.maybe_ref()  # the rejected registration whose code it takes over
    error_code: str = ""
    error_text: str = Field(default="")
    due_at: datetime | None = fields.maybe_at()  # when to submit or ask again
    checked_at: datetime | None = fields.maybe_at()
    created_at: datetime = fields.at()


class Picture(SQLModel, table=True):
    """A picture that templates of the workspace show, by name."""

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    name: str
    media_type: str  # image/jpeg, image/png
    width: int
    height: int
    size: int  # bytes
    digest: bytes  # SHA-256 of data
    data: bytes
    created_at: datetime = fields.at()


class PictureUpload(SQLModel, table=True):
    """What an account's provider calls a picture it was given."""

    __tablename__ = "picture_upload"
    __table_args__ = (
        UniqueConstraint("account_id", "picture_id", "use"),
        Index("ix_picture_upload_due", "due_at"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    account_id: UUID = fields.ref("provider_account.id")
    picture_id: UUID = fields.ref("picture.id")
    use: str  # channels.vocabulary.PictureUse
    provider_name: str = ""  # empty until it was given
    provider_url: str = ""
    expires_at: datetime | None = fields.maybe_at()
    due_at: datetime | None = fields.maybe_at()  # when to give it, again
    error_code: str = ""
    error_text: str = ""
    created_at: datetime = fields.at()

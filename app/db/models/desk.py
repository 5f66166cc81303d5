"""What consultations are worked with: channels' settings, presence, teams, labels, bots, files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from app.db.models import fields


class ConsultChannel(SQLModel, table=True):
    """How one chat sender is staffed; without a row the defaults hold."""

    __tablename__ = "consult_channel"
    sender_id: UUID = fields.ref("sender.id", primary=True)
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    bot_id: UUID | None = fields.maybe_ref()
    weekly: dict[str, Any] = fields.json(dict)  # {"mon": [["09:00", "12:00"], …]}; {} = always open
    exceptions: dict[str, Any] = fields.json(dict)  # {"2026-12-25": []}: that day's own intervals
    automatic: str = "naru"  # naru | hub: who says the two texts below
    greeting: str = Field(default="", sa_type=Text)
    away: str = Field(default="", sa_type=Text)
    reopen_h: float = 24.0  # a resolved case comes back within it; 0 = never
    first_reply_s: int = 300  # the aim, in time of open hours
    updated_at: datetime = fields.at()


class Presence(SQLModel, table=True):
    """Whether a person takes consultations now, and how many at once."""

    workspace_id: UUID = fields.ref(primary=True)
    staff_id: UUID = fields.ref(primary=True)
    state: str = "away"  # active | away
    capacity: int = 5
    seen_at: datetime = fields.at()
    changed_at: datetime = fields.at()
    assigned_at: datetime | None = fields.maybe_at()  # of two with the same load, who waits longer


class Team(SQLModel, table=True):
    """A group that cases can be given to."""

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    name: str
    created_at: datetime = fields.at()


class TeamStaff(SQLModel, table=True):
    """Who is in a team."""

    __tablename__ = "team_staff"
    team_id: UUID = fields.ref("team.id", primary=True)
    staff_id: UUID = fields.ref("staff.id", primary=True)


class Label(SQLModel, table=True):
    """A word that cases are sorted by."""

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    name: str
    created_at: datetime = fields.at()


class CaseLabel(SQLModel, table=True):
    """A label on a case."""

    __tablename__ = "case_label"
    case_id: UUID = fields.ref("case.id", primary=True)
    label_id: UUID = fields.ref("label.id", primary=True, index=True)


class CannedReply(SQLModel, table=True):
    """A text staff often write; ``#{name}`` in it is filled when it is used."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("workspace_id", "shortcut"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    shortcut: str
    text: str = Field(sa_type=Text)
    updated_at: datetime = fields.at()


class Bot(SQLModel, table=True):
    """Who answers first: rules in a file, or a skill server outside."""

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    name: str
    kind: str  # rules | skill
    rules: str = Field(default="", sa_type=Text)  # TOML
    sealed: bytes = b""  # a skill's address and secret
    state: str = "active"  # active | off
    created_at: datetime = fields.at()


class BotTurn(SQLModel, table=True):
    """One line of a customer that a bot must answer; a promised later answer has a callback."""

    __tablename__ = "bot_turn"
    __table_args__ = (
        fields.partial("ix_bot_turn_due", "due_at", where="due_at IS NOT NULL"),
        UniqueConstraint("chat_message_id", "bot_id"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    bot_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id", index=True)
    case_id: UUID = fields.ref("case.id")
    chat_message_id: UUID = fields.ref()
    epoch: int  # of the case when the customer wrote: an answer for an older one is refused
    state: str = "waiting"  # waiting | promised | answered | refused | failed
    tries: int = 0
    due_at: datetime | None = fields.maybe_at()
    callback_hash: bytes | None = Field(default=None, unique=True)
    callback_until: datetime | None = fields.maybe_at()
    error: str = ""
    created_at: datetime = fields.at()


class Attachment(SQLModel, table=True):
    """A picture or file of a conversation; its bytes are in AttachmentData, sealed."""

    __table_args__ = (
        Index("ix_attachment_thread", "thread_id"),
        Index("ix_attachment_line", "chat_message_id"),
        fields.partial("ix_attachment_due", "due_at", where="due_at IS NOT NULL"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id")
    chat_message_id: UUID | None = fields.maybe_ref()
    direction: str  # in | out
    sealed: bytes  # {"name": …, "source_url": …, "hub_url": …}
    media_type: str = ""  # found in the bytes, not what somebody called it
    size: int = 0
    digest: bytes | None = None
    state: str = "pending"  # pending | stored | failed | purged
    error: str = ""
    tries: int = 0
    due_at: datetime | None = fields.maybe_at()
    created_at: datetime = fields.at()


class AttachmentData(SQLModel, table=True):
    """The bytes, sealed like a row of their own."""

    __tablename__ = "attachment_data"
    attachment_id: UUID = fields.ref("attachment.id", primary=True)
    sealed: bytes


class ChatGram(SQLModel, table=True):
    """Keyed hashes of letter pairs: a conversation is found by its words without their text."""

    __tablename__ = "chat_gram"
    __table_args__ = {"sqlite_with_rowid": False}
    workspace_id: UUID = fields.ref(primary=True)
    gram: bytes = Field(primary_key=True)  # 8 bytes
    line_id: UUID = fields.ref(primary=True)  # a chat message's: in the order they were written

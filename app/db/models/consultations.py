"""Consultation: thread (the room), chat session (write permit), case (work), chat message."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel, UniqueConstraint

from app.db.models import fields


class Thread(SQLModel, table=True):
    """The endless room of one customer on one channel."""

    __tablename__ = "consult_thread"
    __table_args__ = (UniqueConstraint("sender_id", "user_key_hash"),)
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    account_id: UUID = fields.ref("provider_account.id")
    sender_id: UUID = fields.ref("sender.id")
    user_key_hash: bytes
    sealed: bytes  # the messenger's user key
    last_seq: int = 0
    unread: int = 0
    notice_id: UUID | None = fields.maybe_ref()  # the message a waiting token names
    created_at: datetime = fields.at()
    last_in_at: datetime | None = fields.maybe_at()
    last_out_at: datetime | None = fields.maybe_at()


class ChatSession(SQLModel, table=True):
    """The messenger's write permit: only the customer opens it."""

    __tablename__ = "chat_session"
    __table_args__ = (
        fields.partial("ux_chat_session_open", "thread_id", where="ended_at IS NULL", unique=True),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id", index=True)
    platform_session: str = ""
    opened_at: datetime = fields.at()
    expires_at: datetime = fields.at()
    ended_at: datetime | None = fields.maybe_at()
    end_reason: str | None = None


class Case(SQLModel, table=True):
    """One piece of work inside a thread. Who writes must hold its ``epoch``."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        fields.partial("ux_case_open", "thread_id", where="state <> 'resolved'", unique=True),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id", index=True)
    number: int
    state: str = "queued"  # bot | queued | assigned | waiting | snoozed | resolved
    owner_kind: str = "none"  # bot | none | agent
    owner: str = ""
    epoch: int = 1
    opened_by: str = "customer"  # customer | notice | agent | bot
    notice_id: UUID | None = fields.maybe_ref()
    waiting_since: datetime | None = fields.maybe_at()
    first_human_reply_at: datetime | None = fields.maybe_at()
    resolved_at: datetime | None = fields.maybe_at()
    created_at: datetime = fields.at()


class ChatMessage(SQLModel, table=True):
    """One line of the thread."""

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("thread_id", "seq"),
        UniqueConstraint("thread_id", "client_key"),
        fields.partial("ix_chat_message_due", "due_at", where="due_at IS NOT NULL"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id")
    seq: int
    chat_session_id: UUID | None = fields.maybe_ref()
    case_id: UUID | None = fields.maybe_ref()
    author_kind: str  # customer | agent | bot | system
    author: str = ""
    kind: str  # text | image | video | file | event | unsupported
    sealed: bytes
    client_key: str | None = None
    inbound_id: UUID | None = fields.maybe_ref()
    notice_id: UUID | None = fields.maybe_ref()
    link_confidence: float | None = None
    status: str = "stored"  # stored | queued | sending | sent | unknown | failed
    reason: str | None = None
    code: str = ""
    tries: int = 0
    due_at: datetime | None = fields.maybe_at()
    platform_at: datetime | None = fields.maybe_at()
    created_at: datetime = fields.at()


class InboundEvent(SQLModel, table=True):
    """A consultation callback as it came; deduplicated before anything is decided."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        UniqueConstraint("account_id", "dedupe_key"),
        fields.partial("ix_inbound_event_due", "due_at", where="due_at IS NOT NULL"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    account_id: UUID = fields.ref()
    kind: str
    dedupe_key: str
    sealed: bytes
    received_at: datetime = fields.at()
    due_at: datetime | None = fields.maybe_at()
    tries: int = 0
    error: str = ""

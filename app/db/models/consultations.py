"""Consultation: thread (the room), chat session (write permit), case (work), chat message."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel, UniqueConstraint

from app.db.models import fields


class Thread(SQLModel, table=True):
    """The endless room of one customer on one channel."""

    __tablename__ = "consult_thread"
    __table_args__ = (
        UniqueConstraint("sender_id", "user_key_hash"),
        fields.partial(
            "ix_consult_thread_number",
            "workspace_id",
            "number_hash",
            where="number_hash IS NOT NULL",
        ),
        fields.partial(
            "ix_consult_thread_last4", "workspace_id", "last4_hash", where="last4_hash IS NOT NULL"
        ),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    account_id: UUID = fields.ref("provider_account.id")
    sender_id: UUID = fields.ref("sender.id")
    user_key_hash: bytes
    sealed: bytes  # the messenger's user key; name and number once they are known
    number_hash: bytes | None = None  # learnt from the notice whose button was pressed
    last4_hash: bytes | None = None  # with it
    blocked_at: datetime | None = fields.maybe_at()
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
        fields.partial("ix_case_queue", "workspace_id", "waiting_since", where="state = 'queued'"),
        fields.partial("ix_case_owner", "workspace_id", "owner_id", where="state <> 'resolved'"),
        fields.partial("ix_case_state", "workspace_id", "state", where="state <> 'resolved'"),
        fields.partial("ix_case_notice", "notice_id", where="notice_id IS NOT NULL"),
        fields.partial("ix_case_snoozed", "snooze_until", where="state = 'snoozed'"),
        fields.partial(
            "ix_case_unclocked",
            "handed_at",
            where="due_first_at IS NULL AND handed_at IS NOT NULL AND state <> 'resolved'",
        ),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    thread_id: UUID = fields.ref("consult_thread.id", index=True)
    number: int
    mode: str = "live"  # live | sandbox: its account's, so that lists and sums need no join
    state: str = "queued"  # bot | queued | assigned | waiting | snoozed | resolved
    owner_kind: str = "none"  # bot | none | agent
    owner: str = ""  # the name that is shown
    owner_id: UUID | None = fields.maybe_ref()  # of staff or bot; None = a name from the API
    before_id: UUID | None = fields.maybe_ref()  # of staff: who owned it last; preferred again
    passed_id: UUID | None = fields.maybe_ref()  # of staff: who gave it away; not given it back
    team_id: UUID | None = fields.maybe_ref()
    priority: int = 1  # 0 urgent | 1 normal | 2 low
    reopens: int = 0
    epoch: int = 1
    opened_by: str = "customer"  # customer | notice | agent | bot
    notice_id: UUID | None = fields.maybe_ref()
    waiting_since: datetime | None = fields.maybe_at()
    first_human_reply_at: datetime | None = fields.maybe_at()
    menu: str = ""  # the voice menu that sent the notice
    bot_sealed: bytes | None = None  # where the customer is in a bot's menu
    handed_at: datetime | None = fields.maybe_at()  # since when a person is needed
    due_first_at: datetime | None = fields.maybe_at()  # first reply, counted in open hours
    snooze_until: datetime | None = fields.maybe_at()
    resolved_at: datetime | None = fields.maybe_at()
    resolve_reason: str = ""
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
    # text | image | video | audio | file | link | emoticon | card | note | event | unsupported
    kind: str
    sealed: bytes
    client_key: str | None = None
    inbound_id: UUID | None = fields.maybe_ref()
    notice_id: UUID | None = fields.maybe_ref()
    link_confidence: float | None = None
    link_how: str = ""  # button | earlier | forwarded | label
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
        fields.partial("ix_inbound_event_lane", "account_id", "lane", where="due_at IS NOT NULL"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref()
    account_id: UUID = fields.ref()
    kind: str
    dedupe_key: str
    lane: bytes | None = None  # whose it is: one customer's events are applied in their order
    sealed: bytes
    received_at: datetime = fields.at()
    due_at: datetime | None = fields.maybe_at()
    tries: int = 0
    error: str = ""

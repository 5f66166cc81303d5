"""What the console and consultations need: staff and logins, and the tools of an inbox."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Id, Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _members()
    _consultations()
    _tables()
    _messages()


def _messages() -> None:
    """Looks by what people have in hand, newest first; all are written once, at accept."""
    op.drop_index("ix_message_reference", table_name="message")
    op.drop_index("ix_message_number", table_name="message")
    for name in ("reference", "number_hash", "last4_hash"):
        index = f"ix_message_{name.removesuffix('_hash')}"
        op.create_index(index, "message", ["workspace_id", name, "id"])


def _members() -> None:
    # a member without a number is one who only logs in
    with op.batch_alter_table("member") as batch:
        batch.alter_column("number_sealed", existing_type=sa.LargeBinary(), nullable=True)
        batch.alter_column("number_hash", existing_type=sa.LargeBinary(), nullable=True)
        batch.add_column(sa.Column("staff_id", Id(), nullable=True))
        batch.add_column(sa.Column("role", sa.String(), nullable=False, server_default=""))
        batch.create_unique_constraint("uq_member_staff", ["workspace_id", "staff_id"])
    op.create_index("ix_member_staff_id", "member", ["staff_id"])


def _consultations() -> None:
    text, binary = sa.String(), sa.LargeBinary()
    for table, column in (
        ("consult_thread", sa.Column("number_hash", binary, nullable=True)),
        ("consult_thread", sa.Column("last4_hash", binary, nullable=True)),
        ("consult_thread", sa.Column("blocked_at", Utc(), nullable=True)),
        ("case", sa.Column("owner_id", Id(), nullable=True)),
        ("case", sa.Column("before_id", Id(), nullable=True)),
        ("case", sa.Column("passed_id", Id(), nullable=True)),
        ("case", sa.Column("team_id", Id(), nullable=True)),
        ("case", sa.Column("mode", text, nullable=False, server_default="live")),
        ("case", sa.Column("priority", sa.Integer(), nullable=False, server_default="1")),
        ("case", sa.Column("reopens", sa.Integer(), nullable=False, server_default="0")),
        ("case", sa.Column("menu", text, nullable=False, server_default="")),
        ("case", sa.Column("bot_sealed", binary, nullable=True)),
        ("message", sa.Column("menu", text, nullable=True)),
        ("case", sa.Column("handed_at", Utc(), nullable=True)),
        ("case", sa.Column("due_first_at", Utc(), nullable=True)),
        ("case", sa.Column("snooze_until", Utc(), nullable=True)),
        ("case", sa.Column("resolve_reason", text, nullable=False, server_default="")),
        ("chat_message", sa.Column("link_how", text, nullable=False, server_default="")),
    ):
        op.add_column(table, column)
    _partial(
        "ix_consult_thread_number",
        "consult_thread",
        ["workspace_id", "number_hash"],
        "number_hash IS NOT NULL",
    )
    _partial(
        "ix_consult_thread_last4",
        "consult_thread",
        ["workspace_id", "last4_hash"],
        "last4_hash IS NOT NULL",
    )
    _partial("ix_case_notice", "case", ["notice_id"], "notice_id IS NOT NULL")
    _partial("ix_case_queue", "case", ["workspace_id", "waiting_since"], "state = 'queued'")
    _partial("ix_case_owner", "case", ["workspace_id", "owner_id"], "state <> 'resolved'")
    _partial("ix_case_state", "case", ["workspace_id", "state"], "state <> 'resolved'")
    _partial("ix_case_snoozed", "case", ["snooze_until"], "state = 'snoozed'")
    _partial(
        "ix_case_unclocked",
        "case",
        ["handed_at"],
        "due_first_at IS NULL AND handed_at IS NOT NULL AND state <> 'resolved'",
    )
    op.execute(
        "UPDATE \"case\" SET mode = 'sandbox' WHERE thread_id IN (SELECT t.id FROM "
        "consult_thread t JOIN provider_account a ON a.id = t.account_id WHERE a.mode = 'sandbox')"
    )
    op.execute("UPDATE chat_message SET link_how = 'button' WHERE link_confidence = 1.0")
    op.execute("UPDATE chat_message SET link_how = 'earlier' WHERE link_confidence = 0.8")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)


def _tables() -> None:
    op.create_table(
        "staff",
        sa.Column("id", Id(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=True),
        sa.Column("link_until", Utc(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("disabled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link_hash"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "login",
        sa.Column("id", Id(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_login_staff_id", "login", ["staff_id"])
    op.create_table(
        "login_failure",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "access_log",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", Id(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_access_log_list", "access_log", ["workspace_id", "id"])
    op.create_table(
        "consult_channel",
        sa.Column("sender_id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("bot_id", Id(), nullable=True),
        sa.Column("weekly", sa.JSON(), nullable=False),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.Column("automatic", sa.String(), nullable=False),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("away", sa.Text(), nullable=False),
        sa.Column("reopen_h", sa.Float(), nullable=False),
        sa.Column("first_reply_s", sa.Integer(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("sender_id"),
    )
    op.create_index("ix_consult_channel_workspace_id", "consult_channel", ["workspace_id"])
    op.create_table(
        "presence",
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("assigned_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "staff_id"),
    )
    op.create_table(
        "team",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "team_staff",
        sa.Column("team_id", Id(), nullable=False),
        sa.Column("staff_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("team_id", "staff_id"),
    )
    op.create_table(
        "label",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "case_label",
        sa.Column("case_id", Id(), nullable=False),
        sa.Column("label_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"]),
        sa.PrimaryKeyConstraint("case_id", "label_id"),
    )
    op.create_index("ix_case_label_label_id", "case_label", ["label_id"])
    op.create_table(
        "canned_reply",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("shortcut", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "shortcut"),
    )
    op.create_table(
        "bot",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "bot_turn",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("bot_id", Id(), nullable=False),
        sa.Column("thread_id", Id(), nullable=False),
        sa.Column("case_id", Id(), nullable=False),
        sa.Column("chat_message_id", Id(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("callback_hash", sa.LargeBinary(), nullable=True),
        sa.Column("callback_until", Utc(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["consult_thread.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chat_message_id", "bot_id"),
        sa.UniqueConstraint("callback_hash"),
    )
    _partial("ix_bot_turn_due", "bot_turn", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_bot_turn_thread_id", "bot_turn", ["thread_id"])
    op.create_table(
        "attachment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("thread_id", Id(), nullable=False),
        sa.Column("chat_message_id", Id(), nullable=True),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["consult_thread.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("ix_attachment_due", "attachment", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_attachment_thread", "attachment", ["thread_id"])
    op.create_index("ix_attachment_line", "attachment", ["chat_message_id"])
    op.create_table(
        "attachment_data",
        sa.Column("attachment_id", Id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"]),
        sa.PrimaryKeyConstraint("attachment_id"),
    )
    op.create_table(
        "chat_gram",
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("gram", sa.LargeBinary(), nullable=False),
        sa.Column("line_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "gram", "line_id"),
        sqlite_with_rowid=False,
    )

"""What plans, lanes, windows and campaigns need: columns, and four tables."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Id, Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _columns()
    # turns were microseconds; now they count messages, and what waits goes first
    op.execute("UPDATE lot SET turn = 0")
    _indexes()
    _tables()


def _columns() -> None:
    text, number, flag = sa.String(), sa.Integer(), sa.Boolean()
    no, hundred, zero = sa.false(), sa.text("100"), sa.text("0")
    for table, column in (
        ("message", sa.Column("send_window", text, nullable=True)),
        ("message", sa.Column("late_delivery", flag, nullable=False, server_default=no)),
        ("message", sa.Column("acknowledged_at", Utc(), nullable=True)),
        ("attempt", sa.Column("to_name", text, nullable=False, server_default="")),
        ("provider_account", sa.Column("weight", number, nullable=False, server_default=hundred)),
        (
            "provider_account",
            sa.Column("weight_now", number, nullable=False, server_default=hundred),
        ),
        ("provider_account", sa.Column("weight_at", Utc(), nullable=True)),
        ("provider_account", sa.Column("breaker_until", Utc(), nullable=True)),
        (
            "provider_account",
            sa.Column("turn", sa.BigInteger(), nullable=False, server_default=zero),
        ),
    ):
        op.add_column(table, column)


def _indexes() -> None:
    parked, unmatched = "status = 'queued' AND lot_id IS NULL", "unmatched > 0 OR error <> ''"
    op.create_index("ix_call_account", "call", ["account_id", "started_at"])
    op.create_index(
        "ix_attempt_parked",
        "attempt",
        ["workspace_id", "id"],
        postgresql_where=sa.text(parked),
        sqlite_where=sa.text(parked),
    )
    named = sa.text("to_name <> ''")
    op.create_index(
        "ix_attempt_contact",
        "attempt",
        ["to_hash"],
        postgresql_where=named,
        sqlite_where=named,
    )
    op.create_index(
        "ix_receipt_inbox_unmatched",
        "receipt_inbox",
        ["workspace_id", "id"],
        postgresql_where=sa.text(unmatched),
        sqlite_where=sa.text(unmatched),
    )


def _tables() -> None:
    op.create_table(
        "flow",
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("finish", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("sending", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("api_key_id", Id(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("upload", Id(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("skip_refused", sa.Boolean(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_campaign_list", "campaign", ["workspace_id", "id"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_campaign_due", "campaign", ["due_at"], postgresql_where=due, sqlite_where=due
    )
    op.create_table(
        "campaign_chunk",
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("upload", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "upload", "number"),
    )
    op.create_table(
        "campaign_mistake",
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("upload", Id(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "upload", "row"),
    )

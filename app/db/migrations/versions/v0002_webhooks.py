"""Webhook endpoints and deliveries as they are used; nothing ever wrote to the first ones."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Id, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_endpoint")
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("resume_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_webhook_endpoint_workspace_id"), "webhook_endpoint", ["workspace_id"], unique=False
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("endpoint_id", Id(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("tried_at", Utc(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint_id", "event_id"),
    )
    op.create_index(
        "ix_webhook_delivery_list", "webhook_delivery", ["endpoint_id", "id"], unique=False
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["endpoint_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )

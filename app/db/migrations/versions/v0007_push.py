"""Push: people whom messages name, and their devices."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Id, Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("message", sa.Column("person_id", Id(), nullable=True))
    op.add_column("attempt", sa.Column("device_id", Id(), nullable=True))
    op.create_table(
        "person",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "mode", "reference"),
    )
    _partial(
        "ix_person_number", "person", ["workspace_id", "number_hash"], "number_hash IS NOT NULL"
    )
    op.create_table(
        "device",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("sender_id", Id(), nullable=False),
        sa.Column("address_kind", sa.String(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("registered_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.Column("gone_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"]),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "address_hash"),
    )
    op.create_index("ix_device_workspace_id", "device", ["workspace_id"])
    _partial("ix_device_person", "device", ["person_id"], "state = 'active'")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)

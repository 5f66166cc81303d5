"""What versions, reviews and pictures of templates need: columns, and two tables."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Id, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    registration, text = "template_registration", sa.String()
    op.add_column("template", sa.Column("stopped_at", Utc(), nullable=True))
    for name in ("action", "action_text"):
        op.add_column(registration, sa.Column(name, text, nullable=False, server_default=""))
    op.add_column(registration, sa.Column("edits_id", Id(), nullable=True))
    # they were plain texts; the next look at the provider brings them again
    op.execute("UPDATE template_registration SET comments = '[]'")
    # a version that no provider has seen was to be submitted
    op.execute("UPDATE template_registration SET action = 'submit' WHERE inspection = 'draft'")
    # there were no drafts: whatever is stored was given to be sent
    op.execute("UPDATE template_version SET submitted_at = created_at WHERE submitted_at IS NULL")
    _pictures()


def _pictures() -> None:
    op.create_table(
        "picture",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "picture_upload",
        sa.Column("id", Id(), nullable=False),
        sa.Column("workspace_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("picture_id", Id(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("provider_url", sa.String(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=True),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error_text", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"]),
        sa.ForeignKeyConstraint(["picture_id"], ["picture.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "picture_id", "use"),
    )
    op.create_index("ix_picture_upload_workspace_id", "picture_upload", ["workspace_id"])
    op.create_index("ix_picture_upload_due", "picture_upload", ["due_at"])

"""What a customer sends is applied in its order, also past a worker that died."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # what came before has no lane: it waits for nobody, as until now
    op.add_column("inbound_event", sa.Column("lane", sa.LargeBinary(), nullable=True))
    waiting = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_inbound_event_lane",
        "inbound_event",
        ["account_id", "lane"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )

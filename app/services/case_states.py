"""States of cases in statements, written out: a prepared plan of PostgreSQL's does not know what a
parameter will hold, so that it could not use the partial indexes.
"""

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import col

from app.db.models import Case

AT_WORK = ("queued", "assigned", "waiting")  # open, of people, not put off
HELD = ("assigned", "waiting")  # what takes a place of its owner's


def is_open() -> ColumnElement[bool]:
    """Not resolved."""
    return col(Case.state) != literal_column("'resolved'")


def is_queued() -> ColumnElement[bool]:
    """Waiting for anybody."""
    return col(Case.state) == literal_column("'queued'")


def is_snoozed() -> ColumnElement[bool]:
    """Put off."""
    return col(Case.state) == literal_column("'snoozed'")

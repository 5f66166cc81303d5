"""The table of transitions: complete, the same as documented, and nothing beside it."""

import re
from itertools import product
from pathlib import Path

import pytest

from app.db import postgres, sqlite
from app.services.states import OPEN, AttemptStatus
from app.services.transitions import (
    ENDED,
    MOVES,
    Event,
    IllegalTransition,
    after,
    may,
    sources,
    target,
)

ROOT = Path(__file__).parents[3]


def test_every_event_has_its_row() -> None:
    assert set(MOVES) == set(Event)


def test_every_status_is_open_or_ended_or_delivered() -> None:
    assert OPEN | ENDED | {AttemptStatus.DELIVERED} == set(AttemptStatus)


def test_an_end_is_left_only_for_a_late_delivery() -> None:
    for status, event in product(ENDED, Event):
        assert may(status, event) == (event is Event.DELIVERED)


def test_nothing_leaves_delivered() -> None:
    assert {target(event) for event in Event if may(AttemptStatus.DELIVERED, event)} == {
        AttemptStatus.DELIVERED
    }


def test_what_may_have_left_is_never_cancelled_expired_or_sent_blindly() -> None:
    for status in (AttemptStatus.SENDING, AttemptStatus.UNKNOWN, AttemptStatus.ACCEPTED):
        for event in (Event.OPENED, Event.CANCELLED, Event.EXPIRED, Event.STOPPED, Event.HELD):
            with pytest.raises(IllegalTransition):
                after(status, event)


def test_the_documented_table_is_this_one() -> None:
    """docs/delivery.md: | event | from | to |."""
    text = (ROOT / "docs" / "delivery.md").read_text()
    table = text.split("<!-- transitions -->")[1].split("<!-- end -->")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\w+) \|", table, re.MULTILINE)[1:]
    written = {event: (set(froms.split(", ")), to) for event, froms, to in rows}
    assert written == {str(e): ({str(s) for s in sources(e)}, str(target(e))) for e in Event}


def test_set_statements_open_what_the_table_opens() -> None:
    """Statements of the store are below this table; they say the same in SQL."""
    for module in (sqlite, postgres):
        text = Path(str(module.__file__)).read_text()
        statement = text.split("async def open_attempts")[1].split("async def ")[0]
        assert f"status = '{target(Event.OPENED)}'" in statement
        (source,) = sources(Event.OPENED)
        assert f"status = '{source}'" in statement


def test_no_other_code_writes_a_status_by_hand() -> None:
    """Whoever sets an attempt's status asks this table."""
    by_hand = re.compile(r"attempt\.status(, attempt\.\w+)* = (?!after\()")
    found = [
        f"{path.name}: {line.strip()}"
        for folder in ("app/services", "scheduler")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if by_hand.search(line)
    ]
    assert found == []

"""Kills in the middle of consultations, on each database: no line lost, no answer sent twice."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.crash import talks
from tests.crash.installation import DATABASES
from tests.crash.nursery import Nursery

KILLS = 10


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with closing(Nursery()) as made:
        yield made


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", DATABASES)
async def test_no_line_is_lost_and_no_answer_sent_twice(
    database: str, nursery: Nursery, capsys: pytest.CaptureFixture[str]
) -> None:
    """At named points and by the clock; app and scheduler, while customers and staff write."""
    found = await talks.run(database, KILLS, 11, nursery)
    with capsys.disabled():
        print(f"\n{database}: {found.told()}")
    assert found.broken() == []
    assert found.kills.total() >= KILLS

"""Thirty kills of the real processes, in three variants at once: nothing lost, nothing doubled."""

import asyncio
from contextlib import closing

import pytest

from tests.crash import report, rounds
from tests.crash.__main__ import SHORT
from tests.crash.nursery import Nursery

KILLS = 10


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_nothing_is_lost_and_nothing_doubled(capsys: pytest.CaptureFixture[str]) -> None:
    """K03, K04, K05, K06, K09: named points and the clock; schedulers, app and command line."""
    with closing(Nursery()) as nursery:
        runs = (rounds.run(variant, KILLS, seed, nursery) for seed, variant in enumerate(SHORT))
        done = await asyncio.gather(*runs)
    with capsys.disabled():
        print("", *(f"{r.variant}: {report.told([report.line_of(r)])}" for r in done), sep="\n")
    assert [round_.broken() for round_ in done] == [[], [], []]
    assert sum(round_.total for round_ in done) >= KILLS * len(SHORT)

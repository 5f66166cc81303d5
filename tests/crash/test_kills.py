"""Thirty kills of the real processes, in three variants at once: nothing lost, nothing doubled."""

import asyncio

import pytest

from tests.crash import report, rounds
from tests.crash.installation import Variant

KILLS = 10
VARIANTS = [
    Variant("sqlite", "look_up"),
    Variant("postgres", "dedupe"),
    Variant("postgres", "blind_resend"),
]


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_nothing_is_lost_and_nothing_doubled(capsys: pytest.CaptureFixture[str]) -> None:
    """Named points and the clock, schedulers, app and command line, two schedulers at once."""
    done = await asyncio.gather(
        *(rounds.run(variant, KILLS, seed) for seed, variant in enumerate(VARIANTS))
    )
    with capsys.disabled():
        print("", *(f"{r.variant}: {report.told([report.line_of(r)])}" for r in done), sep="\n")
    assert [round_.broken() for round_ in done] == [[], [], []]
    assert sum(round_.total for round_ in done) >= KILLS * len(VARIANTS)

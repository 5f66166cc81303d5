"""Sums as callers see them: means and shares only where something can be divided."""

from collections import Counter
from datetime import date
from pathlib import Path

from app.db.models.fields import now as clock
from app.services import consult_stats
from app.services.clock import korean_day
from app.services.stats import Days
from tests.app.services.desks import desk


def test_means_and_shares() -> None:
    sums = Counter(
        waits=4, wait_s=90, first_replies=2, first_in_aim=1, first_reply_s=61, resolutions=1,
        resolution_s=600, bot_contained=3, bot_handed=1,
    )  # fmt: skip
    shown = consult_stats.show(sums)
    assert (shown["wait_mean_s"], shown["first_reply_mean_s"]) == (22.5, 30.5)
    assert (shown["resolution_mean_s"], shown["first_in_aim_share"]) == (600.0, 0.5)
    assert (shown["bot_containment"], shown["opened"]) == (0.75, 0)
    nothing = consult_stats.show(Counter())
    assert {nothing[name] for name in nothing if name.endswith(("_s", "share", "ment"))} == {None}


async def test_each_mode_sees_its_own_days(tmp_path: Path, migrated: Path) -> None:
    async with desk(tmp_path, migrated) as here:
        await here.talk.hear()
        today = date.fromisoformat(korean_day(clock()))
        days = Days(today, today)
        async with here.talk.runtime.database.read() as session:
            ours = await consult_stats.by_day(session, here.talk.caller(), days)
            live = await consult_stats.by_day(session, here.talk.caller("live"), days)
        assert ours == {today.isoformat(): Counter(opened=1, handed=1)}
        assert live == {today.isoformat(): Counter()}

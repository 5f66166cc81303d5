"""``naru audit``: whether the counters behind the statistics tell what the tables hold."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import click

from app.cli.failures import Failed
from app.cli.output import json_option, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models.fields import now as clock
from app.services import audit as service
from app.services.clock import KST
from app.services.runtime import Runtime

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=DAY, help="Korean day; the oldest when left out.")
@click.option("--to", "last", type=DAY, help="Korean day; today when left out.")
@click.option("--mend", is_flag=True, help="Set what differs to what the tables hold.")
@workspace_option
@json_option
def audit(
    first: datetime | None, last: datetime | None, mend: bool, workspace: str | None, as_json: bool
) -> None:
    """Compare the counters with the messages, day by day. Code 1 when something differs.

    It reads every message of those days: slow on a big store, and in nobody's way.

    예: naru audit --from 2026-11-01 --to 2026-11-30
    """

    async def work(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            oldest = await service.first_day(session, owner.id)
        today = clock().astimezone(KST).date()
        day = first.date() if first else date.fromisoformat(oldest) if oldest else today
        found: list[service.Difference] = []
        while day <= (last.date() if last else today):
            async with runtime.database.read() as session:
                wrong = await service.compare(session, owner.id, day)
            if wrong and mend:
                async with runtime.database.write() as tx:
                    wrong = list(await service.mend(tx, owner.id, day))
            found += wrong
            day += timedelta(days=1)
        return [_shown(one) for one in found]

    rows = on_store(work)
    show_rows(rows, as_json=as_json, empty="모두 맞아요. (All counters are right.)")
    if rows and not mend:
        raise Failed(
            f"맞지 않는 계수가 {len(rows)}개 있어요. "
            f"({len(rows)} counters differ; --mend sets them right.)"
        )


def _shown(one: service.Difference) -> Mapping[str, Any]:
    return {"day": one.day, "name": one.name, "counted": one.counted, "there": one.there}

"""``naru network``: what this installation contacts, and what a closed network refuses of it."""

from collections.abc import Mapping
from typing import Any

import click

from app.cli.failures import Failed, read_settings
from app.cli.output import json_option, show_rows
from app.cli.store import on_store
from app.services import reach
from app.services.runtime import Runtime


@click.command()
@json_option
def network(as_json: bool) -> None:
    """List every place that is contacted: providers, webhooks, bots, the database.

    With NARU_CLOSED_NETWORK, code 1 when something is needed that NARU_ALLOWED_HOSTS does not name.

    예: naru network
    """

    async def work(runtime: Runtime) -> list[Mapping[str, Any]]:
        return [
            {"what": one.what, "name": one.name, "place": one.place, "allowed": one.is_allowed}
            for one in await reach.contacts(runtime)
        ]

    rows = on_store(work)
    show_rows(rows, as_json=as_json, empty="아무 데도 연결하지 않아요. (Nothing is contacted.)")
    refused = [row for row in rows if not row["allowed"]]
    if refused and read_settings().closed_network:
        raise Failed(
            f"허용 목록에 없는 곳이 {len(refused)}개 있어요. NARU_ALLOWED_HOSTS 에 더하거나 계정을 "
            f"끄세요. ({len(refused)} places are not on the list: add them to NARU_ALLOWED_HOSTS, "
            "or disable what needs them.)"
        )
